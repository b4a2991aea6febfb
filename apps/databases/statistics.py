"""How a database was used over time, as OVH counts it."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from apps.inventory import series
from apps.inventory.models import Database
from apps.inventory.series import Use
from apps.ovhapi.client import path_of

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

TYPES: dict[str, "_StrPromise"] = {
    "statement": _("Queries"),
    "statementMeanTime": _("Time a query takes"),
}


def of(database: Database, asked: Any) -> Use:
    """The chart of the type and period in the address (GET …/database/{name}/statistics)."""
    path = path_of("/database/{name}/statistics", name=database.name)
    return series.use_of(database.service, path, types=TYPES, asked=asked)

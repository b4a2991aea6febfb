"""How a hosting was used over time, as OVH counts it."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from apps.inventory import series
from apps.inventory.models import Service
from apps.inventory.series import Use

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

TYPES: dict[str, "_StrPromise"] = {
    "in.httpHits": _("Requests"),
    "in.httpMeanResponseTime": _("Time to answer"),
    "sys.cpuUsage": _("Processor"),
    "sys.workerSpawnOverload": _("Overload"),
    "in.ftpCommands": _("FTP commands"),
    "out.tcpConn": _("Connections outwards"),
}
# The first figure of the answers' status, as OVH groups them.
NAMES: dict[str, "_StrPromise"] = {
    "2xx": _("answered (2xx)"),
    "3xx": _("sent on (3xx)"),
    "4xx": _("not found or refused (4xx)"),
    "5xx": _("failed (5xx)"),
}


def of(service: Service, asked: Any) -> Use:
    """The chart of the type and period in the address (GET …/statistics)."""
    return series.use_of(service, "/statistics", types=TYPES, asked=asked, names=NAMES)

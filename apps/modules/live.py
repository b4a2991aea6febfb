"""What open pages of modules are told."""

from collections.abc import Iterable

from apps.modules import views
from apps.operations import happening
from apps.operations.live import Asked, Fragment, address_of, page
from apps.operations.models import Operation


@page("modules.index")
def index(asked: Asked, changed: list[Operation]) -> Iterable[Fragment]:
    """The column, and the list when a module changed or the catalogue has come."""
    yield from happening.fragments(asked)
    if asked.service is not None and happening.touches(asked, changed, "modules"):
        context = views.listed(asked.request, asked.service, address_of(asked.request))
        yield Fragment("modules/_list.html", {**context, **_frame(asked)})


@page("modules.catalogue")
def catalogue(asked: Asked, _changed: list[Operation]) -> Iterable[Fragment]:
    """The column, and the catalogue when it was read anew."""
    yield from happening.fragments(asked)
    if asked.service is not None and asked.is_fresh:
        context = views.on_offer(asked.request, asked.service, address_of(asked.request))
        yield Fragment("modules/_catalogue.html", {**context, **_frame(asked)})


def _frame(asked: Asked) -> dict[str, object]:
    return {"service": asked.service, "team": asked.request.member.team}

"""What an open list of domains is told."""

from collections.abc import Iterable

from apps.domains import actions, views
from apps.operations import happening
from apps.operations.asking import can
from apps.operations.live import Asked, Fragment, page
from apps.operations.models import Operation


@page("domains.index")
def index(asked: Asked, changed: list[Operation]) -> Iterable[Fragment]:
    """The column, and the list when a domain changed."""
    yield from happening.fragments(asked)
    if asked.service is not None and happening.touches(asked, changed, "domains"):
        context = {
            "service": asked.service,
            "domains": views.rows(asked.service),
            "can": can(asked.request, actions.ATTACH, actions.DETACH),
            "team": asked.request.member.team,
        }
        yield Fragment("domains/_list.html", context)

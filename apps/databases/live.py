"""What an open list of databases is told."""

from collections.abc import Iterable

from apps.databases import views
from apps.operations import happening
from apps.operations.live import Asked, Fragment, page
from apps.operations.models import Operation


@page("databases.index")
def index(asked: Asked, changed: list[Operation]) -> Iterable[Fragment]:
    """The column, and the list when a database or a backup of one changed."""
    yield from happening.fragments(asked)
    is_touched = happening.touches(asked, changed, "databases", "backups")
    if asked.service is not None and is_touched:
        context = {
            "service": asked.service,
            "databases": views.rows(asked.service),
            "can": views.allowed(asked.request),
            "team": asked.request.member.team,
        }
        yield Fragment("databases/_list.html", context)

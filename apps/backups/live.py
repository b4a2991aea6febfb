"""What an open list of backups is told."""

from collections.abc import Iterable

from apps.backups import views
from apps.operations import happening
from apps.operations.live import Asked, Fragment, address_of, page
from apps.operations.models import Operation


@page("backups.index")
def index(asked: Asked, changed: list[Operation]) -> Iterable[Fragment]:
    """The column, and the newest dumps when one was made or its database changed."""
    yield from happening.fragments(asked)
    is_touched = happening.touches(asked, changed, "backups", "databases")
    if asked.service is not None and is_touched:
        listed = views.listed(asked.request, asked.service, address_of(asked.request))
        context = {**listed, "service": asked.service, "team": asked.request.member.team}
        yield Fragment("backups/_list.html", context)
        if listed["databases"]:
            yield Fragment("backups/_strips.html", context)

"""What open pages of databases are told."""

from collections.abc import Iterable

from django.http import Http404

from apps.databases import views
from apps.operations import happening
from apps.operations.live import Asked, Fragment, address_of, page
from apps.operations.models import Operation


@page("databases.index")
def index(asked: Asked, changed: list[Operation]) -> Iterable[Fragment]:
    """The column, and the list when a database or a backup of one changed."""
    yield from happening.fragments(asked)
    if asked.service is not None and happening.touches(asked, changed, "databases", "backups"):
        context = views.listed(asked.request, asked.service, address_of(asked.request))
        yield Fragment("databases/_list.html", {**context, **_frame(asked)})


@page("databases.detail")
def detail(asked: Asked, changed: list[Operation]) -> Iterable[Fragment]:
    """The column, and what the page says of its database."""
    yield from happening.fragments(asked)
    if asked.service is None or not happening.touches(asked, changed, "databases", "backups"):
        return
    try:
        context = views.about(asked.request, asked.service, asked.about, address_of(asked.request))
    except Http404:  # it was deleted; the column says so
        return
    for part in ("_facts", "_use", "_copies"):
        yield Fragment(f"databases/{part}.html", {**context, **_frame(asked)})


def _frame(asked: Asked) -> dict[str, object]:
    return {"service": asked.service, "team": asked.request.member.team}

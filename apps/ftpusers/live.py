"""What open pages of users are told."""

from collections.abc import Iterable

from django.http import Http404

from apps.ftpusers import views
from apps.operations import happening
from apps.operations.live import Asked, Fragment, address_of, page
from apps.operations.models import Operation


@page("ftpusers.index")
def index(asked: Asked, changed: list[Operation]) -> Iterable[Fragment]:
    """The column, and the list when a user changed."""
    yield from happening.fragments(asked)
    if asked.service is not None and happening.touches(asked, changed, "ftpusers"):
        context = views.listed(asked.request, asked.service, address_of(asked.request))
        yield Fragment("ftpusers/_list.html", {**context, **_frame(asked)})


@page("ftpusers.detail")
def detail(asked: Asked, changed: list[Operation]) -> Iterable[Fragment]:
    """The column, and what the page says of its user."""
    yield from happening.fragments(asked)
    if asked.service is None or not happening.touches(asked, changed, "ftpusers"):
        return
    try:
        context = views.about(asked.request, asked.service, asked.about)
    except Http404:  # it was deleted; the column says so
        return
    for part in ("_facts", "_ways"):
        yield Fragment(f"ftpusers/{part}.html", {**context, **_frame(asked)})


def _frame(asked: Asked) -> dict[str, object]:
    return {"service": asked.service, "team": asked.request.member.team}

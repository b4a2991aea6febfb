"""What open pages of domains are told."""

from collections.abc import Iterable

from django.http import Http404

from apps.domains import certificate_live, views  # noqa: F401  # `certificate_live` registers a page
from apps.operations import happening
from apps.operations.live import Asked, Fragment, page
from apps.operations.models import Operation


@page("domains.index")
def index(asked: Asked, changed: list[Operation]) -> Iterable[Fragment]:
    """The column, and the list when a domain changed."""
    yield from happening.fragments(asked)
    if asked.service is not None and happening.touches(asked, changed, "domains"):
        yield Fragment("domains/_list.html", {**views.listed(asked.request, asked.service), **_frame(asked)})


@page("domains.detail")
def detail(asked: Asked, changed: list[Operation]) -> Iterable[Fragment]:
    """The column, and what the page says of its domain."""
    yield from happening.fragments(asked)
    if asked.service is None or not happening.touches(asked, changed, "domains"):
        return
    try:
        context = views.about(asked.request, asked.service, asked.about)
    except Http404:  # it was detached; the column says so
        return
    for part in ("_facts", "_points"):
        yield Fragment(f"domains/{part}.html", {**context, **_frame(asked)})


def _frame(asked: Asked) -> dict[str, object]:
    return {"service": asked.service, "team": asked.request.member.team}

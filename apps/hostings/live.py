"""What the open page of a hosting is told."""

from collections.abc import Iterable

from apps.hostings import views
from apps.operations import happening
from apps.operations.live import Asked, Fragment, address_of, page
from apps.operations.models import Operation


@page("hostings.detail")
def detail(asked: Asked, changed: list[Operation]) -> Iterable[Fragment]:
    """The column, and what the page says of the hosting."""
    yield from happening.fragments(asked)
    if asked.service is None or not happening.touches(asked, changed, "hostings"):
        return
    context = views.about(asked.request, asked.service, address_of(asked.request))
    for part in ("_facts", "_use"):
        yield Fragment(
            f"hostings/{part}.html", {**context, "service": asked.service, "team": asked.request.member.team}
        )

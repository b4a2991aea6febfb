"""What an open page of certificates is told."""

from collections.abc import Iterable

from apps.domains import certificate_views as views
from apps.domains import coverage
from apps.operations import happening
from apps.operations.live import Asked, Fragment, address_of, page
from apps.operations.models import Operation


@page("domains.ssl")
def index(asked: Asked, changed: list[Operation]) -> Iterable[Fragment]:
    """The column, and the certificates when something of a domain changed or was read or looked at."""
    yield from happening.fragments(asked)
    if asked.service is None or not happening.touches(asked, changed, "domains"):
        return
    context = views.listed(asked.request, asked.service, address_of(asked.request))
    for part in ("_certificate", "_domains"):
        yield Fragment(
            f"domains/ssl/{part}.html", {**context, "service": asked.service, "team": asked.request.member.team}
        )


@page("domains.ssl_issue")
def issue(asked: Asked, changed: list[Operation]) -> Iterable[Fragment]:
    """What speaks for and against asking, when more of it is known."""
    if asked.service is None or not happening.touches(asked, changed, "domains"):
        return
    domain = coverage.attached(asked.service).filter(domain=asked.about).first() if asked.about else None
    if domain is None and asked.about:  # it was detached
        return
    yield Fragment("domains/ssl/_checks.html", views.before(asked.service, domain))

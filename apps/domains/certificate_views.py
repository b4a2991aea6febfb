"""The certificates of a hosting: what is covered, what domains really show, and what can be done about it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from apps.domains import certificate_forms, certificates, coverage, probes
from apps.inventory import answers, frame
from apps.inventory.models import Answer, AttachedDomain, Service
from apps.operations import happening, live
from apps.operations.asking import ask, can
from apps.operations.registry import Action
from apps.teams.access import TeamRequest, team_view
from apps.ui.asked import clean
from apps.ui.pagination import paginate

EVERY = (
    certificates.ORDER, certificates.IMPORT, certificates.REGENERATE, certificates.DELETE, certificates.DOMAIN_ORDER,
    certificates.DOMAIN_REGENERATE, certificates.DOMAIN_DELETE,
)  # fmt: skip


@team_view
def index(request: TeamRequest, service_name: str) -> HttpResponse:
    """The hosting's certificate, and each domain's."""
    service = frame.find_service(request.member, service_name)
    shown = listed(request, service)
    context = {
        **frame.of(request, service, "ssl"),
        **happening.of(request, service, "domains.ssl", is_waiting=shown["is_waiting"]),
        **shown,
    }
    return render(request, "domains/ssl/index.html", context)


def listed(request: TeamRequest, service: Service, asked: Any = None) -> dict[str, Any]:
    """What the page shows; `asked`: the parameters of its address."""
    asked = request.GET if asked is None else asked
    page = paginate(clean(asked.get("page", "")), coverage.attached(service), coverage.PER_PAGE)
    domains, missing = list(page), coverage.uncovered(service)
    own = coverage.owns(service, [*domains, *missing])
    rows = coverage.rows(service, domains, own)
    looks = [row.look.state for row in rows if row.look]
    answer = _report(service)
    return {
        "page": page,
        "rows": rows,
        "waiting": [each.domain for each in missing if own[each.domain].state == "none"],
        "ssl_count": len(coverage.with_ssl(service)),
        "issued": coverage.issued(service),
        "most_a_week": coverage.MOST_A_WEEK,
        "lately": coverage.lately(service),
        "report": coverage.report(answer.data) if answer else [],
        "report_number": answer.data.get("providerOrderId") if answer and isinstance(answer.data, dict) else "",
        "can": can(request, *EVERY),
        "is_regenerable": certificate_forms.is_possible(service),
        "looks_are_on": settings.PROBE,
        "is_demo": settings.MODE == "demo",
        "trouble": sum(state == "bad" for state in looks),
        "is_waiting": (answer is not None and answer.read_at is None)
        or "waiting" in looks
        or any(each.state == "unknown" for each in own.values()),
    }


def _report(service: Service) -> Answer | None:
    """OVH's report on the authority's checks, for a certificate that has one."""
    if not service.raw_ssl.get("isReportable"):
        return None
    return answers.of(service, "/ssl/report", fresh_for=coverage.REPORT_FRESH)


@require_POST
@team_view
def look(request: TeamRequest, service_name: str) -> HttpResponse:
    """Look again at what the domains of a page show."""
    service = frame.find_service(request.member, service_name)
    number = clean(request.POST.get("page", ""))
    page = paginate(number, coverage.attached(service), coverage.PER_PAGE)
    probes.want([each for each in page if each.ssl is not False], fresh_for=probes.AT_ONCE)
    if settings.PROBE:
        messages.success(request, _("Looking again at the domains of this page."))
    then = _page_of(request, service)
    return redirect(f"{then}?page={page.number}" if page.number > 1 else then)


@team_view
def order(request: TeamRequest, service_name: str) -> HttpResponse:
    """A free certificate for the hosting."""
    return _ask(request, certificates.ORDER, service_name, "domains/ssl/issue.html", checked=True)


@team_view
def regenerate(request: TeamRequest, service_name: str) -> HttpResponse:
    """The hosting's certificate anew, with every domain that points here by then."""
    return _ask(request, certificates.REGENERATE, service_name, "domains/ssl/issue.html", checked=True)


@team_view
@sensitive_post_parameters("private_key")
def import_own(request: TeamRequest, service_name: str) -> HttpResponse:
    """A certificate of one's own, checked before it is sent."""
    return _ask(request, certificates.IMPORT, service_name, "domains/ssl/import.html")


@team_view
def delete(request: TeamRequest, service_name: str) -> HttpResponse:
    """Delete the hosting's certificate: asks for the hosting's name."""
    service = frame.find_service(request.member, service_name)
    return _ask(request, certificates.DELETE, service_name, "domains/ssl/delete.html", expected_name=service.name)


@team_view
def domain_order(request: TeamRequest, service_name: str, domain: str) -> HttpResponse:
    """A certificate for one domain alone."""
    return _ask(request, certificates.DOMAIN_ORDER, service_name, "domains/ssl/issue.html", domain, checked=True)


@team_view
def domain_regenerate(request: TeamRequest, service_name: str, domain: str) -> HttpResponse:
    """The certificate of one domain anew."""
    return _ask(request, certificates.DOMAIN_REGENERATE, service_name, "domains/ssl/issue.html", domain, checked=True)


@team_view
def domain_delete(request: TeamRequest, service_name: str, domain: str) -> HttpResponse:
    """Delete the certificate a domain has for itself: asks for the domain's name."""
    return _ask(
        request, certificates.DOMAIN_DELETE, service_name, "domains/ssl/delete.html", domain, expected_name=domain
    )


def _ask(
    request: TeamRequest, action: Action, service_name: str, template: str, name: str = "", *, checked: bool = False,
    **options: Any,
) -> HttpResponse:  # fmt: skip
    """Ask for `action` on the hosting's certificate, or on that of the domain `name`."""
    service = frame.find_service(request.member, service_name)
    domain = _find(service, name) if name else None
    context = {**frame.of(request, service, "ssl"), "domain": domain}
    if checked:
        poller = live.poller(request, "domains.ssl_issue", service=service, about=name)
        context |= {**before(service, domain), "poller": poller}
    return ask(
        request, action, service=service, target={"domain": name} if name else {}, template=template,
        then=_page_of(request, service), context=context, **options,
    )  # fmt: skip


def before(service: Service, domain: AttachedDomain | None) -> dict[str, Any]:
    """What is known before OVH is asked for a certificate."""
    return {
        "checks": coverage.checks(service, [domain] if domain else None),
        "waiting": [] if domain else coverage.waiting(service),
        "is_too_many": coverage.issued(service) >= coverage.MOST_A_WEEK,
        "most_a_week": coverage.MOST_A_WEEK,
    }


def _find(service: Service, name: str) -> AttachedDomain:
    found: AttachedDomain = get_object_or_404(coverage.attached(service), domain=name)
    return found


def _page_of(request: TeamRequest, service: Service) -> str:
    return reverse("domains:ssl", args=[request.member.team.slug, service.name])

"""The attached domains of a hosting: the list, one more, and one less."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from apps.domains import actions
from apps.inventory import frame
from apps.inventory.models import AttachedDomain, Service
from apps.operations import happening
from apps.operations.asking import ask, can
from apps.teams.access import TeamRequest, team_view


@team_view()
def index(request: TeamRequest, service_name: str) -> HttpResponse:
    """The domains this hosting answers for."""
    service = frame.find_service(request.member, service_name)
    context = {
        **frame.of(request, service, "domains"),
        **happening.of(request, service, "domains.index"),
        "domains": rows(service),
        "can": can(request, actions.ATTACH, actions.DETACH),
    }
    return render(request, "domains/index.html", context)


def rows(service: Service) -> list[AttachedDomain]:
    """The domains as the list shows them."""
    return list(service.attacheddomains.filter(gone_at=None))


@team_view(needs=actions.ATTACH.role)
def attach(request: TeamRequest, service_name: str) -> HttpResponse:
    """The form that attaches a domain, and the asking for it."""
    service = frame.find_service(request.member, service_name)
    return ask(
        request, actions.ATTACH, service=service, template="domains/attach.html",
        then=_list_of(request, service), context=frame.of(request, service, "domains"),
    )  # fmt: skip


@team_view(needs=actions.DETACH.role)
def detach(request: TeamRequest, service_name: str, domain: str) -> HttpResponse:
    """Detach a domain; its files stay. Asks for its name."""
    service = frame.find_service(request.member, service_name)
    attached = get_object_or_404(service.attacheddomains.filter(gone_at=None), domain=domain)
    return ask(
        request, actions.DETACH, service=service, target={"domain": domain}, expected_name=domain,
        template="domains/detach.html", then=_list_of(request, service),
        context={**frame.of(request, service, "domains"), "domain": attached},
    )  # fmt: skip


def _list_of(request: TeamRequest, service: Service) -> str:
    return reverse("domains:index", args=[request.member.team.slug, service.name])

"""The page of a hosting, and what is asked for on it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from apps.hostings import actions, shown, statistics
from apps.inventory import frame
from apps.inventory.models import Service
from apps.operations import happening
from apps.operations.asking import ask, can
from apps.operations.registry import Action
from apps.teams.access import TeamRequest, team_view
from apps.ui.htmx import wants_fragment

EVERY = (actions.RENAME, actions.RENEW, actions.UNBLOCK, actions.MEASURE, actions.FLUSH)


@team_view
def detail(request: TeamRequest, service_name: str) -> HttpResponse:
    """One hosting: what it is, how full, until when, how it is reached and used."""
    service = frame.find_service(request.member, service_name)
    said = about(request, service)
    context = {
        **frame.of(request, service, "overview"),
        **happening.of(request, service, "hostings.detail", is_waiting=said["is_waiting"]),
        **said,
    }
    template = "hostings/detail.html#use" if wants_fragment(request) else "hostings/detail.html"
    return render(request, template, context)


def about(request: TeamRequest, service: Service, asked: Any = None) -> dict[str, Any]:
    """What the page shows beside its frame; `asked`: the parameters of the page it stands on."""
    use = statistics.of(service, request.GET if asked is None else asked)
    blocks, is_read = shown.blocks(service)
    traffic_used, traffic_size = shown.traffic(service)
    return {
        "use": use, "blocks": blocks, "traffic_used": traffic_used, "traffic_size": traffic_size,
        "php_versions": shown.php_versions(service), "countries": shown.countries(service),
        "accesses": shown.accesses(service), "can": can(request, *EVERY),
        "is_waiting": use.is_waiting or not is_read,
    }  # fmt: skip


@team_view
def rename(request: TeamRequest, service_name: str) -> HttpResponse:
    """Give it a name."""
    service = frame.find_service(request.member, service_name)
    return _ask(request, actions.RENAME, service, initial={"displayName": service.display_name})


@team_view
def renew(request: TeamRequest, service_name: str) -> HttpResponse:
    """Whether and for how long it is renewed."""
    return _ask(request, actions.RENEW, frame.find_service(request.member, service_name))


@team_view
def unblock(request: TeamRequest, service_name: str) -> HttpResponse:
    """Ask OVH to let connections outwards through again."""
    return _ask(request, actions.UNBLOCK, frame.find_service(request.member, service_name))


@team_view
def measure(request: TeamRequest, service_name: str) -> HttpResponse:
    """Have OVH measure how full it is."""
    return _ask(request, actions.MEASURE, frame.find_service(request.member, service_name))


@team_view
def flush(request: TeamRequest, service_name: str) -> HttpResponse:
    """Have OVH empty the caches before its sites."""
    return _ask(request, actions.FLUSH, frame.find_service(request.member, service_name))


def _ask(request: TeamRequest, action: Action, service: Service, **options: Any) -> HttpResponse:
    here = reverse("hostings:detail", args=[request.member.team.slug, service.name])
    context = frame.of(request, service, "overview")
    return ask(request, action, service=service, template="hostings/form.html", then=here, context=context, **options)

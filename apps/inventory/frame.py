"""What every page about one service shows around its content: head, tabs, age of the data."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from apps.connections.models import Health
from apps.inventory import sync
from apps.inventory.models import Service
from apps.teams.access import TeamRequest
from apps.teams.models import Membership

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

STALE_AFTER = timedelta(minutes=10)
ASKED_LATELY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One tab of a service's page; `count` is shown beside its label."""

    key: str
    label: "_StrPromise"
    url_name: str
    order: int
    count: Callable[[Service], int] | None = None


_tabs: dict[str, Tab] = {}


def register_tab(tab: Tab) -> None:
    """Add a tab: each room above registers its own."""
    _tabs[tab.key] = tab


def find_service(member: Membership, name: str) -> Service:
    """The service of that name this member may see; Http404 when there is none.

    Two accounts of a team may reach the same service: the one whose key works is taken.
    """
    found = Service.objects.visible_to(member).filter(name=name).select_related("connection__team")
    services = sorted(found, key=lambda service: (service.connection.health != Health.OK, service.pk))
    if not services:
        raise Http404
    return services[0]


def of(request: TeamRequest, service: Service, current: str) -> dict[str, Any]:
    """The template context of the frame; asks for fresh data when what is there is old."""
    is_stale = service.refreshed_at is None or timezone.now() - service.refreshed_at > STALE_AFTER
    if is_stale:
        _ask_once(service)
    team = request.member.team
    return {
        "team": team,
        "service": service,
        "is_stale": is_stale,
        "tabs": [
            {
                "key": tab.key,
                "label": tab.label,
                "url": reverse(tab.url_name, args=[team.slug, service.name]),
                "count": tab.count(service) if tab.count else None,
                "is_current": tab.key == current,
            }
            for tab in sorted(_tabs.values(), key=lambda tab: tab.order)
        ],
    }


def want_choices(service: Service) -> None:
    """The form needs what OVH lets one choose: ask for it when it was never read."""
    if not service.choices:
        _ask_once(service)


def _ask_once(service: Service) -> None:
    asked_at = service.refresh_asked_at
    if asked_at is None or timezone.now() - asked_at > ASKED_LATELY:
        sync.ask_for_refresh(service)

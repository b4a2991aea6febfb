"""The right column of every object: what runs and ran on it, live."""

from collections.abc import Iterable
from typing import Any

from apps.inventory.models import Service
from apps.operations import live, shown
from apps.operations.live import Asked, Fragment
from apps.operations.models import Operation
from apps.teams.access import TeamRequest

SHOWN = 8


def of(request: TeamRequest, service: Service, page: str) -> dict[str, Any]:
    """The template context of the column beside `service`, with the poller of the page `page`."""
    newest = _newest(service)
    is_busy = any(not operation.is_over for operation in newest)
    return {
        "cards": shown.cards(newest, at_service=True),
        "poller": live.poller(request, page, service=service, is_busy=is_busy),
    }


def fragments(asked: Asked) -> Iterable[Fragment]:
    """The column anew, for a page about one service."""
    if asked.service is None:
        return []
    cards = shown.cards(_newest(asked.service), at_service=True)
    return [Fragment("operations/_happening.html", {"cards": cards})]


def touches(changed: list[Operation], room: str) -> bool:
    """Whether what changed may show in the lists of `room`."""
    return any(operation.action.partition(".")[0] == room for operation in changed)


def _newest(service: Service) -> list[Operation]:
    """What runs, then what ended last."""
    rows = Operation.objects.filter(service=service).select_related("service", "connection", "requested_by", "team")
    newest = list(rows.order_by("-requested_at")[:SHOWN])
    running = list(rows.unfinished().order_by("-requested_at")[:SHOWN])
    return list({operation.pk: operation for operation in (*running, *newest)}.values())[:SHOWN]

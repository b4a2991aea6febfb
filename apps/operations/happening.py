"""The right column of every object: what runs and ran on it, live."""

from collections.abc import Iterable
from typing import Any

from apps.inventory.models import Service
from apps.operations import live, shown
from apps.operations.live import Asked, Fragment
from apps.operations.models import Operation
from apps.teams.access import TeamRequest

SHOWN = 8


def of(
    request: TeamRequest, service: Service, page: str, *, about: str = "", is_waiting: bool = False
) -> dict[str, Any]:
    """The template context of the column beside `service`, with the poller of the page `page`.

    `about`: the object the page shows; `is_waiting`: something on it is just being read.
    """
    newest = _newest(service)
    is_busy = is_waiting or any(not operation.is_over for operation in newest)
    return {
        "cards": shown.cards(newest, at_service=True),
        "poller": live.poller(request, page, service=service, about=about, is_busy=is_busy),
    }


def fragments(asked: Asked) -> Iterable[Fragment]:
    """The column anew, for a page about one service."""
    if asked.service is None:
        return []
    cards = shown.cards(_newest(asked.service), at_service=True)
    return [Fragment("operations/_happening.html", {"cards": cards})]


def touches(asked: Asked, changed: list[Operation], *rooms: str) -> bool:
    """Whether what changed, or was read anew, may show in the lists of `rooms`."""
    return asked.is_fresh or any(operation.action.partition(".")[0] in rooms for operation in changed)


def _newest(service: Service) -> list[Operation]:
    """What runs, then what ended last."""
    rows = Operation.objects.filter(service=service).select_related("service", "connection", "requested_by", "team")
    newest = list(rows.order_by("-requested_at")[:SHOWN])
    running = list(rows.unfinished().order_by("-requested_at")[:SHOWN])
    return list({operation.pk: operation for operation in (*running, *newest)}.values())[:SHOWN]

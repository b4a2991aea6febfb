"""How far behind the workers are."""

from datetime import datetime

from apps.operations import turns
from apps.operations.models import FOLLOWED, OperationQuerySet, State


def oldest_due_s(now: datetime) -> dict[str, float]:
    """How long the oldest due operation waits, in seconds: for being sent, for being looked after."""
    due = turns.due(now)
    return {
        "send": _age(due.filter(state=State.QUEUED), now),
        "poll": _age(due.filter(state__in=FOLLOWED), now),
    }


def _age(rows: OperationQuerySet, now: datetime) -> float:
    oldest = rows.order_by("next_at").values_list("next_at", flat=True).first()
    return (now - oldest).total_seconds() if oldest else 0.0

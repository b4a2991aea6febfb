"""Changes OVH took on that run much longer than such a task usually takes: followed all the same, and shown."""

from datetime import datetime, timedelta

from django.db.models import Q

from apps.operations import registry, timing
from apps.operations.models import Duration, OperationQuerySet, State


def among(rows: OperationQuerySet, *, now: datetime) -> OperationQuerySet:
    """Those of `rows` that are stuck."""
    running = rows.filter(state=State.RUNNING)
    keys = list(running.order_by().values_list("action", flat=True).distinct())
    learnt = dict(Duration.objects.filter(action__in=keys).values_list("action", "seconds"))
    late = Q(pk__in=[])
    for key in keys:
        late |= Q(action=key, accepted_at__lt=now - _slow_after(key, learnt.get(key, [])))
    return running.filter(late)


def _slow_after(key: str, seconds: list[float]) -> timedelta:
    try:
        default = registry.get(key).usual.total_seconds()
    except KeyError:  # asked for by another release
        default = 60.0
    return timedelta(seconds=timing.slow_after(timing.usual(seconds, default)))

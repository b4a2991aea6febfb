"""Whether the panel does its work: looked at by work done lately, not by processes being there."""

from datetime import datetime, timedelta
from typing import Any

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.utils import timezone

from apps.operations import states

TICK = "operations:last-tick"
# Three ticks and some slack.
SILENCE = timedelta(seconds=15)


def note_tick(now: datetime) -> None:
    """A worker ran the tick: beat, Redis and the worker are all alive."""
    cache.set(TICK, now, timeout=None)


def checks() -> dict[str, dict[str, Any]]:
    """Name of the check → whether it is well, and what was seen."""
    try:
        last_tick = cache.get(TICK)
        overdue = _overdue_s()
    except DatabaseError:
        return {"database": {"ok": False}, "redis": {"ok": _redis_answers()}}
    age = (timezone.now() - last_tick).total_seconds() if last_tick else None
    return {
        "database": {"ok": True},
        "redis": {"ok": _redis_answers()},
        "workers": {"ok": age is not None and age < SILENCE.total_seconds(), "last_tick_s": age},
        "queue": {"ok": overdue < 120, "oldest_due_s": overdue},  # noqa: PLR2004  # two minutes behind is behind
    }


def _overdue_s() -> float:
    """How long the oldest due operation has been waiting for a worker, in seconds."""
    now = timezone.now()
    oldest = states.due(now).order_by("next_at").values_list("next_at", flat=True).first()
    return (now - oldest).total_seconds() if oldest else 0.0


def _redis_answers() -> bool:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()

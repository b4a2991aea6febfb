"""When each kind of process last did its work. In Redis: without it none of them works.

`beat`: it sent a tick. `tick`: a worker finished one. `mirror`: a worker looked for accounts to read.
"""

import time

import structlog
from django.conf import settings
from redis.exceptions import RedisError

from apps.ovhapi.bucket import redis_at

log = structlog.get_logger(__name__)

NAMES = ("beat", "tick", "mirror")


def note(name: str) -> None:
    """It has just done its work. Never raises: the work itself is done."""
    try:
        redis_at(settings.REDIS_URL).hset(_key(), name, f"{time.time():.3f}")
    except (RedisError, OSError) as error:
        log.warning("pulse not noted", of=name, error=type(error).__name__)


def ages() -> dict[str, float | None]:
    """Seconds since each did its work; None for one that never has. Raises RedisError or OSError without Redis."""
    kept = redis_at(settings.REDIS_URL).hgetall(_key())
    now = time.time()
    return {name: max(now - float(kept[name]), 0.0) if name in kept else None for name in NAMES}


def _key() -> str:
    return f"{settings.REDIS_PREFIX}pulse"

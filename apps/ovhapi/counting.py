"""How many calls went to OVH, how they ended and how long they took: counted in Redis for all processes together.

Nothing depends on it: with Redis away, or emptied, the count begins anew.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import structlog
from django.conf import settings
from redis.exceptions import RedisError

from apps.ovhapi.bucket import REDIS_REST_S, redis_at

log = structlog.get_logger(__name__)

# Upper bounds of what is told apart, in seconds.
BOUNDS_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 30.0)
_rest = {"until": 0.0}


@dataclass(frozen=True)
class Calls:
    """Calls of one account with one outcome. `account`: the name of its bucket, `connection:7`."""

    account: str
    method: str
    status: str
    outcome: str
    count: int


@dataclass
class Latency:
    """How long the calls of one account took: by bound how many took no longer, and seconds in all."""

    within: dict[float, int] = field(default_factory=lambda: dict.fromkeys((*BOUNDS_S, float("inf")), 0))
    total_s: float = 0.0


def count(account: str, *, method: str, status: int | None, outcome: str, seconds: float) -> None:
    """One call more. Never raises, and does not ask a Redis that has just failed."""
    if time.monotonic() < _rest["until"]:
        return
    bound = next((each for each in BOUNDS_S if seconds <= each), float("inf"))
    try:
        together = redis_at(settings.REDIS_URL).pipeline(transaction=False)
        together.hincrby(_key("calls"), "|".join((account, method, str(status or ""), outcome)), 1)
        together.hincrby(_key("latency"), f"{account}|{bound}", 1)
        together.hincrbyfloat(_key("latency"), f"{account}|sum", seconds)
        together.execute()
    except (RedisError, OSError) as error:
        _rest["until"] = time.monotonic() + REDIS_REST_S
        log.debug("call not counted", error=type(error).__name__)


def calls() -> Iterator[Calls]:
    """What was counted. Raises RedisError or OSError without Redis."""
    for name, number in _kept("calls").items():
        account, method, status, outcome = name.split("|")
        yield Calls(account, method, status, outcome, int(number))


def latencies() -> dict[str, Latency]:
    """{account: how long its calls took}. Raises RedisError or OSError without Redis."""
    found: dict[str, Latency] = {}
    for name, number in _kept("latency").items():
        account, _, bound = name.rpartition("|")
        latency = found.setdefault(account, Latency())
        if bound == "sum":
            latency.total_s = float(number)
            continue
        for each in latency.within:
            latency.within[each] += int(number) if float(bound) <= each else 0
    return found


def _kept(name: str) -> dict[str, str]:
    kept = redis_at(settings.REDIS_URL).hgetall(_key(name))
    return {str(field_): str(value) for field_, value in kept.items()}


def _key(name: str) -> str:
    return f"{settings.REDIS_PREFIX}{name}"

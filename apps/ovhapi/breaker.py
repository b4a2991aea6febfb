"""When to leave an account alone for a while. Pure: its state lives in columns of the account's row.

Only trouble on the way, 5xx and 429 count: an account whose rights are missing is not a failing API.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from apps.ovhapi.errors import NotNow, OvhError, Unsure

OPENS_AFTER = 5
SHORTEST, LONGEST = timedelta(seconds=30), timedelta(minutes=15)
# Longer than the deadline of a call: when it is over, the probe has ended or died.
PROBE = timedelta(seconds=60)
# How long the others wait for one that tries: most calls end sooner.
PROBE_ENDS_S = 3.0
COUNTED = frozenset({"unreachable", "overloaded", "rate_limited"})


class Door(Enum):
    """What a call may do now."""

    OPEN = "go"
    PROBE = "go, but only one: take `probe_until` by a conditional update first"
    SHUT = "wait"


@dataclass(frozen=True)
class Breaker:
    """The state, as the columns hold it: failures in a row, and until when somebody tries."""

    failures: int = 0
    paused_until: datetime | None = None
    probe_until: datetime | None = None


CLOSED = Breaker()


def counts(error: OvhError) -> bool:
    """Whether `error` speaks against the API itself."""
    return isinstance(error, Unsure) or (isinstance(error, NotNow) and error.reason in COUNTED)


def door(state: Breaker, *, now: datetime) -> Door:
    """Whether a call may go."""
    if state.paused_until is None:
        return Door.OPEN
    if state.paused_until > now + 2 * LONGEST:
        return Door.PROBE  # the clock has been set back since
    is_tried = state.probe_until is not None and now < state.probe_until <= now + 2 * PROBE
    return Door.SHUT if now < state.paused_until or is_tried else Door.PROBE


def seconds_shut(state: Breaker, *, now: datetime) -> float:
    """How long to wait: until the pause is over, or a moment for the one that is trying."""
    pause = (state.paused_until - now).total_seconds() if state.paused_until else 0.0
    return pause if pause > 0 else PROBE_ENDS_S


def probing(state: Breaker, *, now: datetime) -> Breaker:
    """The state while one call tries whether OVH is back."""
    return Breaker(state.failures, state.paused_until, now + PROBE)


def failed(state: Breaker, *, now: datetime, chance: float | None = None) -> Breaker:
    """After one more failure. The pause doubles from 30 s to 15 min, with full jitter (`chance`: 0 to 1)."""
    failures = state.failures + 1
    if failures < OPENS_AFTER:
        return Breaker(failures)
    doublings = min(failures - OPENS_AFTER, 10)
    span = min(SHORTEST * 2**doublings, LONGEST)
    luck = random.random() if chance is None else chance  # noqa: S311  # spreads load, guards nothing
    return Breaker(failures, now + max(SHORTEST / 6, span * luck))


def worked() -> Breaker:
    """After a call that came back, whatever it said."""
    return CLOSED

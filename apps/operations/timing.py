"""When to look again: pure arithmetic, in seconds."""

import random
from collections.abc import Sequence
from statistics import median, quantiles

FLOOR_S = 1.0
CEILING_S = 120.0
WATCHED_CEILING_S = 10.0
# The pause between two looks, as a part of the age: late by half of that on average.
PART, WATCHED_PART = 0.15, 0.025
# What nobody watches is not asked for every second while it is young.
UNWATCHED_FLOOR_S = 3.0
KEPT_DURATIONS = 50
# What lacks a right is not tried again sooner: each try costs a call.
RIGHTS_S = 60.0
# Past this multiple of the usual time something is called slow.
SLOW_AFTER = 3.0
# So many runs tell something of the next; one that was noticed late would put all others off.
ENOUGH = 3


def next_wait(age_s: float, *, durations: Sequence[float] = (), is_watched: bool = False) -> float:
    """How long to wait before asking for a task that has been running for `age_s`.

    A fraction of the age, so that long tasks cost few calls; until the earliest end seen so far there is no use in
    asking at all, unless somebody is looking.
    """
    ceiling = WATCHED_CEILING_S if is_watched else CEILING_S
    wait = age_s * WATCHED_PART if is_watched else max(age_s * PART, UNWATCHED_FLOOR_S)
    if len(durations) >= ENOUGH:
        wait = max(wait, quantiles(durations, n=10)[0] * 0.9 - age_s)
    return min(max(wait, FLOOR_S), ceiling) * random.uniform(0.9, 1.1)  # noqa: S311  # jitter, not a secret


def pause(attempts: int, *, told_s: float | None = None, ceiling_s: float = 900) -> float:
    """How long to wait before trying again: as OVH told, else growing with `attempts`, with full jitter."""
    if told_s is not None:
        return max(told_s, FLOOR_S)
    most = min(ceiling_s, 2.0 ** min(attempts, 16))
    return random.uniform(FLOOR_S, max(most, 2 * FLOOR_S))  # noqa: S311  # jitter, not a secret


def usual(durations: Sequence[float], default_s: float) -> float:
    """The usual duration: the median of those seen, `default_s` before there are three."""
    return median(durations) if len(durations) >= ENOUGH else default_s


def slow_after(usual_s: float) -> float:
    """The age at which something is called slow, in seconds."""
    return max(usual_s * SLOW_AFTER, 60)


def is_slow(age_s: float, usual_s: float) -> bool:
    """Whether something has been running so much longer than usual that a person should know."""
    return age_s > slow_after(usual_s)

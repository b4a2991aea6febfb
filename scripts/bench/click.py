"""From a person's click to the call leaving for OVH, and how much one worker sends.

`submit`: operations a second through one worker process against a sandbox without latency, and for operations asked
for one at a time the milliseconds from the asking to the call.
`during_sync`: the same wait while the whole account of 240 services is read over the same connection, at 60 calls a
minute; beside it the wait without the reading.
"""

import time
from datetime import timedelta
from typing import Any

from scripts.bench import ground

ONE_BY_ONE, TOGETHER, SERVICES = 40, 300, 240


def submit() -> dict[str, Any]:
    """One worker process, no limit, no latency."""
    with ground.house() as house:
        owner = ground.team()
        made = ground.accounts(house, owner, 4, services=25, databases=5)
        ground.rate(made, ground.LIFTED)
        house.start_worker("worker", "ticks,send", 1)
        house.start_beat()
        databases = ground.databases(made)
        ground.ask_for_dumps(owner, databases[:5])
        _all_left(5)
        waits = _one_by_one(owner, databases[5 : 5 + ONE_BY_ONE], pause=0.2)
        crowd = ground.ask_for_dumps(owner, databases[5 + ONE_BY_ONE :][:TOGETHER])
        _all_left(5 + ONE_BY_ONE + TOGETHER)
        return {
            "click_to_call_ms": _ms(waits), "operations_at_once": len(crowd),
            "operations_a_second": _a_second(crowd),
        }  # fmt: skip


def during_sync() -> dict[str, Any]:
    """A change every few seconds on an account that is being read whole, and on one that is not.

    The dumps end at once: else the calls that follow them would leave none to read with.
    """
    with ground.house(speed=100) as house:
        owner = ground.team()
        made = ground.accounts(house, owner, 1, services=SERVICES, databases=1)
        ground.rate(made, 60)
        house.start_worker("worker", "ticks,send,poll", 3)
        house.start_worker("look", "look,mirror", 2)
        house.start_beat()
        databases = ground.databases(made)
        ground.ask_for_dumps(owner, databases[:2])
        _all_left(2)
        quiet = _one_by_one(owner, databases[2:12], pause=4)
        before = len(house.control("GET", "calls"))
        run = _read_whole(made[0])
        time.sleep(15)  # the bucket is down to what the lanes leave
        busy = _one_by_one(owner, databases[12:32], pause=6)
        run.refresh_from_db()
        return {
            "services": SERVICES, "calls_a_minute": 60, "quiet_ms": _ms(quiet), "during_sync_ms": _ms(busy),
            "calls_of_the_reading": _of_the_reading(house.control("GET", f"calls?since={before}")),
            "is_still_reading": run.state == run.State.RUNNING,
        }  # fmt: skip


def _read_whole(connection: Any) -> Any:
    from apps.inventory import sync
    from apps.inventory.models import SyncRun

    SyncRun.objects.filter(connection=connection).delete()
    return sync.ask_for_sync(connection)


def _of_the_reading(calls: list[Any]) -> int:
    """How many of these calls neither made nor followed a dump."""
    return sum("/tasks" not in call["path"] and "/dump" not in call["path"] for call in calls)


def _one_by_one(owner: Any, databases: list[Any], *, pause: float) -> list[Any]:
    asked = []
    for database in databases:
        asked += ground.ask_for_dumps(owner, [database])
        time.sleep(pause)
    return asked


def _all_left(count: int) -> None:
    from apps.operations.models import Operation

    left = Operation.objects.exclude(accepted_at=None)
    ground.wait_until(lambda: left.count() >= count, seconds=180)


def _ms(asked: list[Any]) -> dict[str, float]:
    """Milliseconds from the asking to the first byte, as far as they have left."""
    from apps.operations.models import Operation

    rows = Operation.objects.filter(pk__in=[each.pk for each in asked]).exclude(left_at=None)
    waits = [(row.left_at - row.requested_at) / timedelta(milliseconds=1) for row in rows if row.left_at]
    return ground.spread(waits)


def _a_second(asked: list[Any]) -> float:
    from apps.operations.models import Operation

    rows = Operation.objects.filter(pk__in=[each.pk for each in asked]).exclude(accepted_at=None)
    moments = sorted(row.accepted_at for row in rows if row.accepted_at)
    return round(len(moments) / (moments[-1] - moments[0]).total_seconds(), 1)

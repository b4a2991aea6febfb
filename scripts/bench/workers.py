"""What one, two and four worker processes carry: changes sent and tasks asked for in a second, and what that costs.

On DATABASE_URL and REDIS_URL where they are given, else on SQLite and the bundled Redis. The sandbox answers without
latency, and on a machine of few cores it, the database and beat have their share: what is said is a floor.
"""

import os
import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from scripts.bench import ground

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.house import House

PROCESSES = (1, 2, 4)
ACCOUNTS, SERVICES_EACH = 25, 24
SENT, LOOKING_S = 200, 20.0
LONG = {"least": 7200, "median": 7300, "most": 7400, "sigma": 0.1}


def workers() -> dict[str, Any]:
    """One change a hosting, so that each look is a call of its own; none of the tasks ends meanwhile."""
    with ground.database_of_its_own() as services, ground.house(services=services) as house:
        owner = ground.team()
        made = ground.accounts(house, owner, ACCOUNTS, services=SERVICES_EACH, databases=1)
        ground.rate(made, ground.LIFTED)
        house.control("POST", "settings", long_tail=LONG)
        house.start_beat()
        databases = ground.databases(made)
        sent = {}
        for at, count in enumerate(PROCESSES):
            with _working(house, "ticks,send", count) as group:
                sent[count] = _send(owner, databases[at * SENT :][:SENT], group)
        followed = {}
        for count in PROCESSES:
            with _working(house, "ticks,poll", count) as group:
                followed[count] = _follow(house, group)
        return {
            "database": "postgresql" if services else "sqlite", "cores": os.cpu_count(),
            "sent": sent, "followed": followed,
        }  # fmt: skip


@contextmanager
def _working(house: "House", queues: str, count: int) -> "Iterator[int]":
    """A worker with so many processes, warm; its process group."""
    house.start_worker("worker", queues, count)
    ready = house.folder / "logs/worker.log"
    ground.wait_until(lambda: " ready." in ready.read_text(errors="replace"), seconds=60)
    time.sleep(3)
    try:
        yield house.group.running["worker"].pid
    finally:
        house.signal("worker", signal.SIGTERM)
        house.group.running.pop("worker").wait(60)
        ready.unlink()


def _send(owner: Any, databases: list[Any], group: int) -> dict[str, float]:
    from apps.operations.models import Operation

    asked = ground.ask_for_dumps(owner, databases)
    began = ground.cpu_seconds(group)
    left = Operation.objects.filter(pk__in=[each.pk for each in asked]).exclude(accepted_at=None)
    ground.wait_until(lambda: left.count() == len(asked), seconds=120)
    moments = sorted(at for at in left.values_list("accepted_at", flat=True) if at)
    took = (moments[-1] - moments[0]).total_seconds()
    cpu = ground.cpu_seconds(group) - began
    return {
        "operations_a_second": round(len(moments) / took, 1), "cpu_s_per_1000": round(cpu / len(moments) * 1000, 2),
        "memory_mb": ground.memory_mb(group),
    }  # fmt: skip


def _follow(house: "House", group: int) -> dict[str, float]:
    """All tasks are due all the time."""
    is_over = threading.Event()
    prodding = threading.Thread(target=_always_due, args=(is_over,), daemon=True)
    prodding.start()
    time.sleep(3)
    calls, cpu, at = len(house.control("GET", "calls")), ground.cpu_seconds(group), time.monotonic()
    time.sleep(LOOKING_S)
    calls, cpu = len(house.control("GET", "calls")) - calls, ground.cpu_seconds(group) - cpu
    took = time.monotonic() - at
    is_over.set()
    prodding.join()
    return {
        "polls_a_second": round(calls / took, 1), "cpu_s_per_1000": round(cpu / max(calls, 1) * 1000, 2),
        "cores_used": round(cpu / took, 2), "memory_mb": ground.memory_mb(group),
    }  # fmt: skip


def _always_due(is_over: threading.Event) -> None:
    from django.db import connection
    from django.utils import timezone

    from apps.operations.models import Operation

    while not is_over.wait(0.5):
        Operation.objects.unfinished().filter(next_at__gt=timezone.now()).update(next_at=timezone.now())
    connection.close()

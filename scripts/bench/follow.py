"""Tasks in flight: how late their end is noticed and what that costs, beside pollers with a fixed pause.

`follow`: 1,000 dumps over 20 accounts, each account at its usual 60 calls a minute, durations long-tailed from 5 s to
30 min. The same tasks are followed in the same run by a poll of each task every 5 s and one every 7 s, under the same
limit with a count of calls of their own. Of one hosting in five the page is open: its tasks are watched. All are sent
with the limit lifted, so that they are in flight together; then the limit holds.
`crowd`: 10,000 over 50 accounts, the limit lifted, one worker process.
"""

import heapq
import random
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from scripts.bench import ground
from scripts.house import House

TAIL = {"least": 5, "median": 60, "most": 1800, "sigma": 1.4}
WATCHED = 5  # one hosting of so many
NOT_SENT = "they were not sent in ten minutes"


@dataclass
class Fixed:
    """What people use today: each task asked for every `pause` seconds, as far as the account's calls allow."""

    pause: float
    calls: int = 0
    seen_at: dict[int, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def follow(self, connection: Any, tasks: list[tuple[str, int]], per_minute: int) -> None:
        """All tasks (service, id) of one account, to their end."""
        from apps.connections.client import credentials_of
        from apps.ovhapi.bucket import BURST
        from apps.ovhapi.client import Client, path_of
        from apps.ovhapi.errors import Missing, OvhError

        client = Client(credentials_of(connection))
        due = [(time.monotonic() + random.uniform(0, self.pause), *task) for task in tasks]
        heapq.heapify(due)
        tokens, at = float(BURST), time.monotonic()
        while due:
            moment, service, task_id = heapq.heappop(due)
            time.sleep(max(moment - time.monotonic(), 0))
            tokens = min(BURST, tokens + (time.monotonic() - at) * per_minute / 60)
            at = time.monotonic()
            if tokens < 1:
                time.sleep((1 - tokens) * 60 / per_minute)
                tokens = min(BURST, tokens + (time.monotonic() - at) * per_minute / 60)
                at = time.monotonic()
            tokens -= 1
            with self.lock:
                self.calls += 1
            try:
                task = client.get(path_of("/hosting/web/{service}/tasks/{id}", service=service, id=task_id))
                is_over = task["status"] in ("done", "cancelled")
            except Missing:
                is_over = True
            except OvhError:
                is_over = False
            if is_over:
                self.seen_at[task_id] = time.time()
            else:
                heapq.heappush(due, (time.monotonic() + self.pause, service, task_id))


def follow(count: int = 1000, connections: int = 20, most: float = TAIL["most"]) -> dict[str, Any]:
    """The panel beside two fixed polls."""
    with ground.house() as house:
        owner = ground.team()
        made = ground.accounts(house, owner, connections, services=12, databases=5)
        tail = TAIL | {"most": most}
        # Nobody reads the mirror: its calls follow no operation.
        tasks = _in_flight(house, owner, made, count, tail, workers={"worker": ("ticks,send,poll", 3)})
        ground.rate(made, 60)
        began_calls = len(house.control("GET", "calls"))
        fixed = [Fixed(5.0), Fixed(7.0)]
        threads = [
            threading.Thread(target=each.follow, args=(connection, tasks[connection.pk], 60), daemon=True)
            for each in fixed
            for connection in made
        ]
        for thread in threads:
            thread.start()
        _wait(watched=True, seconds=most + 600)
        for thread in threads:
            thread.join(120)
        calls = house.control("GET", f"calls?since={began_calls}")
        truth = {int(task["id"]): task for task in house.control("GET", "tasks")}
        return {
            "tasks": count, "accounts": connections, "calls_a_minute": 60, "durations_s": _durations(truth),
            "panel": _panel(truth, calls, sum(each.calls for each in fixed), count),
            **{f"every_{each.pause:.0f}_s": _of_fixed(each, truth, count) for each in fixed},
        }  # fmt: skip


def crowd(count: int = 10_000, connections: int = 50, most: float = 600) -> dict[str, Any]:
    """Many at once on one worker process."""
    with ground.house() as house:
        owner = ground.team()
        made = ground.accounts(house, owner, connections, services=40, databases=5)
        _in_flight(
            house,
            owner,
            made,
            count,
            TAIL | {"most": most, "least": 60, "median": 180},
            workers={"send": ("send", 2), "worker": ("ticks,poll", 1)},
        )
        group = house.group.running["worker"].pid
        began_calls, began_cpu = len(house.control("GET", "calls")), ground.cpu_seconds(group)
        _wait(watched=False, seconds=most + 900)
        calls = house.control("GET", f"calls?since={began_calls}")
        truth = {int(task["id"]): task for task in house.control("GET", "tasks")}
        cpu, memory = ground.cpu_seconds(group) - began_cpu, ground.memory_mb(group)
        return {
            "tasks": count, "accounts": connections, "durations_s": _durations(truth),
            **_panel(truth, calls, 0, count),
            "cpu_s_per_1000_calls": round(cpu / max(len(calls), 1) * 1000, 2), "memory_mb": memory,
        }  # fmt: skip


def _in_flight(
    house: House,
    owner: Any,
    made: list[Any],
    count: int,
    tail: dict[str, float],
    *,
    workers: dict[str, tuple[str, int]],
) -> dict[int, list[tuple[str, int]]]:
    """Ask for `count` dumps over all accounts and wait until OVH has them; (service, task) by account."""
    from apps.inventory.models import Database
    from apps.operations.models import Operation, State

    ground.rate(made, ground.LIFTED)
    house.control("POST", "settings", long_tail=tail)
    each = count // len(made)
    databases = [
        database
        for connection in made
        for database in Database.objects.filter(service__connection=connection).select_related("service__connection")[
            :each
        ]
    ]
    ground.ask_for_dumps(owner, databases)
    for name, (queues, concurrency) in workers.items():
        house.start_worker(name, queues, concurrency)
    house.start_beat()
    waiting = Operation.objects.filter(state__in=[State.QUEUED, State.SENDING])
    if not ground.wait_until(lambda: not waiting.exists(), seconds=600):
        raise SystemExit(NOT_SENT)
    tasks: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for row in Operation.objects.exclude(task_id=None).values_list("connection_id", "service__name", "task_id"):
        tasks[row[0]].append((row[1], int(row[2] or 0)))
    return tasks


def _watched() -> Any:
    """Those of one hosting in five: a page shows a hosting."""
    from django.db.models import F

    from apps.operations.models import Operation

    return Operation.objects.annotate(rest=F("service_id") % WATCHED).filter(rest=0)


def _wait(*, watched: bool, seconds: float) -> None:
    """Until all are over; every few seconds the watched ones are looked at as an open page does."""
    from django.utils import timezone

    from apps.operations.models import Operation

    ends = time.monotonic() + seconds
    while Operation.objects.unfinished().exists() and time.monotonic() < ends:
        if watched:
            _watched().unfinished().update(watched_until=timezone.now() + timedelta(seconds=20))
        time.sleep(5)


def _panel(truth: dict[int, Any], calls: list[Any], theirs: int, count: int) -> dict[str, Any]:
    """The panel's lags, and what it called."""
    from apps.operations.models import Operation

    watched_ids = set(_watched().values_list("pk", flat=True))
    lags: dict[bool, list[float]] = {True: [], False: []}
    shares = []
    for operation in Operation.objects.exclude(task_id=None).exclude(finished_at=None):
        task = truth[operation.task_id or 0]
        lag = operation.finished_at.timestamp() - task["ended"] if operation.finished_at else 0.0
        lags[operation.pk in watched_ids].append(lag)
        if operation.pk not in watched_ids:
            shares.append(lag / (task["ended"] - task["start"]))
    kinds = Counter("following" if "/tasks" in call["path"] else "reading" for call in calls)
    following = kinds["following"] - theirs
    return {
        "unfinished": Operation.objects.unfinished().count(),
        "lag_s": ground.spread([*lags[True], *lags[False]]),
        "lag_watched_s": ground.spread(lags[True]), "lag_others_s": ground.spread(lags[False]),
        "lag_others_of_duration": ground.spread(shares),
        "calls_per_operation": round((len(calls) - theirs) / count, 2),
        "of_these_following": round(following / count, 2),
    }  # fmt: skip


def _of_fixed(each: Fixed, truth: dict[int, Any], count: int) -> dict[str, Any]:
    lags = [seen - truth[task_id]["ended"] for task_id, seen in each.seen_at.items()]
    shares = [
        (seen - truth[task_id]["ended"]) / (truth[task_id]["ended"] - truth[task_id]["start"])
        for task_id, seen in each.seen_at.items()
    ]
    return {
        "lag_s": ground.spread(lags), "lag_of_duration": ground.spread(shares),
        "calls_per_operation": round(each.calls / count, 2), "not_seen": count - len(each.seen_at),
    }  # fmt: skip


def _durations(truth: dict[int, Any]) -> dict[str, float]:
    took = [task["ended"] - task["start"] for task in truth.values() if task["ended"]]
    return {**ground.spread(took), "least": round(min(took), 1), "most": round(max(took), 1)}

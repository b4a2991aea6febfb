"""`make chaos`: real processes, real faults. Changes are asked for through the web while workers, beat and Redis die.

Workers and beat are killed with SIGKILL, Redis is restarted, and every fifth call to OVH goes wrong: refused for
overload, answered with errors or HTML, slow, reset before or after it took effect, its task cancelled or vanishing.
When that stops, everything must settle by itself. One JSON line tells; the exit status is 0 when nothing was lost, done
twice or left unsettled.

With `CHAOS_API=url` another implementation of the API stands in the sandbox's place; it must have the sandbox's
controls under `/sandbox/`, for what really happened is counted there.
"""

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import unquote

from scripts.changes import asks
from scripts.house import House, Visitor, end_when_told

EVERY_FIFTH = 0.2
FAULTS = [
    "http_429", "http_500", "http_502_html", "slow", "reset_before", "reset_after", "http_503", "empty_200",
]  # fmt: skip
TASK_FAULTS = ["task_vanishes", "task_cancelled", "task_hidden"]
# Absence is proven after three and a half minutes; then something may be sent once more, and looked for again.
SETTLE_S = 720
WORKERS = ("worker-1", "worker-2")
# What tells a call from another to the same address.
TELLING = ("domain", "user", "login", "path", "action", "displayName", "date", "backup")


def main() -> int:
    """Chaos for a while, then quiet, then the count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=60, help="changes to ask for")
    parser.add_argument("--seconds", type=float, default=60, help="how long it lasts")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--speed", type=float, default=5)
    parser.add_argument("--services", action="store_true", help="on DATABASE_URL and REDIS_URL of the environment")
    options = parser.parse_args()
    end_when_told()
    dice = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="hostpanel-chaos-") as folder:
        house = House(Path(folder), speed=options.speed, services=options.services)
        try:
            house.start_demo()
            house.use_database()
            result = _run(house, dice, options)
        finally:
            house.group.stop()
    print(json.dumps({"seed": options.seed, "n": options.n, "seconds": options.seconds, **result}))
    return 1 if result["lost"] or result["doubled"] or result["unsettled"] else 0


def _run(house: House, dice: random.Random, options: argparse.Namespace) -> dict[str, Any]:
    from apps.inventory.models import Service

    services = list(Service.objects.filter(gone_at=None, problem=""))
    visitor = Visitor(house.url)
    visitor.sign_in()
    for kind in FAULTS:
        house.control("POST", "faults", kind=kind, probability=EVERY_FIFTH / len(FAULTS), seconds=3)
    answered: list[int] = []
    keys: list[str] = []
    given = {"services": services, "options": options, "answered": answered, "keys": keys}
    asking = threading.Thread(target=_ask_all, args=(visitor, dice), kwargs=given, daemon=True)
    asking.start()
    kills = _havoc(house, random.Random(options.seed + 1), options.seconds)
    asking.join(timeout=120)
    house.control("DELETE", "faults")
    quiet_at = time.monotonic()
    unsettled = _wait(house)
    return {
        "kills": dict(kills), "asked": sum(status < 400 for status in answered),
        "not_taken": dict(Counter(str(status) for status in answered if status >= 400)),
        **_count(house, keys), "unsettled": unsettled, "settled_in_s": round(time.monotonic() - quiet_at),
    }  # fmt: skip


def _ask_all(
    visitor: Visitor, dice: random.Random, *, services: list[Any], options: argparse.Namespace, answered: list[int],
    keys: list[str],
) -> None:  # fmt: skip
    """Ask for N changes, spread over the time; one whose page cannot be had is asked for again."""
    pause = options.seconds / options.n
    for path, form, files in asks(dice, services):
        if len(keys) >= options.n:
            return
        try:
            status = visitor.post(f"/t/marelle/{path}", form, files)
        except (URLError, OSError):
            continue
        answered.append(status)
        if status < 400:
            keys.append(form["key"])
        time.sleep(pause * dice.uniform(0.2, 1.2))


def _havoc(house: House, dice: random.Random, seconds: float) -> Counter[str]:
    """Kill and start anew, at random, until the time is over; all runs again afterwards."""
    ends, kills = time.monotonic() + seconds, Counter[str]()
    while time.monotonic() < ends:
        time.sleep(dice.uniform(1, 5))
        own = ["redis"] if house.has_own_redis else []
        victim = dice.choice([*WORKERS, *WORKERS, "beat", *own])
        house.group.kill(victim)
        kills[victim] += 1
        if dice.random() < 0.5:
            house.control("POST", "faults", kind=dice.choice(TASK_FAULTS), times=1, seconds=4)
        time.sleep(dice.uniform(0, 3))
        house.start_again(victim)
    return kills


def _wait(house: House) -> int:
    """How many are unfinished when the time for settling is over."""
    from apps.operations.models import Operation

    ends = time.monotonic() + SETTLE_S
    while (left := Operation.objects.unfinished().count()) and time.monotonic() < ends:
        house.group.refuse_dead()
        time.sleep(2)
    return left


def _count(house: House, keys: list[str]) -> dict[str, Any]:
    """What the panel says of each change, against what really happened."""
    from apps.operations import registry
    from apps.operations.models import Event, Operation, State

    rows = list(Operation.objects.select_related("service"))
    # What was to be deleted was gone already, by another change or its own: it need not have done it.
    found_done = set(Event.objects.filter(kind="already").values_list("operation_id", flat=True))
    known = {row.key for row in rows}
    asked: Counter[str] = Counter()
    succeeded: Counter[str] = Counter()
    harmless: set[str] = set()
    for row in rows:
        call = registry.call_of(row, {})
        name = _name(call.method, call.path, call.body)
        asked[name] += 1
        succeeded[name] += row.state == State.SUCCEEDED and row.pk not in found_done
        if registry.get(row.action).resend is registry.Resend.HARMLESS:
            harmless.add(name)
    happened: Counter[str] = Counter()
    for effect in house.control("GET", "effects"):
        happened[_name(effect["method"], effect["path"], effect["values"])] += 1
    more = {name: happened[name] - asked[name] for name in asked if happened[name] > asked[name]}
    less = {name: succeeded[name] - happened[name] for name in succeeded if succeeded[name] > happened[name]}
    doubled = {name: times for name, times in more.items() if name not in harmless}
    failed = Counter(row.reason for row in rows if row.state == State.FAILED)
    failed_by_kind = Counter(f"{row.action}: {row.reason}" for row in rows if row.state == State.FAILED)
    return {
        "rows": len(rows), "succeeded": sum(row.state == State.SUCCEEDED for row in rows), "failed": dict(failed),
        "failed_by_kind": dict(failed_by_kind),
        "undecided": failed.get("not_known", 0),
        "lost": len(set(keys) - known) + sum(less.values()), "lost_calls": sorted(less),
        "doubled": sum(doubled.values()), "doubled_calls": sorted(doubled),
        # A new password or a restart, sent again because OVH forgot its task: twice leaves what once leaves.
        "repeated_without_harm": sum(more.values()) - sum(doubled.values()),
        "by_kind": dict(Counter(row.action for row in rows)),
    }  # fmt: skip


def _name(method: str, path: str, body: Any) -> str:
    """A call and what tells it from another of the same address."""
    given = body if isinstance(body, dict) else {}
    telling = {name: given[name] for name in TELLING if given.get(name)}
    return f"{method} {unquote(path)} {json.dumps(telling, sort_keys=True)}"


if __name__ == "__main__":
    sys.exit(main())

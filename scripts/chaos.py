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
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import unquote

from scripts.house import House, Visitor

EVERY_FIFTH = 0.2
FAULTS = [
    "http_429", "http_500", "http_502_html", "slow", "reset_before", "reset_after", "http_503", "empty_200",
]  # fmt: skip
TASK_FAULTS = ["task_vanishes", "task_cancelled", "task_hidden"]
# Absence is proven after three and a half minutes; then something may be sent once more, and looked for again.
SETTLE_S = 720
# What these make is a new thing each time.
MAKES = ("/new/", "/attach/", "/install/")
WORKERS = ("worker-1", "worker-2")
# What tells a call from another to the same address.
TELLING = ("domain", "user", "login", "path", "action", "displayName", "date", "backup")


def asks(dice: random.Random, services: list[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(address below the team, form) of changes of every kind, no two of the same kind on the same object."""
    asked: set[str] = set()
    for number in range(100_000):
        service = dice.choice(services)
        kinds = [*_of_hosting(service, number), *_of_domain(service, number), *_of_user(service, number)]
        path, form = dice.choice([*kinds, *_of_database(service, number)])
        address = f"services/{service.name}/{path}"
        once = f"{address}{number}" if path.endswith(MAKES) else address
        if once not in asked:
            asked.add(once)
            yield address, {"key": uuid.uuid4().hex, **form}


Ask = tuple[str, dict[str, Any]]


def _of_hosting(service: Any, number: int) -> Iterator[Ask]:
    yield "domains/attach/", {"domain": f"chaos{number}.example.com", "path": "www", "ssl": "on"}
    yield "rename/", {"displayName": f"Chaos {number}"}
    yield "flush/", {}
    user = f"{service.primary_login}c{number}"[:16]
    yield "databases/new/", {"capabilitie": "sqlPerso", "type": "mysql", "user": user, "password": "Chaos12345"}
    yield "measure/", {}
    yield "renewal/", {"period": "12"}
    yield "backups/files/restore/", {"backup": "daily.2", "confirm_name": service.name}
    certificate = "ssl/regenerate/" if service.ssl_provider else "ssl/order/"
    yield certificate, {}
    yield from _of_module(service, number)


def _of_module(service: Any, number: int) -> Iterator[Ask]:
    """A site in a folder of its own, or one that is there and goes."""
    domain = service.attacheddomains.filter(gone_at=None).exclude(domain__startswith="*").first()
    database = service.databases.filter(gone_at=None, type="mysql").first()
    if domain is not None and database is not None:
        yield "modules/install/", {
            "moduleId": _wordpress(), "domain": domain.domain, "path": f"chaos{number}", "language": "en",
            "adminName": "chaos", "adminPassword": "Chaos12345", "source": "existing", "existing": database.name,
            "password": "Chaos12345", "prefix": f"c{number}_",
        }  # fmt: skip
    module = service.modules.filter(gone_at=None).order_by("?").first()
    if module is not None:
        yield f"modules/{module.ovh_id}/delete/", {"confirm_name": module.path}


def _wordpress() -> int | None:
    from apps.inventory.models import ModuleOffer

    offer = ModuleOffer.objects.filter(name="WordPress", latest=True).first()
    return offer.ovh_id if offer else None


def _of_domain(service: Any, number: int) -> Iterator[Ask]:
    domain = service.attacheddomains.filter(gone_at=None).order_by("?").first()
    if domain is not None:
        yield f"domains/{domain.domain}/edit/", {"path": f"chaos{number}", "ssl": "on"}
        yield f"domains/{domain.domain}/restart/", {}
        yield f"domains/{domain.domain}/purge/", {}
        yield f"domains/{domain.domain}/detach/", {"bypassDNSConfiguration": "on", "confirm_name": domain.domain}


def _of_user(service: Any, number: int) -> Iterator[Ask]:
    given = {"home": "www", "sshState": "sftponly", "state": "rw"}
    yield "users/new/", {"login": f"c{number}", "password": "Chaos12345", **given}
    user = service.ftpusers.filter(gone_at=None, is_primary=False).order_by("?").first()
    if user is not None:
        yield f"users/{user.login}/edit/", {**given, "home": f"chaos{number}"}
        yield f"users/{user.login}/password/", {"password": "Chaos12345"}
        yield f"users/{user.login}/disable/", {}
        yield f"users/{user.login}/delete/", {"confirm_name": user.login}


def _of_database(service: Any, number: int) -> Iterator[Ask]:
    database = service.databases.filter(gone_at=None).order_by("?").first()
    if database is None:
        return
    one = f"databases/{database.name}/"
    yield f"{one}back-up/", {"date": "now"}
    yield f"{one}password/", {"password": f"Chaos{number:05}"}
    yield f"{one}measure/", {}
    yield f"{one}copy/", {}
    yield f"{one}delete/", {"confirm_name": database.name}
    yield f"{one}restore/", {"date": "daily.1", "confirm_name": database.name}
    dump = database.dumps.filter(gone_at=None, status="created").order_by("?").first()
    if dump is not None:
        yield f"{one}restore/{dump.ovh_id}/", {"confirm_name": database.name, "dump_first": "on"}
        yield f"backups/{dump.ovh_id}/delete/", {"confirm_name": database.name}


def main() -> int:
    """Chaos for a while, then quiet, then the count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=60, help="changes to ask for")
    parser.add_argument("--seconds", type=float, default=60, help="how long it lasts")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--speed", type=float, default=5)
    parser.add_argument("--services", action="store_true", help="on DATABASE_URL and REDIS_URL of the environment")
    options = parser.parse_args()
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
    for path, form in asks(dice, services):
        if len(keys) >= options.n:
            return
        try:
            status = visitor.post(f"/t/marelle/{path}", form)
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
    from apps.operations.models import Operation, State

    rows = list(Operation.objects.select_related("service"))
    known = {row.key for row in rows}
    calls = {row.pk: registry.call_of(row, {}) for row in rows if row.action != "databases.import"}
    asked: Counter[str] = Counter()
    succeeded: Counter[str] = Counter()
    harmless: set[str] = set()
    for row in rows:
        call = calls[row.pk]
        name = _name(call.method, call.path, call.body)
        asked[name] += 1
        succeeded[name] += row.state == State.SUCCEEDED
        if registry.get(row.action).resend is registry.Resend.HARMLESS:
            harmless.add(name)
    happened: Counter[str] = Counter()
    for effect in house.control("GET", "effects"):
        happened[_name(effect["method"], effect["path"], effect["values"])] += 1
    more = {name: happened[name] - asked[name] for name in asked if happened[name] > asked[name]}
    doubled = {name: times for name, times in more.items() if name not in harmless}
    failed = Counter(row.reason for row in rows if row.state == State.FAILED)
    failed_by_kind = Counter(f"{row.action}: {row.reason}" for row in rows if row.state == State.FAILED)
    return {
        "rows": len(rows), "succeeded": sum(succeeded.values()), "failed": dict(failed),
        "failed_by_kind": dict(failed_by_kind),
        "undecided": failed.get("not_known", 0),
        "lost": len(set(keys) - known) + sum(max(succeeded[name] - happened[name], 0) for name in succeeded),
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

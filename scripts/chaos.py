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
import os
import random
import re
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

from hostpanel import demo
from hostpanel.processes import Group, beat_command, redis_command, wait_for, web_command, worker_command
from scripts.screenshots import free_port

EVERY_FIFTH = 0.2
FAULTS = [
    "http_429", "http_500", "http_502_html", "slow", "reset_before", "reset_after", "http_503", "empty_200",
]  # fmt: skip
TASK_FAULTS = ["task_vanishes", "task_cancelled", "task_hidden"]
# Absence is proven after three and a half minutes; then something may be sent once more, and looked for again.
SETTLE_S = 720
WORKERS = ("worker-1", "worker-2")
QUEUES = "ticks,send,poll,look,mirror"


class Panel:
    """The panel's processes and its web pages, as the owner of the demo uses them."""

    def __init__(self, folder: Path, speed: float) -> None:
        self.port, self.api_port = free_port(), free_port()
        options = argparse.Namespace(
            data=folder, port=self.port, sandbox_port=self.api_port, speed=speed, record=None, services=False
        )
        self.environment = demo.environment_of(options)
        self.folder, self.options = folder, options
        self.group = Group(self.environment, folder / "logs")
        self.api = os.environ.get("CHAOS_API") or f"http://127.0.0.1:{self.api_port}"
        self.url = f"http://127.0.0.1:{self.port}"
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def start(self) -> None:
        """All of it, with the demo's team and accounts."""
        if os.environ.get("CHAOS_API"):
            self.environment["HOSTPANEL_OVH_ENDPOINTS"] = f"sandbox={self.api}/1.0"
        else:
            self.group.start("sandbox", *demo.sandbox_command(self.options))
        self.start_redis()
        for command in (["migrate", "--no-input", "-v0"], ["createcachetable"], ["collectstatic", "--no-input", "-v0"]):
            demo.manage(self.group, *command)
        wait_for(f"{self.api}/sandbox/accounts", seconds=20, group=self.group)
        demo.manage(self.group, "seed_demo")
        for name in WORKERS:
            self.start_worker(name)
        self.start_beat()
        self.group.start("web", *web_command(self.port))
        wait_for(f"{self.url}/health/live", seconds=30, group=self.group)

    def start_redis(self) -> None:
        """A Redis that remembers nothing, as after a restart."""
        self.group.start("redis", *redis_command(self.folder / "redis"))

    def start_worker(self, name: str) -> None:
        """One worker for everything."""
        self.group.start(name, *worker_command(name, QUEUES, 2))

    def start_beat(self) -> None:
        """The one that finds what is due."""
        self.group.start("beat", *beat_command(self.folder))

    def control(self, verb: str, name: str, **given: Any) -> Any:
        """One of the controls of the API's stand-in."""
        request = Request(f"{self.api}/sandbox/{name}", json.dumps(given).encode() if given else None, method=verb)
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def sign_in(self) -> None:
        """As the demo's owner."""
        page = self._open("/auth/login/")
        self.post("/auth/login/", {"login": "owner@hostpanel.test", "password": "marelle-demo"}, page)

    def post(self, path: str, form: dict[str, Any], page: str | None = None) -> int:
        """Send a form; the status where it led to."""
        page = page if page is not None else self._open(path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        body = urlencode({"csrfmiddlewaretoken": token[1] if token else "", **form}).encode()
        request = Request(self.url + path, body, {"Referer": self.url + path})
        try:
            with self.opener.open(request, timeout=30) as answer:
                return int(answer.status)
        except HTTPError as refused:
            return refused.code

    def _open(self, path: str) -> str:
        with self.opener.open(self.url + path, timeout=30) as answer:
            return str(answer.read().decode())


def asks(dice: random.Random, services: list[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(address below the team, form) of changes of every kind, each of another object."""
    for number in range(10_000):
        service = dice.choice(services)
        base, database = f"services/{service.name}/", service.databases.filter(gone_at=None).order_by("?").first()
        domain = service.attacheddomains.filter(gone_at=None).order_by("?").first()
        kinds: list[tuple[str, dict[str, Any]]] = [
            ("domains/attach/", {"domain": f"chaos{number}.example.com", "path": "www", "ssl": "on"}),
            ("rename/", {"displayName": f"Chaos {number}"}),
            ("flush/", {}),
        ]
        if domain:
            kinds += [
                (f"domains/{domain.domain}/edit/", {"path": f"chaos{number}", "ssl": "on"}),
                (f"domains/{domain.domain}/restart/", {}),
            ]
        if database:
            one = f"databases/{database.name}/"
            dump = database.dumps.filter(gone_at=None, status="created").order_by("?").first()
            kinds += [
                (f"{one}back-up/", {"date": "now"}), (f"{one}password/", {"password": "Chaos12345"}),
                (f"{one}measure/", {}), (f"{one}copy/", {}),
            ]  # fmt: skip
            if dump:
                kinds.append((f"{one}restore/{dump.ovh_id}/", {"confirm_name": database.name, "dump_first": "on"}))
                kinds.append((f"backups/{dump.ovh_id}/delete/", {"confirm_name": database.name}))
        user = f"{service.primary_login}c{number}"[:16]
        kinds.append(
            ("databases/new/", {"capabilitie": "sqlPerso", "type": "mysql", "user": user, "password": "Chaos12345"})
        )
        path, form = dice.choice(kinds)
        yield base + path, {"key": uuid.uuid4().hex, **form}


def main() -> int:
    """Chaos for a while, then quiet, then the count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=60, help="changes to ask for")
    parser.add_argument("--seconds", type=float, default=60, help="how long it lasts")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--speed", type=float, default=5)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="hostpanel-chaos-") as folder:
        panel = Panel(Path(folder), options.speed)
        try:
            panel.start()
            _django(panel)
            result = _run(panel, dice, options)
        finally:
            panel.group.stop()
    print(json.dumps({"seed": options.seed, "n": options.n, "seconds": options.seconds, **result}))
    return 1 if result["lost"] or result["doubled"] or result["unsettled"] else 0


def _django(panel: Panel) -> None:
    """The same database here, to see what the panel has."""
    os.environ.update(panel.environment)
    import django

    django.setup()


def _run(panel: Panel, dice: random.Random, options: argparse.Namespace) -> dict[str, Any]:
    from apps.inventory.models import Service

    services = list(Service.objects.filter(gone_at=None, problem=""))
    panel.sign_in()
    for kind in FAULTS:
        panel.control("POST", "faults", kind=kind, probability=EVERY_FIFTH / len(FAULTS), seconds=3)
    answered: list[int] = []
    keys: list[str] = []
    given = {"services": services, "options": options, "answered": answered, "keys": keys}
    asking = threading.Thread(target=_ask_all, args=(panel, dice), kwargs=given, daemon=True)
    asking.start()
    kills = _havoc(panel, random.Random(options.seed + 1), options.seconds)
    asking.join(timeout=120)
    panel.control("DELETE", "faults")
    quiet_at = time.monotonic()
    unsettled = _wait(panel)
    return {
        "kills": dict(kills), "asked": sum(status < 400 for status in answered),
        "not_taken": dict(Counter(str(status) for status in answered if status >= 400)),
        **_count(panel, keys), "unsettled": unsettled, "settled_in_s": round(time.monotonic() - quiet_at),
    }  # fmt: skip


def _ask_all(
    panel: Panel, dice: random.Random, *, services: list[Any], options: argparse.Namespace, answered: list[int],
    keys: list[str],
) -> None:  # fmt: skip
    """Ask for N changes, spread over the time; one whose page cannot be had is asked for again."""
    pause = options.seconds / options.n
    for path, form in asks(dice, services):
        if len(keys) >= options.n:
            return
        try:
            status = panel.post(f"/t/marelle/{path}", form)
        except (URLError, OSError):
            continue
        answered.append(status)
        if status < 400:
            keys.append(form["key"])
        time.sleep(pause * dice.uniform(0.2, 1.2))


def _havoc(panel: Panel, dice: random.Random, seconds: float) -> Counter[str]:
    """Kill and start anew, at random, until the time is over; all runs again afterwards."""
    ends, kills = time.monotonic() + seconds, Counter[str]()
    while time.monotonic() < ends:
        time.sleep(dice.uniform(1, 5))
        victim = dice.choice([*WORKERS, *WORKERS, "beat", "redis"])
        panel.group.kill(victim)
        kills[victim] += 1
        if dice.random() < 0.5:
            panel.control("POST", "faults", kind=dice.choice(TASK_FAULTS), times=1, seconds=4)
        time.sleep(dice.uniform(0, 3))
        _start_again(panel, victim)
    return kills


def _start_again(panel: Panel, name: str) -> None:
    if name == "beat":
        panel.start_beat()
    elif name == "redis":
        panel.start_redis()
    else:
        panel.start_worker(name)


def _wait(panel: Panel) -> int:
    """How many are unfinished when the time for settling is over."""
    from apps.operations.models import Operation

    ends = time.monotonic() + SETTLE_S
    while (left := Operation.objects.unfinished().count()) and time.monotonic() < ends:
        panel.group.refuse_dead()
        time.sleep(2)
    return left


def _count(panel: Panel, keys: list[str]) -> dict[str, Any]:
    """What the panel says of each change, against what really happened."""
    from apps.operations import registry
    from apps.operations.models import Operation, State

    rows = list(Operation.objects.select_related("service"))
    known = {row.key for row in rows}
    calls = {row.pk: registry.call_of(row, {}) for row in rows if row.action != "databases.import"}
    asked: Counter[str] = Counter()
    succeeded: Counter[str] = Counter()
    for row in rows:
        call = calls[row.pk]
        name = _name(call.method, call.path, call.body)
        asked[name] += 1
        succeeded[name] += row.state == State.SUCCEEDED
    happened: Counter[str] = Counter()
    for effect in panel.control("GET", "effects"):
        happened[_name(effect["method"], effect["path"], effect["values"])] += 1
    failed = Counter(row.reason for row in rows if row.state == State.FAILED)
    return {
        "rows": len(rows), "succeeded": sum(succeeded.values()), "failed": dict(failed),
        "undecided": failed.get("not_known", 0),
        "lost": len(set(keys) - known) + sum(max(succeeded[name] - happened[name], 0) for name in succeeded),
        "doubled": sum(max(happened[name] - asked[name], 0) for name in asked),
        "by_kind": dict(Counter(row.action for row in rows)),
    }  # fmt: skip


def _name(method: str, path: str, body: Any) -> str:
    """A call and what tells it from another of the same address."""
    given = body if isinstance(body, dict) else {}
    telling = {name: given[name] for name in ("domain", "user", "action", "displayName") if given.get(name)}
    return f"{method} {unquote(path)} {json.dumps(telling, sort_keys=True)}"


if __name__ == "__main__":
    sys.exit(main())

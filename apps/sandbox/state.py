"""Everything the sandbox knows: plain dictionaries, so that a restarted demo goes on where it was."""

import json
import random
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Json = dict[str, Any]
REASONS = {
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict", 429: "Too Many Requests",
    460: "Service Expired",
}  # fmt: skip


class Refusal(Exception):  # it is an answer
    """An answer that is not a success, in one of OVH's two shapes."""

    def __init__(
        self, status: int, message: str, *, error_code: str = "", details: Json | None = None,
        retry_after: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.status, self.retry_after = status, retry_after
        reason = REASONS.get(status, "Error")
        if error_code:
            self.body: Json = {"errorCode": error_code, "httpCode": f"{status} {reason}", "message": message}
        else:
            self.body = {"class": f"Client::{reason.replace(' ', '')}", "message": message}
        if details:
            self.body["details"] = details


@dataclass
class World:
    """The state, and the settings a test or a demo may turn. All access under `lock`."""

    accounts: dict[str, Json] = field(default_factory=dict)  # by nic handle
    applications: dict[str, Json] = field(default_factory=dict)  # by application key
    credentials: dict[str, Json] = field(default_factory=dict)  # by consumer key
    clients: dict[str, Json] = field(default_factory=dict)  # OAuth2, by client id
    tokens: dict[str, Json] = field(default_factory=dict)
    services: dict[str, Json] = field(default_factory=dict)  # by serviceName
    tasks: dict[str, Json] = field(default_factory=dict)  # by id, as text
    documents: dict[str, Json] = field(default_factory=dict)  # by id
    records: dict[str, Json] = field(default_factory=dict)  # DNS, by name: {type: [values]}
    effects: list[Json] = field(default_factory=list)
    settings: Json = field(default_factory=dict)
    last_id: int = 1000

    def __post_init__(self) -> None:
        """What is not kept: the lock, the calls seen, the faults, the dice."""
        self.lock = threading.RLock()
        self.calls: list[Json] = []
        self.faults: list[Json] = []
        self.dice = random.Random()
        self.settings = {**DEFAULTS, **self.settings}
        self.is_changed = False
        self.quiet_until = 0.0  # no task ends or vanishes before
        self._by_service: dict[str, dict[str, Json]] = {}
        for task in self.tasks.values():
            self._by_service.setdefault(task["service"], {})[str(task["id"])] = task

    def add_task(self, task: Json) -> None:
        """A task that begins."""
        self.tasks[str(task["id"])] = task
        self._by_service.setdefault(task["service"], {})[str(task["id"])] = task
        self.quiet_until = 0.0

    def drop_task(self, task: Json) -> None:
        """A task nobody remembers."""
        del self.tasks[str(task["id"])]
        self._by_service[task["service"]].pop(str(task["id"]), None)

    def tasks_of(self, service: str) -> list[Json]:
        """Every task of a service that is still remembered."""
        return [task for key, task in self._by_service.get(service, {}).items() if key in self.tasks]

    def now(self) -> float:
        """The sandbox's clock, in seconds; it may be set apart from the machine's."""
        return time.time() + float(self.settings["clock_offset_seconds"])

    def next_id(self) -> int:
        """A number nothing else here has."""
        self.last_id += 1
        return self.last_id

    def service(self, nichandle: str, name: str) -> Json:
        """A service of that account; OVH answers 404 for another account's as for none, 460 for an expired one."""
        found = self.services.get(name)
        if found is None or found["nichandle"] != nichandle:
            raise Refusal(404, "This service does not exist")
        if found["expired"]:
            raise Refusal(460, "This service is expired")
        return found

    def to_json(self) -> str:
        """All that is kept."""
        return json.dumps({each.name: getattr(self, each.name) for each in fields(self)})


DEFAULTS: Json = {
    "speed": 1.0,
    "cancel_percent": 0.0,
    "vanish_seconds": 120.0,
    "expansion": True,
    "batch": True,
    "clock_offset_seconds": 0.0,
    "timestamp_window_seconds": 60.0,
    "latency_ms": 0.0,
    "long_tail": None,  # {"least", "median", "most": seconds, "sigma"}: durations of every task, log-normal
}


def iso(moment: float | None) -> str | None:
    """A moment as OVH writes it."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")


def load(path: Path) -> World | None:
    """The world of that file; None when there is none."""
    with suppress(FileNotFoundError):
        return World(**json.loads(path.read_text(encoding="utf-8")))
    return None


class Keeper(threading.Thread):
    """Writes a changed world to its file about once a second, whole or not at all."""

    def __init__(self, world: World, path: Path) -> None:
        super().__init__(daemon=True, name="sandbox-keeper")
        self.world, self.path = world, path
        self.is_over = threading.Event()

    def run(self) -> None:
        """Until `close`."""
        while not self.is_over.wait(1.0):
            self.write()

    def write(self) -> None:
        """The file anew, if anything changed."""
        with self.world.lock:
            if not self.world.is_changed:
                return
            text = self.world.to_json()
            self.world.is_changed = False
        beside = self.path.with_suffix(".new")
        beside.write_text(text, encoding="utf-8")
        beside.replace(self.path)

    def close(self) -> None:
        """Write what is left."""
        self.is_over.set()
        self.join()
        self.write()

"""Whether the panel does its work: seen by work done lately, not by processes being there.

Words are English and plain: they are read by whoever runs the panel, in a monitor or a terminal.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from apps.connections.models import Connection, Health
from apps.operations import readiness
from apps.ovhapi.bucket import redis_at
from hostpanel import pulse

# Ticks come once a second: many are missing by then, and a stall of a machine out of breath is forgiven.
SILENCE_S = 15.0
# The look for accounts to read comes every 30 s.
MIRROR_SILENCE_S = 120.0
BEHIND_S = 120.0
LEAST_FREE_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True)
class Check:
    """One thing looked at. `seen`: figures; `todo`: one sentence, what is wrong and what to do about it."""

    ok: bool
    seen: dict[str, Any] = field(default_factory=dict)
    todo: str = ""

    def as_json(self) -> dict[str, Any]:
        """For the answer of `/health/ready`."""
        return {"ok": self.ok, **self.seen, **({"todo": self.todo} if self.todo else {})}


@dataclass(frozen=True)
class Seen:
    """What one look at the panel saw: shared by the checks, so that Redis is asked once."""

    redis_error: str
    ages: dict[str, float | None]


def look() -> dict[str, Check]:
    """Name of each check → what it saw."""
    seen = _pulse()
    return {name: check(seen) for name, check in CHECKS.items()}


def warnings() -> list[str]:
    """What a person should see to, though the panel works: without names, for the page is public."""
    try:
        ill = set(Connection.objects.connected().filter(health__in=WARNINGS).values_list("health", flat=True))
    except DatabaseError:
        return []
    return [said for health, said in WARNINGS.items() if health in ill]


WARNINGS = {
    Health.LAPSED: "An OVH account needs a new key: `manage.py doctor` and the page of the accounts say which.",
    Health.SEALED: "The key of an OVH account cannot be opened: put its seal key back into HOSTPANEL_SEAL_KEYS.",
    Health.CLOCK: "OVH refuses signatures because this machine's clock is wrong: set it by NTP.",
}


def _pulse() -> Seen:
    try:
        return Seen("", pulse.ages())
    except (redis.RedisError, OSError) as error:
        return Seen(type(error).__name__, {})


def _database(_seen: Seen) -> Check:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return Check(
            ok=False,
            seen={"error": type(error).__name__},
            todo="The database does not answer: start it, and check DATABASE_URL.",
        )
    return Check(ok=True, seen={"engine": connection.vendor})


def _migrations(_seen: Seen) -> Check:
    try:
        missing = _known_migrations() - set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError:
        return Check(ok=False, todo="Nobody can say while the database does not answer.")
    if missing:
        todo = "The database is older than this release: run `manage.py upgrade`."
        return Check(ok=False, seen={"missing": len(missing)}, todo=todo)
    return Check(ok=True)


@lru_cache(maxsize=1)
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Of this release: they do not change while it runs."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).graph.leaf_nodes())


def _redis(seen: Seen) -> Check:
    if seen.redis_error:
        todo = "Redis does not answer: start it, and check REDIS_URL. Changes wait meanwhile; nothing is lost."
        return Check(ok=False, seen={"error": seen.redis_error}, todo=todo)
    return Check(ok=True)


def _beat(seen: Seen) -> Check:
    return _lately(seen, "beat", SILENCE_S, "No tick is sent: start `celery -A hostpanel beat`.")


def _workers(seen: Seen) -> Check:
    beat = seen.ages.get("beat")
    is_told = beat is not None and beat < SILENCE_S
    todo = (
        "Ticks are sent, but no worker does them: restart the workers of the queues ticks,send,poll."
        if is_told
        else "No work is done, and nobody asks for any: start beat first, then the workers of ticks,send,poll."
    )
    return _lately(seen, "tick", SILENCE_S, todo, as_="last_tick_s")


def _mirror(seen: Seen) -> Check:
    todo = "Nothing is read from OVH: start or restart the workers of the queues look,mirror."
    return _lately(seen, "mirror", MIRROR_SILENCE_S, todo)


def _lately(seen: Seen, name: str, silence_s: float, todo: str, as_: str = "last_s") -> Check:
    if seen.redis_error:
        return Check(ok=False, todo="Nobody can say while Redis does not answer.")
    age = seen.ages.get(name)
    rounded = None if age is None else round(age, 1)
    ok = age is not None and age < silence_s
    return Check(ok=ok, seen={as_: rounded}, todo="" if ok else todo)


def _queue(_seen: Seen) -> Check:
    try:
        ages = readiness.oldest_due_s(timezone.now())
    except DatabaseError:
        return Check(ok=False, todo="Nobody can say while the database does not answer.")
    ok = max(ages.values()) < BEHIND_S
    seen = {
        "oldest_due_s": round(max(ages.values()), 1),
        "oldest_send_s": round(ages["send"], 1),
        "oldest_poll_s": round(ages["poll"], 1),
    }
    todo = "Changes wait for a worker for minutes: look at the workers' logs, or start more of ticks,send,poll."
    return Check(ok=ok, seen=seen, todo="" if ok else todo)


def _disk(_seen: Seen) -> Check:
    try:
        free = shutil.disk_usage(settings.DATA_DIR if settings.DATA_DIR.exists() else "/").free
    except OSError as error:
        return Check(ok=False, seen={"error": type(error).__name__}, todo="HOSTPANEL_DATA cannot be read.")
    ok = free > LEAST_FREE_BYTES
    todo = f"The disk of {settings.DATA_DIR} is almost full: make room before the database cannot write."
    return Check(ok=ok, seen={"free_mb": free // 2**20}, todo="" if ok else todo)


CHECKS: dict[str, Callable[[Seen], Check]] = {
    "database": _database,
    "migrations": _migrations,
    "redis": _redis,
    "beat": _beat,
    "workers": _workers,
    "mirror": _mirror,
    "queue": _queue,
    "disk": _disk,
}


def queue_depths() -> dict[str, int]:
    """Messages that wait in Redis, by queue. Raises RedisError or OSError without Redis."""
    client = redis_at(settings.REDIS_URL)
    return {name: int(client.llen(f"{settings.REDIS_PREFIX}{name}")) for name in QUEUES}


QUEUES = ("ticks", "send", "poll", "look", "mirror")

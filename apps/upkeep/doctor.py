"""Everything that can be looked at from the machine the panel runs on: one line each, with what to do."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import redis
from django.conf import settings
from django.core import checks
from django.core.cache import cache
from django.db import DatabaseError

from apps.connections import health as account_health
from apps.connections import services as connecting
from apps.connections.client import credentials_of
from apps.connections.models import Connection, Health
from apps.operations.models import Operation, State
from apps.ovhapi.bucket import redis_at
from apps.ovhapi.client import Client, Credentials
from apps.ovhapi.errors import OvhError
from apps.sealing import box
from apps.upkeep import health
from hostpanel.processes import OLDEST_REDIS

# OVH refuses a signature whose time is further off; its own tolerance is not published.
CLOCK_S = 5

Mark = Literal["ok", "warn", "bad"]


@dataclass(frozen=True)
class Line:
    """One thing looked at. `note`: what was seen; `todo`: what to do, empty when all is well."""

    mark: Mark
    name: str
    note: str = ""
    todo: str = ""


def examine(*, only: frozenset[str] = frozenset(), ask_ovh: bool = True) -> Iterator[Line]:
    """Look at everything, or at what is named; `ask_ovh` False makes no call to OVH."""
    yield from _chosen(_settings, "settings", only)
    if not only or "keys" in only:
        yield from _keys()
    for name, check in health.look().items():
        if not only or name in only:
            note = ", ".join(f"{what} {value}" for what, value in check.seen.items() if value is not None)
            yield Line("ok" if check.ok else "bad", name, note, check.todo)
    yield from _chosen(_cache, "cache", only)
    yield from _chosen(_redis_version, "redis-version", only)
    yield from _chosen(_undecided, "undecided", only)
    if ask_ovh and (not only or "clock" in only):
        yield from _clocks()
    if ask_ovh and (not only or "accounts" in only):
        yield from _accounts()


NAMES = ("settings", "keys", *health.CHECKS, "cache", "redis-version", "undecided", "clock", "accounts")


def _chosen(check: Callable[[], Line], name: str, only: frozenset[str]) -> Iterator[Line]:
    if not only or name in only:
        yield check()


def _settings() -> Line:
    """Django's own checks, those for deployment too."""
    found = checks.run_checks(include_deployment_checks=settings.MODE == "production")
    serious = [each for each in found if each.level >= checks.ERROR]
    if serious:
        return Line("bad", "settings", str(serious[0].id), str(serious[0].msg))
    if settings.MODE == "production" and "console" in getattr(settings, "EMAIL_BACKEND", ""):
        return Line("warn", "settings", settings.MODE, "Mail is written to the log alone: set EMAIL_URL.")
    if found:
        return Line("warn", "settings", str(found[0].id), str(found[0].msg))
    return Line("ok", "settings", settings.MODE)


def _keys() -> Iterator[Line]:
    """Whether the seal keys open what is sealed."""
    try:
        shut = [str(each) for each in Connection.objects.connected() if not _opens(each)]
    except DatabaseError:
        yield Line("bad", "keys", "", "Nobody can say before the database answers and is of this release.")
        return
    if shut:
        todo = "Put the seal key they were sealed with back into HOSTPANEL_SEAL_KEYS, or renew their keys."
        yield Line("bad", "keys", f"cannot open {', '.join(shut[:5])}", todo)
    else:
        yield Line("ok", "keys", f"{len(settings.SEAL_KEYS)} known, every credential opens")


def _opens(connection: Connection) -> bool:
    try:
        credentials_of(connection)
    except box.CannotOpen:
        return False
    return True


def _cache() -> Line:
    """The table behind the limits of sign-in."""
    try:
        cache.get("doctor")
    except DatabaseError:
        return Line("bad", "cache", "", "Nobody can sign in: run `manage.py upgrade`.")
    return Line("ok", "cache")


def _redis_version() -> Line:
    try:
        said = redis_at(settings.REDIS_URL).info("server")
    except (redis.RedisError, OSError):
        return Line("bad", "redis-version", "", "Nobody can say while Redis does not answer.")
    kind = "valkey" if "valkey_version" in said else "redis"
    version = str(said.get("valkey_version") or said.get("redis_version") or "")
    numbers = tuple(int(part) for part in version.split(".") if part.isdigit())
    if kind == "redis" and numbers < OLDEST_REDIS:
        todo = "This Redis has a known hole (CVE-2025-49844): take 6.2.20, 7.2.11, 7.4.6, 8.2.2 or newer."
        return Line("warn", "redis-version", version, todo)
    return Line("ok", "redis-version", f"{kind} {version}")


def _undecided() -> Line:
    """Operations of which nobody knows whether OVH did them."""
    try:
        count = Operation.objects.filter(state=State.FAILED, reason="not_known", decided="").count()
    except DatabaseError:
        return Line("bad", "undecided", "", "Nobody can say before the database answers and is of this release.")
    if count:
        todo = "A person has to say whether they happened: `manage.py operations list --undecided`."
        return Line("warn", "undecided", str(count), todo)
    return Line("ok", "undecided", "none")


def _clocks() -> Iterator[Line]:
    """Our clock against that of each OVH an account is at (GET /auth/time)."""
    try:
        endpoints = sorted(set(Connection.objects.connected().values_list("endpoint", flat=True)))
    except DatabaseError:
        return
    for endpoint in endpoints:
        yield _clock(endpoint)


def _clock(endpoint: str) -> Line:
    began = time.time()
    try:
        theirs = Client(Credentials(endpoint=endpoint), deadline_s=15).call("GET", "/auth/time", signed=False).data
        ours = (began + time.time()) / 2
        off = int(theirs) - ours
    except KeyError:
        todo = f"HOSTPANEL_OVH_ENDPOINTS no longer names {endpoint}, which accounts are at."
        return Line("bad", "clock", endpoint, todo)
    except (OvhError, TypeError, ValueError) as error:
        return Line("warn", "clock", f"{endpoint}: {error}", "OVH cannot be reached from here: look at the network.")
    note = f"{endpoint}: {off:+.0f} s"
    if abs(off) > CLOCK_S:
        return Line("warn", "clock", note, "This machine's clock is off: set it by NTP. The panel makes up for it.")
    return Line("ok", "clock", note)


def _accounts() -> Iterator[Line]:
    """Each account's credential, tried at OVH (2 or 3 calls each); what comes of it is shown on its page too."""
    try:
        accounts = list(Connection.objects.connected().select_related("team").order_by("team__slug", "name"))
    except DatabaseError:
        return
    for connection in accounts:
        connecting.check(connection)
        connection.refresh_from_db()
        yield _account(connection)


def _account(connection: Connection) -> Line:
    who = f"{connection.team.slug}/{connection.name}"
    words = account_health.words_of(connection)
    if connection.health == Health.OK and connection.expires_soon:
        until = f"{connection.credential_expires_at:%Y-%m-%d}"
        return Line("warn", "accounts", f"{who}: key ends {until}", "Renew the key on the page of the account.")
    if connection.health == Health.OK:
        return Line("ok", "accounts", who)
    mark: Mark = "warn" if connection.health in (Health.UNREACHABLE, Health.RATE_LIMITED) else "bad"
    return Line(mark, "accounts", f"{who}: {words.title}", str(words.todo or words.meaning))

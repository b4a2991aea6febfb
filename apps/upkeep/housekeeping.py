"""What is over and old goes, in small batches: each its own short transaction, so that nobody waits for it.

What somebody may still need stays: what is unfinished, what a person has yet to decide. The history (`audit`) is kept
longest, and its own room cuts it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from apps.audit import chain
from apps.audit.models import Entry
from apps.connections.models import Consent
from apps.inventory.models import (
    Answer,
    AttachedDomain,
    Database,
    Dump,
    FtpUser,
    Module,
    ServiceTask,
    SyncRun,
)
from apps.operations.models import OVER, Event, Operation
from apps.upkeep import tallies

BATCH = 500
# Between two batches, so that on SQLite, which has one writer, others get their turn.
PAUSE_S = 0.02
GONE = (Dump, AttachedDomain, Module, FtpUser, Database)

Rows = models.QuerySet[Any]


def _remove_some(chore: "Chore", now: datetime) -> int:
    """One batch; how many it took. The condition is asked again in the transaction that removes."""
    old = chore.old(now)
    keys = list(old.values_list("pk", flat=True)[:BATCH])
    if not keys:
        return 0
    with transaction.atomic():
        rows = old.order_by().filter(pk__in=keys)
        return rows.delete()[1].get(old.model._meta.label, 0)  # noqa: SLF001  # Django's own name for it


def _cut_history(_chore: "Chore", now: datetime) -> int:
    """One batch of one team's oldest entries: they are chained, so only their own room may take them."""
    before = _since(now, "audit")
    return next((number for head in chain.heads() if (number := chain.cut(head.team_id, before))), 0)


@dataclass(frozen=True)
class Chore:
    """One kind of thing that goes. `old`: its rows that may go now; `remove`: takes a batch and says how many."""

    name: str
    old: Callable[[datetime], Rows]
    remove: "Callable[[Chore, datetime], int]" = _remove_some


def chores() -> list[Chore]:
    """What is removed, in this order: what hangs on others first."""
    return [
        Chore("events", _events),
        Chore("operations", _operations),
        Chore("sync runs", lambda now: _before(SyncRun, "started_at", _since(now, "sync_runs")).exclude(
            state=SyncRun.State.RUNNING)),
        Chore("service tasks", lambda now: ServiceTask.objects.filter(
            gone_at__lt=_since(now, "tasks"), next_at=None)),
        Chore("answers", _answers),
        *(_gone(model) for model in GONE),
        Chore("consents", lambda now: Consent.objects.filter(created_at__lt=now - timedelta(days=1))),
        Chore("sessions", lambda now: Session.objects.filter(expire_date__lt=now)),
        Chore("lists of sessions", lambda _now: UserSession.objects.filter(
            ~Exists(Session.objects.filter(session_key=OuterRef("session_key"))))),
        Chore("history", lambda now: _before(Entry, "at", _since(now, "audit")), _cut_history),
    ]  # fmt: skip


@dataclass(frozen=True)
class Result:
    """What was removed, by name; `is_done` False when the time was over first."""

    removed: dict[str, int]
    is_done: bool


def keep_house(now: datetime, *, seconds: float, told: Callable[[str, int], None] = lambda _n, _c: None) -> Result:
    """Count what has ended, then remove what is old, for at most `seconds`. Harmless twice, and side by side.

    `told` hears of each batch: (name, rows removed).
    """
    ends = time.monotonic() + seconds
    tallies.count_days(now)  # before its rows go
    removed: dict[str, int] = {}
    for chore in chores():
        removed[chore.name] = 0
        while number := chore.remove(chore, now):
            removed[chore.name] += number
            told(chore.name, number)
            if time.monotonic() > ends:
                return Result(removed, is_done=False)
            time.sleep(PAUSE_S)
    return Result(removed, is_done=True)


def waiting(now: datetime) -> dict[str, int]:
    """How many of each would go now."""
    return {chore.name: chore.old(now).count() for chore in chores()}


def _operations(now: datetime) -> Rows:
    """Finished long ago; a person's decision may take as long as it wants."""
    old = Operation.objects.filter(state__in=OVER, finished_at__lt=_since(now, "operations"))
    return old.exclude(reason="not_known", decided="").order_by("finished_at")


def _events(now: datetime) -> Rows:
    """The steps of operations that ended long ago: the row says how it ended, the history who asked."""
    old = _before(Event, "at", _since(now, "events")).filter(operation__state__in=OVER)
    return old.exclude(operation__reason="not_known", operation__decided="")


def _answers(now: datetime) -> Rows:
    """What nobody has looked at for long."""
    since = _since(now, "answers")
    return Answer.objects.filter(Q(read_at__lt=since) | Q(read_at=None, asked_at__lt=since)).exclude(
        asked_at__gte=since
    )


def _gone(model: type[models.Model]) -> Chore:
    """What OVH has not listed for long. Services stay: their operations are history."""
    rows = model._default_manager  # noqa: SLF001
    name = f"{model._meta.verbose_name_plural} that are gone"  # noqa: SLF001
    return Chore(name, lambda now: rows.filter(gone_at__lt=_since(now, "gone")).order_by("pk"))


def _since(now: datetime, name: str) -> datetime:
    return now - timedelta(days=settings.KEEP_DAYS[name])


def _before(model: type[models.Model], column: str, since: datetime) -> Rows:
    """Rows older than `since` of a table that only grows: found by bisecting its key, which needs no index on time."""
    rows = model._default_manager.order_by("pk")  # noqa: SLF001
    first, last = rows.values_list("pk", flat=True).first(), rows.values_list("pk", flat=True).last()
    if first is None or last is None:
        return rows.none()
    low, high = int(first), int(last) + 1
    while low < high:
        middle = (low + high) // 2
        found = rows.filter(pk__gte=middle).values_list("pk", column).first()
        if found is not None and found[1] < since:
            low = int(found[0]) + 1
        else:
            high = middle
    return rows.filter(pk__lt=low)

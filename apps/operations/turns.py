"""Whose turn it is: what is due, and the claims of those who look after it.

Fair to all: an account with thousands does not keep another waiting, nor a hosting with hundreds another of its
account, nor what nobody watches for ever what somebody does.
"""

import secrets
from datetime import datetime, timedelta
from itertools import cycle, islice
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Max, Min, Q, Window
from django.db.models.functions import RowNumber

from apps.connections.models import BLOCKING, Health
from apps.operations.models import FOLLOWED, Operation, OperationQuerySet, State

# Longer than the deadline of a call and the hard limit of a task together: when it is over, no byte is on its way.
LEASE = timedelta(seconds=150)
# So many of an account are hinted at in one tick, so many of a hosting are looked after in one go.
OF_EACH, TOGETHER = 3, 50
# Further ahead no wait leads: such a time was written by a clock that has been set back since.
FURTHEST = timedelta(hours=1)


def due(now: datetime) -> OperationQuerySet:
    """What should be looked at now: its time has come, nobody holds it, its account can be reached."""
    open_account = Q(connection__paused_until=None) | is_past("connection__paused_until", now)
    has_rights_now = Q(waiting="missing_rights", connection__health=Health.OK)
    its_time = is_past("next_at", now) | has_rights_now
    rows = Operation.objects.unfinished().filter(is_free(now) & open_account & its_time)
    return rows.exclude(connection__health__in=BLOCKING)


def is_free(now: datetime) -> Q:
    """Nobody holds it. A lease that ends later than any can was taken before the clock was set back."""
    return Q(lease_until=None) | Q(lease_until__lte=now) | Q(lease_until__gt=now + 2 * LEASE)


def is_past(column: str, now: datetime) -> Q:
    """The time in `column` has come."""
    return Q(**{f"{column}__lte": now}) | Q(**{f"{column}__gt": now + FURTHEST})


def queued(operation_id: UUID | str, *, now: datetime) -> Operation | None:
    """A queued operation that is due, unclaimed."""
    rows = due(now).filter(pk=operation_id, state=State.QUEUED)
    return rows.select_related("after", "service", "connection", "team").first()


def next_of_each_account(now: datetime, most: int) -> list[UUID]:
    """Queued operations that are due, a few of each account: one with thousands does not keep the others waiting.

    Of an account those asked for first go first, however their pauses fell. Where there are more accounts than hints,
    chance says whose turn it is.
    """
    rank = Window(RowNumber(), partition_by="connection_id", order_by=["requested_at"])
    rows = due(now).filter(state=State.QUEUED).annotate(rank=rank).filter(rank__lte=OF_EACH)
    return list(rows.order_by("rank", "?").values_list("pk", flat=True)[:most])


def accounts_to_follow(now: datetime, most: int) -> list[int]:
    """Accounts with something due to be looked after; chance says whose turn it is where there are more than `most`."""
    rows = due(now).filter(state__in=FOLLOWED).order_by().values_list("connection_id", flat=True)
    accounts = list(rows.distinct())
    return secrets.SystemRandom().sample(accounts, min(most, len(accounts)))


def claim_followed(connection_id: int, *, now: datetime, services: int) -> list[Operation]:
    """Take the operations of one account whose task or outcome is to be looked at, of at most so many services.

    Those of one service come together, due or not: one list call tells of all. First what only has to be proven, then
    what somebody watches, which leaves every third turn to the others.
    """
    with transaction.atomic():
        wanted = _in_turn(_waiting(connection_id, now), now)[:services]
        rows = Operation.objects.filter(pk__in=_together(connection_id, wanted, now))
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        # Locked on PostgreSQL, alone in its transaction on SQLite: nobody changes them in between.
        taken = list(rows.filter(is_free(now), state__in=FOLLOWED).values_list("pk", flat=True))
        Operation.objects.filter(pk__in=taken).update(epoch=F("epoch") + 1, lease_until=now + LEASE)
    turns = {service_id: turn for turn, service_id in enumerate(wanted)}
    whole = Operation.objects.select_related("connection", "service", "requested_by", "team").filter(pk__in=taken)
    return sorted(whole, key=lambda each: (turns[each.service_id], each.has_open_task))


Waiting = tuple[int, datetime | None, datetime | None]  # service, proving since, watched until


def _waiting(connection_id: int, now: datetime) -> list[Waiting]:
    """The services of an account with something due, longest due first."""
    rows = due(now).filter(connection_id=connection_id, state__in=FOLLOWED).order_by().values("service_id")
    together = rows.annotate(first=Min("next_at"), proving=Max("settling_at"), until=Max("watched_until"))
    return list(together.order_by("first").values_list("service_id", "proving", "until"))


def _together(connection_id: int, wanted: list[int], now: datetime) -> list[UUID]:
    """What is to be looked after of each of these services: what is due, and what the same list call tells of."""
    has_open_task = Q(task_id__isnull=False, settling_at=None, state=State.RUNNING)
    mine = Operation.objects.filter(connection_id=connection_id, service_id__in=wanted, state__in=FOLLOWED)
    mine = mine.filter(is_free(now), is_past("next_at", now) | has_open_task)
    rank = Window(RowNumber(), partition_by="service_id", order_by=["next_at"])
    return list(mine.annotate(rank=rank).filter(rank__lte=TOGETHER).order_by().values_list("pk", flat=True))


def _in_turn(rows: list[Waiting], now: datetime) -> list[int]:
    """Those with something to prove, then two that are watched, one that is not, and so on.

    Where that begins is left to chance, for often there is room for one alone.
    """
    proving = [service_id for service_id, since, _until in rows if since]
    watched = [service_id for service_id, _since, until in rows if until and until > now]
    unwatched = iter([row[0] for row in rows if row[0] not in set(watched)])
    waiting, turns = iter(watched), cycle([True, True, False])
    chosen = dict.fromkeys(proving)
    for is_watched in islice(turns, secrets.randbelow(3), None):
        first, second = (waiting, unwatched) if is_watched else (unwatched, waiting)
        found = next(first, None) or next(second, None)
        if found is None:
            return list(chosen)
        chosen[found] = None
    return list(chosen)

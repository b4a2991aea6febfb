"""The life of an operation. Nothing else writes `state`.

    queued ─▶ sending ─▶ running ─▶ succeeded | failed
      │  ▲       │ ▲        ▲
      │  └───────┘ └─ unconfirmed ─▶ queued (proven absent) | failed (not known)
      └─▶ cancelled | failed

    running ─▶ queued is for what is harmless twice and whose task OVH forgot before it was seen to end.

Each change is one conditional update that tells whether it happened. It repeats the epoch of the claim: a worker that
was paused past its lease finds another epoch, changes nothing, and gives up.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from apps.audit.services import record
from apps.operations import timing
from apps.operations.models import OVER, Duration, Event, Operation, OperationQuerySet, State
from apps.operations.turns import LEASE, due, is_free
from apps.teams.models import User

log = structlog.get_logger(__name__)

# The longest a call can take once its turn has come, waiting for the turn included.
CALL = timedelta(seconds=40)


def claim_to_send(operation_id: UUID | str, *, now: datetime) -> Operation | None:
    """Take a queued operation for sending; None when another worker has it or it is not its time."""
    with transaction.atomic():
        taken = (
            Operation.objects.filter(pk__in=due(now).filter(pk=operation_id, is_held=False).values("pk"))
            .filter(state=State.QUEUED, is_held=False)
            .update(
                **_changes(now, state=State.SENDING, epoch=F("epoch") + 1, attempts=F("attempts") + 1),
                lease_until=now + LEASE,
                sent_at=now,
                left_at=None,
            )
        )
        if not taken:
            return None
        operation = _whole().get(pk=operation_id)
        _note(operation, "sending", now, attempt=operation.attempts)
    return operation


def released(operation: Operation, *, conflict_key: str) -> bool:
    """What it was held for has come; False when something else is being done to the same thing."""
    now = timezone.now()
    changes = {"is_held": False, "conflict_key": conflict_key, **_waiting(operation, "", now), **_later(now, 0)}
    try:
        with transaction.atomic():
            return _move(operation, "released", now, **changes)
    except IntegrityError:
        return False


def leaving(operation: Operation) -> bool:
    """The last look before the call: whether the claim still holds, and for longer than the call can take.

    A worker that was suspended meanwhile finds its lease gone and sends nothing.
    """
    now = timezone.now()
    mine = _mine(operation).filter(state=State.SENDING, lease_until__gt=now + CALL)
    if not mine.update(left_at=now):
        return False
    operation.left_at = now
    return True


def rescue(*, now: datetime) -> int:
    """Operations whose sender died. Returns how many there were.

    What had not left is queued again; of what had, nobody knows. The epoch is raised, so that a sender which was only
    suspended writes nothing any more.
    """
    dead = Operation.objects.filter(is_free(now), state=State.SENDING)
    return sum(_rescued(operation, now) for operation in dead)


def _rescued(operation: Operation, now: datetime) -> bool:
    has_left = operation.left_at is not None
    changes: dict[str, Any] = {"state": State.UNCONFIRMED if has_left else State.QUEUED, "next_at": now}
    changes |= {"lease_until": None, "looks": 0, "epoch": F("epoch") + 1}
    still = _mine(operation).filter(is_free(now), state=State.SENDING, left_at=operation.left_at)
    with transaction.atomic():
        moved = still.update(**_changes(now, **changes))
        if moved:
            _note(operation, "sender_died" if has_left else "sender_gone", now)
    return bool(moved)


def doubted(*, since: datetime) -> int:
    """The panel has been put back to how it was at `since`: what it was about to send may have been sent after that.

    All of it is to be found out before anything is sent again. Returns how many there were; what runs at OVH is found
    by its task anyway.
    """
    now = timezone.now()
    unsent = Operation.objects.filter(state__in=(State.QUEUED, State.SENDING))
    return sum(_doubted(operation, since, now) for operation in unsent)


def _doubted(operation: Operation, since: datetime, now: datetime) -> bool:
    changes: dict[str, Any] = {"state": State.UNCONFIRMED, "next_at": now, "lease_until": None, "looks": 0}
    changes |= {"sent_at": operation.sent_at or since, "epoch": F("epoch") + 1, "waiting": "", "waiting_since": None}
    with transaction.atomic():
        moved = _mine(operation).filter(state=operation.state).update(**_changes(now, **changes))
        if moved:
            _note(operation, "restored", now)
    return bool(moved)


def requeued(
    operation: Operation,
    waiting: str,
    *,
    seconds: float,
    kind: str = "waiting",
    message: str = "",
    query_id: str = "",
) -> bool:
    """Nothing took effect for certain, or twice does no harm: wait, send again. `waiting`: an id of `words.WAITING`."""
    now = timezone.now()
    return _move(
        operation, kind, now, details={"why": waiting, "message": message, "query_id": query_id},
        state=State.QUEUED, sent_at=None, accepted_at=None, task_id=None, task_status="", task_seen_at=None,
        **_waiting(operation, waiting, now), **_later(now, seconds),
    )  # fmt: skip


def unconfirmed(operation: Operation, *, message: str, query_id: str = "", seconds: float = 3) -> bool:
    """The call may or may not have taken effect: to be found out before anything else."""
    now = timezone.now()
    return _move(
        operation, "unconfirmed", now, details={"message": message, "query_id": query_id},
        state=State.UNCONFIRMED, looks=0, query_id=query_id or operation.query_id, **_later(now, seconds),
    )  # fmt: skip


def running(
    operation: Operation, *, task_id: int | None, query_id: str = "", kind: str = "accepted", seconds: float,
    facts: dict[str, Any] | None = None,
) -> bool:  # fmt: skip
    """OVH has accepted it (`kind` accepted), or it was found there after an answer was lost (`kind` adopted)."""
    now = timezone.now()
    return _move(
        operation, kind, now, details={"task": task_id, "query_id": query_id},
        state=State.RUNNING, task_id=task_id, accepted_at=now, query_id=query_id or operation.query_id,
        result=facts or operation.result,
        **_waiting(operation, "", now), **_later(now, seconds),
    )  # fmt: skip


def seen(operation: Operation, *, task_status: str, seconds: float) -> bool:
    """Its task still runs. Only a new status is written down as a step."""
    now = timezone.now()
    changes: dict[str, Any] = {**_waiting(operation, "", now), **_later(now, seconds)}
    if task_status == operation.task_status and not operation.waiting and operation.task_seen_at:
        return _keep(operation, **changes)
    changes |= {"task_status": task_status, "task_seen_at": operation.task_seen_at or now}
    return _move(operation, "task", now, details={"status": task_status}, **changes)


def looked(operation: Operation, *, seconds: float) -> bool:
    """It was looked for and not found; counts towards the proof that it never took effect."""
    return _keep(operation, looks=F("looks") + 1, **_later(timezone.now(), seconds))


def given_back(operation: Operation) -> bool:
    """A claim to look after it was not used: whoever is next may, and it keeps its place."""
    return _keep(operation, lease_until=None)


def later(operation: Operation, *, seconds: float, waiting: str = "") -> bool:
    """Look again in `seconds`; `waiting` says why OVH could not be asked now."""
    now = timezone.now()
    changes = {**_waiting(operation, waiting, now), **_later(now, seconds)}
    if waiting == operation.waiting:
        return _keep(operation, **changes)
    return _move(operation, "waiting" if waiting else "goes_on", now, details={"why": waiting}, **changes)


def settling(operation: Operation, *, ended: str, seconds: float) -> bool:
    """OVH says it is over, but the object is not yet as asked. `ended`: done or vanished."""
    now = timezone.now()
    if operation.settling_at:
        return _keep(operation, **_later(now, seconds))
    return _move(operation, "settling", now, details={"ended": ended}, settling_at=now, **_later(now, seconds))


def succeeded(operation: Operation, *, facts: dict[str, Any], kind: str = "checked") -> bool:
    """The object was read back and is as asked."""
    ended = _end(operation, State.SUCCEEDED, "", kind, result=facts)
    if ended:
        _learn(operation)
    return ended


def failed(operation: Operation, reason: str, *, message: str = "", query_id: str = "",
           facts: dict[str, Any] | None = None) -> bool:  # fmt: skip
    """It is over and not done. `reason` is an id of `words.ENDINGS`, `message` OVH's own words."""
    return _end(
        operation, State.FAILED, reason, "failed", result=facts or {}, ovh_message=message[:1000],
        query_id=query_id or operation.query_id,
    )  # fmt: skip


def cancelled(operation: Operation) -> bool:
    """A person took it back while nothing had been sent; False when it was too late."""
    if operation.state != State.QUEUED:
        return False
    now = timezone.now()
    rows = Operation.objects.filter(is_free(now), state=State.QUEUED)
    with transaction.atomic():
        taken = rows.filter(pk=operation.pk, epoch=operation.epoch).update(
            **_changes(now, state=State.CANCELLED, finished_at=now, next_at=None, sealed="", waiting="")
        )
        if taken:
            _note(operation, "cancelled", now)
            _let_go(operation, now)
    return bool(taken)


def decided(operation: Operation, decision: str, *, by: User) -> bool:
    """A person has said what became of it; its state stays. False when somebody had said so already."""
    now = timezone.now()
    rows = Operation.objects.filter(pk=operation.pk, state=State.FAILED, reason="not_known", decided="")
    with transaction.atomic():
        taken = rows.update(**_changes(now, decided=decision, decided_by=by))
        if taken:
            _note(operation, f"decided_{decision}", now, who=str(by))
    return bool(taken)


def _whole() -> OperationQuerySet:
    return Operation.objects.select_related("connection", "service", "requested_by", "team")


def _changes(now: datetime, **changes: Any) -> dict[str, Any]:
    """`changes`, and what lets open pages notice them."""
    return {**changes, "version": F("version") + 1, "changed_at": now}


def _later(now: datetime, seconds: float) -> dict[str, Any]:
    return {"next_at": now + timedelta(seconds=seconds), "lease_until": None}


def _waiting(operation: Operation, waiting: str, now: datetime) -> dict[str, Any]:
    """Why it waits, and since when: the time of the first try that said so."""
    if waiting == operation.waiting:
        return {}
    return {"waiting": waiting, "waiting_since": now if waiting else None}


def _mine(operation: Operation) -> OperationQuerySet:
    """The row, if the claim that read it still holds."""
    return Operation.objects.filter(pk=operation.pk, epoch=operation.epoch).exclude(state__in=OVER)


def _keep(operation: Operation, **changes: Any) -> bool:
    """A change nobody needs to see."""
    return bool(_mine(operation).update(**changes))


def _move(
    operation: Operation, kind: str, now: datetime, *, details: dict[str, Any] | None = None, **changes: Any
) -> bool:
    """A change people see: the row and its step, or neither."""
    with transaction.atomic():
        moved = _mine(operation).update(**_changes(now, **changes))
        if moved:
            _note(operation, kind, now, **(details or {}))
    return bool(moved)


def _note(operation: Operation, kind: str, now: datetime, **details: Any) -> None:
    given = {name: value for name, value in details.items() if value not in ("", None)}
    Event.objects.create(operation=operation, at=now, kind=kind, details=given)
    named = {"operation": str(operation.pk), "action": operation.action, "connection": operation.connection_id}
    log.info("operation step", step=kind, query_id=given.get("query_id", ""), **named)


def _end(operation: Operation, state: State, reason: str, kind: str, **changes: Any) -> bool:
    """The last change: secrets erased, the history told, nothing due any more."""
    now = timezone.now()
    with transaction.atomic():
        ended = _move(
            operation, kind, now, details={"reason": reason, "message": changes.get("ovh_message", "")},
            state=state, reason=reason, finished_at=now, next_at=None, lease_until=None, sealed="", waiting="",
            waiting_since=None, **changes,
        )  # fmt: skip
        if ended:
            _let_go(operation, now)
            record(
                f"{operation.action}.{state}", team_id=operation.team_id, target=operation.label,
                account_id=operation.connection_id, operation_id=operation.pk,
                details={"reason": reason} if reason else {},
            )  # fmt: skip
    return ended


def _let_go(operation: Operation, now: datetime) -> None:
    """Its files are erased; what waits for its end is looked at now."""
    operation.attachments.all().delete()
    operation.successors.filter(state=State.QUEUED).update(next_at=now)


def _learn(operation: Operation) -> None:
    """Remember how long it took at OVH, for the first polls of the next one and for people."""
    if operation.accepted_at is None:
        return
    took = (timezone.now() - operation.accepted_at).total_seconds()
    learnt, _ = Duration.objects.get_or_create(action=operation.action)
    learnt.seconds = [*learnt.seconds, round(took, 1)][-timing.KEPT_DURATIONS :]
    learnt.save(update_fields=["seconds"])

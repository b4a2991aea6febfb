"""What a worker does with an operation: send it, follow its task, read the object back, end it.

Errors are sorted by what to do next. Whatever cannot be proven is never guessed: a call that may have taken effect is
not sent again until the object or its absence has been seen.
"""

import time
from collections.abc import Callable
from functools import partial
from itertools import groupby
from typing import Any
from uuid import UUID

import structlog
from billiard.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from apps.connections.client import bucket_of, client_for
from apps.connections.models import Connection
from apps.operations import holding, outcome, registry, states, tasklist, timing, turns
from apps.operations.models import Operation, State
from apps.operations.registry import Action, Answers, Call, Found, Verdict
from apps.operations.sealing import secrets_of
from apps.ovhapi.client import Client, Lane
from apps.ovhapi.errors import Conflict, Lapsed, Missing, NotGranted, NotNow, OvhError, Refused, Unsure
from apps.sealing.box import CannotOpen
from apps.teams.access import may
from apps.teams.models import Membership

log = structlog.get_logger(__name__)

# From the last look at the claim to the end of the call; `states.CALL` of the lease is kept for it.
CALL_S = 30.0
# One poll task stops taking up operations after this, well below its time limit.
BATCH_S = 20.0
BUSY_S = 20.0
UNKNOWN_S = 60.0
# An account whose calls are used up has the next one about so soon.
TURN_S = 1.0
# A file that does not get through is not brought for ever.
UPLOADS_AT_MOST = 6
SEALED_S = 300.0


def submit(operation_id: UUID | str) -> None:
    """Send one queued operation to OVH. Does nothing when it is not there to be sent."""
    now = timezone.now()
    waiting = turns.queued(operation_id, now=now)
    if waiting is None or not _is_known(waiting):
        return
    if waiting.is_held:
        with_care(waiting, lambda operation: holding.look(operation, now=now))
    elif not bucket_of(waiting.connection).room(Lane.PERSON):
        states.later(waiting, seconds=TURN_S, waiting="bucket")
        return
    operation = states.claim_to_send(operation_id, now=timezone.now())
    if operation is not None:
        with_care(operation, _send_if_allowed)


def _is_known(operation: Operation) -> bool:
    """Whether this release knows the action; one that does not leaves it to a worker of the release that does."""
    try:
        registry.get(operation.action)
    except KeyError:
        states.later(operation, seconds=UNKNOWN_S)
        return False
    return True


def poll(connection_id: int) -> int:
    """Look after the running and unconfirmed operations of one account that are due; returns how many.

    No more are taken than the account has calls for, and no worker waits here while another account could be served.
    """
    account = Connection.objects.filter(pk=connection_id).first()
    if account is None:
        return 0
    bucket = bucket_of(account)
    room = bucket.room(Lane.POLL)
    taken = turns.claim_followed(connection_id, now=timezone.now(), services=room) if room else []
    if not taken:
        return 0
    client = client_for(taken[0].connection, lane=Lane.POLL, patience_s=0)
    ends = time.monotonic() + BATCH_S
    untouched = list(taken)
    try:
        for _together, several in groupby(taken, lambda each: (each.service_id, each.has_open_task)):
            if time.monotonic() > ends or not bucket.room(Lane.POLL):
                break
            _follow_together(client, list(several), untouched)
    finally:  # whatever happened: nobody else may look at what is leased
        for operation in untouched:
            states.given_back(operation)
    return len(taken)


def _follow_together(client: Client, several: list[Operation], untouched: list[Operation]) -> None:
    """Look after operations of one service, taking each from `untouched`.

    Where several have tasks, one list call tells of all. What only has to be proven comes by itself, before: where
    there is but one call to be had, it must not go into a list each time.
    """
    known: tasklist.Known = {}
    step = partial(outcome.follow, client, known=known)
    wanted = {operation.task_id for operation in several if operation.task_id and operation.has_open_task}
    if len(wanted) > 1:
        try:
            known |= tasklist.of_service(client, several[0].service, wanted=wanted)
        except (NotNow, Lapsed) as error:
            step = partial(outcome.put_off, error=error)
    for operation in several:
        untouched.remove(operation)
        with_care(operation, step)


def with_care(operation: Operation, step: Callable[[Operation], None]) -> None:
    """Run one step of one operation; an error of ours must not lose it, nor stop the others."""
    try:
        with structlog.contextvars.bound_contextvars(operation=str(operation.pk), action=operation.action):
            step(operation)
    except SoftTimeLimitExceeded:
        raise  # the lease says when somebody else may take over
    except Exception as error:  # noqa: BLE001  # whatever it is, the row must find somebody to look at it again
        # Only the kind is logged: a traceback would carry frames, and frames the secrets.
        log.error(  # noqa: TRY400
            "step failed", operation=str(operation.pk), action=operation.action, error=type(error).__name__
        )
        if operation.state == State.SENDING and operation.left_at is None:
            states.requeued(operation, "trouble", seconds=30)
        elif operation.state == State.SENDING:
            states.unconfirmed(operation, message=type(error).__name__, seconds=10)
        else:
            states.later(operation, seconds=30, waiting="trouble")


def _send_if_allowed(operation: Operation) -> None:
    """Send it, unless whoever asked for it has lost the right meanwhile."""
    if _still_allowed(operation):
        _send(operation)
    else:
        states.failed(operation, "no_longer_allowed")


def _still_allowed(operation: Operation) -> bool:
    """Whether who asked for it may still do it: role and accounts may have changed while it waited.

    What the panel itself decided is allowed by whoever set it up, who may have left since.
    """
    if operation.is_panels:
        return True
    members = Membership.objects.filter(user=operation.requested_by_id, user__is_active=True, team=operation.team_id)
    member = members.select_related("user").first()
    if member is None or not Connection.objects.visible_to(member).filter(pk=operation.connection_id).exists():
        return False
    return bool(may(member, operation.action, team_id=operation.team_id))


def _send(operation: Operation) -> None:
    """Make the call. Every way it can end leads to exactly one change of state."""
    action = registry.get(operation.action)
    client = client_for(operation.connection, lane=Lane.PERSON)
    try:
        call = registry.call_of(operation, secrets_of(operation))
        body = _body(client, action, operation, call)
        ends = time.monotonic() + CALL_S
        if not states.leaving(operation):
            return  # suspended for so long that another worker has taken over
        answer = client.call(call.method, call.path, query=call.query, body=body, ends=ends)
        task_id = _task_id(action, answer.data)
    except CannotOpen:  # nothing was sent; it goes on once the seal key is back
        states.requeued(operation, "sealed", seconds=SEALED_S)
    except Lapsed as error:  # not due until the account has a new key: `turns.due`
        states.requeued(operation, "lapsed", seconds=2, message=error.message, query_id=error.query_id)
    except NotNow as error:
        wait = timing.pause(operation.attempts, told_s=error.seconds)
        states.requeued(operation, error.reason, seconds=wait, message=error.message, query_id=error.query_id)
    except NotGranted as error:
        wait = max(timing.RIGHTS_S, timing.pause(operation.attempts))
        states.requeued(operation, "missing_rights", seconds=wait, message=error.message, query_id=error.query_id)
    except Unsure as error:
        states.unconfirmed(operation, message=error.message, query_id=error.query_id)
    except Conflict as error:
        _resolve_conflict(client, action, operation, error)
    except Refused as error:
        _refused(client, action, operation, error)
    else:
        first = timing.next_wait(0, durations=outcome.durations_of(action), is_watched=outcome.is_watched(operation))
        facts = _facts(action, answer.data)
        states.running(operation, task_id=task_id, query_id=answer.query_id, seconds=first, facts=facts)


def _body(client: Client, action: Action, operation: Operation, call: Call) -> Any:
    """What is sent, with what had to be made ready for it. Until then nothing has changed at OVH."""
    if action.prepare is None:
        return call.body
    try:
        return {**call.body, **action.prepare(client, operation)}
    except NotNow as error:
        if error.reason == "upload" and operation.times("waiting", why="upload") + 1 >= UPLOADS_AT_MOST:
            raise Refused(error.message, query_id=error.query_id) from error
        raise
    except Unsure as error:
        raise NotNow(error.message, reason="overloaded", query_id=error.query_id) from error


def _facts(action: Action, answer: object) -> dict[str, Any]:
    """Of an object OVH has made: its id, by which it is read back."""
    is_object = action.answers is Answers.OBJECT and isinstance(answer, dict) and answer.get("id")
    return {"id": str(answer["id"])} if is_object and isinstance(answer, dict) else {}


def _task_id(action: Action, answer: object) -> int | None:
    """The id of the task OVH answered; None where it answers none. Where one must be, its lack says nothing."""
    if action.answers is Answers.NOTHING:
        return None
    found = answer if isinstance(answer, dict) else {}
    task_id = found.get("id", found.get("taskId")) if action.answers is Answers.TASK else found.get("taskId")
    if isinstance(task_id, str) and task_id.isdigit():
        task_id = int(task_id)
    if task_id is None and found and action.answers is Answers.OBJECT:
        return None
    if not isinstance(task_id, int):
        msg = "OVH answered without a task."
        raise Unsure(msg)
    return task_id


def _resolve_conflict(client: Client, action: Action, operation: Operation, error: Conflict) -> None:
    """409: the thing is there already, or something else is being done to it.

    Only an object that tells whether the call took effect may end it well: one that is merely at rest says nothing.
    """
    try:
        found = action.read_back(client, operation) if outcome.is_telling(action) else Found(Verdict.OTHERWISE)
        is_there = found.verdict is Verdict.AS_ASKED and (not action.secrets or _was_in_doubt(operation))
        is_busy = not is_there and (found.verdict is Verdict.UNDER_WAY or tasklist.is_busy(client, operation.service))
    except OvhError:  # it was a clear no; what else is going on there is asked next time
        states.requeued(operation, "busy", seconds=BUSY_S, message=error.message, query_id=error.query_id)
        return
    if is_there:
        states.succeeded(operation, facts=found.facts, kind="already")
    elif is_busy:
        states.requeued(operation, "busy", seconds=BUSY_S, message=error.message, query_id=error.query_id)
    else:
        states.failed(operation, "refused", message=error.message, query_id=error.query_id)


def _was_in_doubt(operation: Operation) -> bool:
    """Whether an earlier call of it may have taken effect: then what is there now may be its own, password and all."""
    return operation.events.filter(kind__in=("unconfirmed", "sender_died")).exists()


def _refused(client: Client, action: Action, operation: Operation, error: Refused) -> None:
    """OVH said no. What was to be deleted and is gone is as asked."""
    if action.method == "DELETE" and isinstance(error, Missing) and _is_gone(client, action, operation):
        states.succeeded(operation, facts={}, kind="already")
        return
    states.failed(operation, outcome.reason_of(error), message=error.message, query_id=error.query_id)


def _is_gone(client: Client, action: Action, operation: Operation) -> bool:
    """Whether what was to be deleted is not there."""
    try:
        return action.read_back(client, operation).verdict is Verdict.AS_ASKED
    except OvhError:
        return False

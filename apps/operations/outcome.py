"""What became of an operation that OVH has, or may have: its task, then its object, which alone makes success.

What cannot be proven is never guessed.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from apps.operations import registry, states, tasklist, timing
from apps.operations.models import Duration, Operation, State
from apps.operations.registry import Action, Found, Resend, Verdict
from apps.ovhapi.client import Client
from apps.ovhapi.errors import Expired, Lapsed, Missing, NotGranted, NotNow, OvhError

# Absent means: not found in this many looks, the last of them this long after the call left. A call that timed out
# has been seen to take effect a minute and a half later; the pauses between the looks alone last longer than that,
# so that a clock that jumps ahead proves nothing.
LOOKS = 7
PROOF_AFTER = timedelta(seconds=210)
# At least so often what OVH says is done, and does not look so, is looked at.
SETTLING_S = 30.0
# A task can be 404 right after it was created.
GRACE = timedelta(seconds=60)
# So long the calls of one step may wait for their turns, all together.
STEP_S = 8.0
# A look that OVH refuses is tried again for so long before a person is asked.
REFUSED_FOR = timedelta(minutes=10)
# What may be sent as often as needed is sent again so often when OVH forgets its task each time.
UNTOLD_AT_MOST = 2


def follow(client: Client, operation: Operation, known: tasklist.Known) -> None:
    """Look after one operation that OVH has, or may have."""
    action = registry.get(operation.action)
    try:
        if operation.state == State.UNCONFIRMED:
            _find_out(client.patient(STEP_S), action, operation)
        elif operation.settling_at or operation.task_id is None:
            _settle(client.patient(STEP_S), action, operation, ended="done")
        else:
            _look_at_task(client, action, operation, known)
    except (Lapsed, NotNow) as error:
        put_off(operation, error)
    except NotGranted:
        states.later(operation, seconds=timing.RIGHTS_S, waiting="missing_rights")
    except OvhError as error:
        _not_to_be_seen(operation, error)


def put_off(operation: Operation, error: Lapsed | NotNow) -> None:
    """OVH cannot be asked now: look again later. Waiting one's turn is part of following, and no news."""
    if isinstance(error, Lapsed):
        states.later(operation, seconds=2, waiting="lapsed")
    elif error.reason == "bucket":
        states.given_back(operation)
    else:
        wait = timing.pause(3, told_s=error.seconds, ceiling_s=60)
        states.later(operation, seconds=wait, waiting=error.reason)


def _not_to_be_seen(operation: Operation, error: OvhError) -> None:
    """OVH refuses to be asked. What it took on, or may have, must not be said to have changed nothing."""
    since = operation.waiting_since if operation.waiting == "trouble" else None
    if since is not None and timezone.now() - since > REFUSED_FOR:
        states.failed(operation, "not_known", message=error.message, query_id=error.query_id)
    else:
        states.later(operation, seconds=30, waiting="trouble")


def _look_at_task(client: Client, action: Action, operation: Operation, known: tasklist.Known) -> None:
    """Ask for the task, and do what its status says."""
    task = known.get(operation.task_id or 0) or tasklist.find(client, operation)
    if (task.status if task else operation.task_status) in tasklist.FAILURES:
        _cancelled(client.patient(STEP_S), action, operation, task)
    elif task is None:
        _not_there(client.patient(STEP_S), action, operation)
    elif task.status == "done":
        _settle(client, action, operation, ended="done")
    else:
        states.seen(operation, task_status=task.status, seconds=_next_wait(action, operation))


def _not_there(client: Client, action: Action, operation: Operation) -> None:
    """OVH does not know its task: not yet, or not any more."""
    now = timezone.now()
    is_over = operation.task_seen_at or now - (operation.accepted_at or now) > GRACE
    if is_over and not is_telling(action):
        _gone_untold(client, action, operation)
    elif is_over or _is_there_already(client, action, operation):
        _settle(client, action, operation, ended="vanished")
    else:
        states.later(operation, seconds=3)


def _cancelled(client: Client, action: Action, operation: Operation, task: tasklist.Task | None) -> None:
    """OVH gave it up; the object is read all the same. That it did is kept: its task may be forgotten before."""
    try:
        found = action.read_back(client, operation)
    except NotNow:
        if task is not None:
            states.seen(operation, task_status=task.status, seconds=1)
        raise
    states.failed(operation, "cancelled_by_ovh", facts=found.facts)


def _gone_untold(client: Client, action: Action, operation: Operation) -> None:
    """OVH forgot the task before it was seen to end, and no object tells how: never taken for success."""
    if action.read_back(client, operation).verdict is Verdict.UNDER_WAY:
        states.later(operation, seconds=30)
    elif action.resend is Resend.HARMLESS and operation.times("untold") < UNTOLD_AT_MOST:
        states.requeued(operation, "", kind="untold", seconds=0)
    else:
        states.failed(operation, "not_known")


def _is_there_already(client: Client, action: Action, operation: Operation) -> bool:
    """Whether the object shows the effect of a task nobody has seen: it was over before the first look."""
    return is_telling(action) and action.read_back(client, operation).verdict is Verdict.AS_ASKED


def _settle(client: Client, action: Action, operation: Operation, *, ended: str) -> None:
    """OVH says it is over: believe it once the object has been read back."""
    try:
        found = action.read_back(client, operation)
    except NotNow:
        states.settling(operation, ended=ended, seconds=1)  # its task need not be asked for again
        raise
    if found.verdict is Verdict.AS_ASKED:
        states.succeeded(operation, facts=found.facts)
        return
    if found.verdict is Verdict.GIVEN_UP:
        states.failed(operation, "cancelled_by_ovh", facts=found.facts)
        return
    age = timezone.now() - (operation.settling_at or timezone.now())
    if age < action.settling or found.verdict is Verdict.UNDER_WAY:
        wait = timing.next_wait(age.total_seconds(), is_watched=is_watched(operation))
        states.settling(operation, ended=ended, seconds=min(wait, SETTLING_S))
    else:
        states.failed(operation, "not_as_asked", facts=found.facts)


def _find_out(client: Client, action: Action, operation: Operation) -> None:
    """Whether a call of which the answer was lost took effect: its task, else the object, else proven absence."""
    sent_at = operation.sent_at or operation.requested_at
    is_whole = action.is_about_service
    task = tasklist.since(client, operation, action.function, sent_at, is_about_service=is_whole)
    if task is not None:
        states.running(operation, task_id=task.id, kind="adopted", seconds=1)
        return
    found = action.read_back(client, operation) if is_telling(action) else Found(Verdict.OTHERWISE)
    if found.verdict is Verdict.AS_ASKED:
        states.succeeded(operation, facts=found.facts, kind="found_done")
    elif found.verdict in {Verdict.UNDER_WAY, Verdict.GIVEN_UP}:  # it is there: how it ended is seen next
        states.running(operation, task_id=None, kind="adopted", seconds=2)
    elif not _is_proven_absent(operation, sent_at):
        states.looked(operation, seconds=min(5.0 * (operation.looks + 1), 60))
    elif action.resend is Resend.NEVER:
        states.failed(operation, "not_known")
    else:
        states.requeued(operation, "", kind="absent", seconds=0)


def _is_proven_absent(operation: Operation, sent_at: datetime) -> bool:
    left_at = operation.left_at or sent_at  # a file may have been brought in between
    return operation.looks + 1 >= LOOKS and timezone.now() - left_at > PROOF_AFTER


def _next_wait(action: Action, operation: Operation) -> float:
    now = timezone.now()
    age = (now - (operation.accepted_at or now)).total_seconds()
    return timing.next_wait(age, durations=durations_of(action), is_watched=is_watched(operation))


def is_watched(operation: Operation) -> bool:
    """Whether somebody has it on the screen."""
    return operation.watched_until is not None and operation.watched_until > timezone.now()


def durations_of(action: Action) -> list[float]:
    """How long its last runs took, in seconds."""
    learnt = Duration.objects.filter(action=action.key).first()
    return learnt.seconds if learnt else []


def is_telling(action: Action) -> bool:
    """Whether the object read back proves that the call took effect, or that it did not."""
    return action.resend is Resend.ONCE_ABSENT


def reason_of(error: OvhError) -> str:
    """The id of `words.ENDINGS` for a no of OVH's."""
    if isinstance(error, Missing):
        return "not_found"
    return "expired" if isinstance(error, Expired) else "refused"

"""Operations that wait for something before they may be sent: another operation, or a condition outside."""

from datetime import datetime

from apps.operations import registry, states
from apps.operations.models import Operation, State

# The end of what it waits for wakes it; this is for when that is missed.
LOOK_AGAIN_S = 30.0
BUSY_S = 5.0


def look(operation: Operation, *, now: datetime) -> None:
    """Release a held operation whose time has come, or give it up."""
    if operation.after is not None and not operation.after.is_over:
        states.later(operation, seconds=LOOK_AGAIN_S, waiting="first")
    elif operation.after is not None and operation.after.state != State.SUCCEEDED:
        states.failed(operation, "first_failed")
    elif not _is_ready(operation, now):
        return
    elif not states.released(operation, conflict_key=_conflict_key(operation)):
        states.later(operation, seconds=BUSY_S, waiting="busy")


def _conflict_key(operation: Operation) -> str:
    action = registry.get(operation.action)
    return action.conflict(operation.target, operation.params)[:255]


def _is_ready(operation: Operation, now: datetime) -> bool:
    """Whether what its action may wait for is there; if not, it is looked at again later, or given up."""
    ready = registry.get(operation.action).ready
    if ready is None or not operation.params.get(ready.field) or ready.holds(operation):
        return True
    if now - operation.requested_at > ready.at_most:
        states.failed(operation, "never_ready")
    else:
        states.later(operation, seconds=ready.every.total_seconds(), waiting=ready.waiting)
    return False


def is_held(action: registry.Action, params: registry.Params, after: Operation | None) -> bool:
    """Whether an operation asked for like this has to wait for something first."""
    return after is not None or bool(action.ready and params.get(action.ready.field))

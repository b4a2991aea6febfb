"""Ask for a change, or take the asking back."""

import json
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.audit.services import record
from apps.connections.models import Connection
from apps.inventory.models import Service
from apps.operations import attachments, holding, registry, sealing, states
from apps.operations.models import Attachment, Operation
from apps.operations.registry import Action, Params
from apps.teams.access import may
from apps.teams.models import Membership, User
from hostpanel.nudging import nudge

log = structlog.get_logger(__name__)

TRIES = 3
HAPPENED, AGAIN = "happened", "again"


class Busy(Exception):
    """Another unfinished operation touches the same thing; it is in `operation`."""

    def __init__(self, operation: Operation) -> None:
        super().__init__(str(operation))
        self.operation = operation


class Reused(Exception):
    """The form was sent before with other values, which made `operation`: these are not taken for those."""

    def __init__(self, operation: Operation) -> None:
        super().__init__(str(operation))
        self.operation = operation


def request(
    action: Action,
    *,
    service: Service,
    target: Params,
    params: Params,
    member: Membership,
    key: str,
    address: str | None = None,
    after: Operation | None = None,
    files: Sequence[Attachment] = (),
) -> Operation:
    """Ask for `action`; return the operation, new or already asked for with this key.

    `target` holds the path parameters beside serviceName, `params` what the form gave, in OVH's names; secrets among
    them are sealed before the row exists. `after`: it is sent only once that one has succeeded. Raises
    PermissionDenied, Busy when something else is under way there, and Reused.
    """
    verdict = may(member, action.key, team_id=service.connection.team_id)
    if not verdict:
        raise PermissionDenied(verdict.reason)
    row = partial(_row, action, service=service, target=target, params=params, user=member.user, key=key, after=after)
    asked = Operation.objects.filter(team_id=member.team_id, key=key).first()
    if asked is None:
        return _kept(row, address=address, files=files)
    if not _is_same(asked, row()):
        raise Reused(asked)
    return asked


def request_by_panel(action: Action, *, service: Service, target: Params, params: Params, key: str) -> Operation:
    """Ask for `action` because its time has come: somebody who had the right set it up earlier.

    The history names the panel. Returns the operation, new or already asked for with this key; raises Busy.
    """
    asked = Operation.objects.filter(team_id=service.connection.team_id, key=key).first()
    if asked is not None:
        return asked
    row = partial(_row, action, service=service, target=target, params=params, user=None, key=key, after=None)
    return _kept(row, address=None)


def _kept(row: Callable[[], Operation], *, address: str | None, files: Sequence[Attachment] = ()) -> Operation:
    """The row with all that belongs to it, or the one that was there first."""
    for _attempt in range(TRIES):
        operation = row()
        try:
            with transaction.atomic():
                operation.save(force_insert=True)
                _refuse_if_removed(operation.service)
                attachments.belongs_to(operation, files)
                _tell(operation, address)
        except IntegrityError:
            twin = _twin(operation)
            if twin is not None:
                return twin
        else:
            return operation
    msg = "others keep changing the same thing at the same moment"
    raise RuntimeError(msg)


def cancel(operation: Operation, *, member: Membership, address: str | None = None) -> bool:
    """Take back what has not been sent; False when it was too late for that."""
    verdict = may(member, operation.action, team_id=operation.team_id)
    if not verdict:
        raise PermissionDenied(verdict.reason)
    with transaction.atomic():
        is_cancelled = states.cancelled(operation)
        if is_cancelled:
            record(
                f"{operation.action}.cancelled", team_id=operation.team_id, actor=member.user, address=address,
                target=operation.label, account_id=operation.connection_id, operation_id=operation.pk,
            )  # fmt: skip
    return is_cancelled


def may_send_again(operation: Operation) -> bool:
    """Whether it can be asked for again as it was: its passwords and files have been erased."""
    action = registry.get(operation.action)
    return not action.secrets and not action.form.attached


def decide(operation: Operation, decision: str, *, member: Membership, address: str | None = None) -> Operation | None:
    """What a person says of an operation nobody could prove: `happened`, or `again`, which asks for it anew.

    Returns the new operation, if there is one. Nothing happens when somebody has decided before. Raises
    PermissionDenied and Busy.
    """
    action = registry.get(operation.action)
    verdict = may(member, action.key, team_id=operation.team_id)
    if not verdict:
        raise PermissionDenied(verdict.reason)
    with transaction.atomic():
        if not states.decided(operation, decision, by=member.user):
            return None
        record(
            f"{operation.action}.decided_{decision}", team_id=operation.team_id, actor=member.user, address=address,
            target=operation.label, account_id=operation.connection_id, operation_id=operation.pk,
        )  # fmt: skip
        if decision != AGAIN or not may_send_again(operation):
            return None
        return request(
            action, service=operation.service, target=operation.target, params=operation.params, member=member,
            key=f"again:{operation.pk}", address=address,
        )  # fmt: skip


def _row(
    action: Action, *, service: Service, target: Params, params: Params, user: User | None, key: str,
    after: Operation | None,
) -> Operation:  # fmt: skip
    """The operation, not yet saved; `user` None: the panel itself asks."""
    pk = uuid.uuid4()
    is_held = holding.is_held(action, params, after)
    return Operation(
        id=pk,
        team_id=service.connection.team_id,
        connection=service.connection,
        service=service,
        action=action.key,
        target=dict(target),
        label=action.label(target, params)[:255],
        params={name: value for name, value in params.items() if name not in action.secrets},
        sealed=sealing.seal({name: params[name] for name in action.secrets if params.get(name)}, pk),
        key=key,
        conflict_key="" if is_held else action.conflict(target, params)[:255],
        is_held=is_held,
        after=after,
        requested_by=user,
        is_panels=user is None,
    )


def _is_same(asked: Operation, anew: Operation) -> bool:
    """Whether both ask for the same. Passwords are not compared: of what is over they have been erased."""
    is_alike = all(getattr(asked, name) == getattr(anew, name) for name in ("action", "service_id", "label"))
    return is_alike and _plain(asked) == _plain(anew)


def _plain(operation: Operation) -> Any:
    """Target and parameters as a row gives them back."""
    return json.loads(json.dumps([operation.target, operation.params]))


def _tell(operation: Operation, address: str | None) -> None:
    """The first step, the history, and a hint to a worker once all of it is committed."""
    operation.events.create(kind="asked", at=operation.requested_at)
    details: dict[str, Any] = {"service": operation.service.name, "params": operation.params}
    record(
        f"{operation.action}.requested", team_id=operation.team_id, actor=operation.requested_by, address=address,
        target=operation.label, account_id=operation.connection_id, operation_id=operation.pk, details=details,
    )  # fmt: skip
    log.info("operation asked for", operation=str(operation.pk), action=operation.action)
    nudge("operations.submit", str(operation.pk), expires_s=60)


def _refuse_if_removed(service: Service) -> None:
    """An account that is being removed takes nothing new: it would wait for ever."""
    if not Connection.objects.filter(pk=service.connection_id, removed_at=None).exists():
        raise PermissionDenied(_("This account has been removed."))


def _twin(operation: Operation) -> Operation | None:
    """The row that was there first: of the same form sent twice at once. Raises Busy for another change of the thing.

    None when the other one ended between our insert and this look: asking again will do.
    """
    twin = Operation.objects.filter(team_id=operation.team_id, key=operation.key).first()
    if twin is not None:
        return twin
    unfinished = Operation.objects.unfinished().select_related("requested_by")
    other = unfinished.filter(service=operation.service_id, conflict_key=operation.conflict_key).first()
    if other is not None:
        raise Busy(other)
    return None

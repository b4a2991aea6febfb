"""Copies of a database: made by OVH in a place of their own, kept for some days, put into any database.

A copy has no task: its own status tells how far it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime

from apps.inventory import answers
from apps.inventory.models import Database, Service
from apps.operations.models import Operation
from apps.operations.registry import Found, Verdict
from apps.ovhapi.client import Client, path_of
from apps.ovhapi.errors import Missing

PATH = "/database/{name}/copy"
FRESH = timedelta(minutes=10)
# OVH's clock and ours are not the same.
SLACK = timedelta(minutes=2)


@dataclass(frozen=True)
class Copy:
    """`database.copy`. `status`: todo, doing, done or error."""

    id: str
    status: str
    created_at: datetime | None
    expires_at: datetime | None


def of(database: Database) -> tuple[list[Copy], bool]:
    """The copies of a database as last read, newest first, and whether they have been read at all."""
    answer = answers.of(database.service, path_of(PATH, name=database.name), fresh_for=FRESH, is_list=True)
    rows = answer.data if isinstance(answer.data, list) else []
    read = [copy for copy in map(_copy, rows) if copy]
    return sorted(read, key=lambda copy: str(copy.created_at), reverse=True), answer.read_at is not None


def made(client: Client, operation: Operation) -> Found:
    """GET …/copy/{id}: done. Where the answer was lost, the copy begun since that no other operation has."""
    _forget(operation)
    for copy in _candidates(client, operation):
        facts = {"id": copy.id, "status": copy.status}
        if copy.status == "error":
            return Found(Verdict.GIVEN_UP, facts)
        return Found(Verdict.AS_ASKED if copy.status == "done" else Verdict.UNDER_WAY, facts)
    return Found(Verdict.OTHERWISE)


def deleted(client: Client, operation: Operation) -> Found:
    """GET …/copy/{id}: 404 is what was asked for."""
    _forget(operation)
    copy = _read(client, operation.service, operation.target["name"], operation.target["id"])
    return Found(Verdict.AS_ASKED if copy is None else Verdict.OTHERWISE)


def _candidates(client: Client, operation: Operation) -> Iterator[Copy]:
    service, name = operation.service, operation.target["name"]
    known = operation.result.get("id")
    if known:
        copy = _read(client, service, name, known)
        yield from [copy] if copy else []
        return
    taken = set(_others(operation))
    since = (operation.sent_at or operation.requested_at) - SLACK
    for copy_id in client.get(path_of("/hosting/web/{serviceName}" + PATH, serviceName=service.name, name=name)) or []:
        copy = _read(client, service, name, copy_id) if copy_id not in taken else None
        if copy is not None and copy.created_at is not None and copy.created_at >= since:
            yield copy


def _others(operation: Operation) -> Iterator[str]:
    """The copies other operations have made."""
    rows = Operation.objects.filter(service=operation.service_id, action=operation.action).exclude(pk=operation.pk)
    return (result.get("id", "") for result in rows.values_list("result", flat=True))


def _read(client: Client, service: Service, name: str, copy_id: str) -> Copy | None:
    path = path_of("/hosting/web/{serviceName}" + PATH + "/{id}", serviceName=service.name, name=name, id=copy_id)
    try:
        return _copy(client.get(path))
    except Missing:
        return None


def _copy(raw: Any) -> Copy | None:
    """What OVH sent, as a copy; None when it is not one."""
    if not isinstance(raw, dict) or not raw.get("id"):
        return None
    created, expires = (_moment(raw.get(name)) for name in ("creationDate", "expirationDate"))
    return Copy(str(raw["id"]), str(raw.get("status") or ""), created, expires)


def _moment(text: Any) -> datetime | None:
    try:
        return parse_datetime(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _forget(operation: Operation) -> None:
    answers.forget(operation.service, path_of(PATH, name=operation.target["name"]))

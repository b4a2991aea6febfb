"""Write an entry of the history."""

import ipaddress
import json
import uuid
from functools import partial
from typing import Any, Protocol

from django.db import transaction
from django.utils import timezone

from apps.audit import chain
from apps.audit.models import Entry


class Person(Protocol):
    """Whoever acts; a `teams.User`, which this room cannot import."""

    pk: Any


def record(
    action: str,
    *,
    team_id: int,
    actor: Person | None = None,
    address: str | None = None,
    target: str = "",
    account_id: int | None = None,
    operation_id: uuid.UUID | None = None,
    details: dict[str, Any] | None = None,
) -> Entry:
    """Note that `actor` did `action` to `target`. Call it in the transaction of the thing itself.

    `details` holds facts for people, never a secret and never a form as it came. `actor` None: the panel itself.
    `account_id`: the OVH account it was about, if it was about one.
    """
    entry = Entry(
        action=action,
        team_id=team_id,
        at=timezone.now(),
        actor_id=actor.pk if actor else None,
        actor_name=str(actor)[:120] if actor else "",
        address=_plain(address),
        target=target[:255],
        account_id=account_id,
        operation_id=operation_id,
        details=json.loads(json.dumps(details or {})),
    )
    entry.proof = chain.proof_of(entry)
    entry.save(force_insert=True)
    transaction.on_commit(partial(chain.link_new, team_id), robust=True)
    return entry


def _plain(address: str | None) -> str | None:
    """One spelling of an address; None for what is none, such as the other end of a socket."""
    try:
        plain = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return None
    mapped = plain.ipv4_mapped if isinstance(plain, ipaddress.IPv6Address) else None
    return str(mapped or plain)

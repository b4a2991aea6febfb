"""Write an entry of the history."""

import uuid
from typing import Any, Protocol

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
    operation_id: uuid.UUID | None = None,
    details: dict[str, Any] | None = None,
) -> Entry:
    """Note that `actor` did `action` to `target`. Call it in the transaction of the thing itself.

    `details` holds facts for people, never a secret and never a form as it came. `actor` None: the panel itself.
    """
    return Entry.objects.create(
        action=action,
        team_id=team_id,
        actor_id=actor.pk if actor else None,
        actor_name=str(actor) if actor else "",
        address=address,
        target=target[:255],
        operation_id=operation_id,
        details=details or {},
    )

"""What the page of one operation shows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from apps.operations import registry, services, shown, words
from apps.operations.models import Event, Operation, State
from apps.teams.access import may
from apps.teams.models import Membership, Role

MASK = "••••••••"
# A certificate, say, is not read here to its end.
LONGEST = 300


@dataclass(frozen=True)
class Line:
    """One step with its time, what it means and what OVH said."""

    at: datetime
    title: str
    note: str
    kind: str
    query_id: str


def context(operation: Operation, member: Membership) -> dict[str, Any]:
    """The template's context: the card, the steps, the parameters with secrets masked, and what may be done."""
    return {
        "operation": operation,
        "service": operation.service,
        "card": shown.cards([operation])[0],
        "lines": [_line(event) for event in operation.events.all()],
        "params": params_of(operation),
        "facts": list(operation.result.items()),
        "ending": shown.ending_of(operation),
        "waiting": shown.waiting_of(operation),
        "can_cancel": operation.state == State.QUEUED and bool(may(member, Role.OPERATOR, team_id=operation.team_id)),
        "again_url": _again_url(operation, member),
        **_decision(operation, member),
    }


def _decision(operation: Operation, member: Membership) -> dict[str, Any]:
    """Whether a person is to say what became of it, and how."""
    try:
        is_open = operation.reason == "not_known" and not operation.decided
        can_decide = is_open and bool(may(member, registry.get(operation.action).role, team_id=operation.team_id))
        return {"can_decide": can_decide, "can_send_again": can_decide and services.may_send_again(operation)}
    except KeyError:
        return {"can_decide": False, "can_send_again": False}


def params_of(operation: Operation) -> list[tuple[str, str]]:
    """(OVH's name, value) of what was asked; a secret shows that there was one, never which."""
    given = {**operation.target, **operation.params}
    shown_values = [(name, _value(value)) for name, value in given.items() if value not in (None, "")]
    try:
        secrets = registry.get(operation.action).secrets
    except KeyError:
        secrets = frozenset()
    return shown_values + [(name, MASK) for name in sorted(secrets)]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _line(event: Event) -> Line:
    known = words.EVENTS.get(event.kind)
    filled = {name: event.details.get(name, "") for name in ("status", "who")}
    title = str(known) % filled if known else event.kind
    why = words.WAITING.get(event.details.get("why", ""))
    note = f"{why.title} {why.meaning}" if why else ""
    message = event.details.get("message", "")
    return Line(
        at=event.at,
        title=title,
        note=" ".join(part for part in (note, message) if part),
        kind=event.kind,
        query_id=event.details.get("query_id", ""),
    )


def _again_url(operation: Operation, member: Membership) -> str:
    """Where the same can be asked again with what was typed; empty when it did not fail or may not be asked."""
    if operation.state != State.FAILED:
        return ""
    try:
        action = registry.get(operation.action)
        if not may(member, action.role, team_id=operation.team_id):
            return ""
        room, _dot, verb = action.key.partition(".")
        args = [operation.team.slug, operation.service.name, *operation.target.values()]
        return f"{reverse(f'{room}:{verb}', args=args)}?again={operation.pk}"
    except (KeyError, NoReverseMatch):
        return ""

"""What the page of one operation shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.forms import ChoiceField
from django.urls import NoReverseMatch, reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from apps.inventory.templatetags.ovh import task_status
from apps.operations import registry, services, shown, words
from apps.operations.models import Event, Operation, State
from apps.teams.access import may
from apps.teams.models import Membership
from apps.ui.templatetags.ui import exact

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
    after_s: float | None  # since the step before


@dataclass(frozen=True)
class Given:
    """One thing that was asked: what people call it, OVH's name of it, its value."""

    label: str
    name: str
    value: str


def context(operation: Operation, member: Membership) -> dict[str, Any]:
    """The template's context: the card, the steps, the parameters with secrets masked, and what may be done."""
    return {
        "operation": operation,
        "service": operation.service,
        "card": shown.cards([operation])[0],
        "lines": _lines(operation.events.all()),
        "params": params_of(operation),
        "facts": _facts(operation),
        "ending": shown.ending_of(operation),
        "waiting": shown.waiting_of(operation),
        "can_cancel": operation.state == State.QUEUED
        and bool(may(member, "operations.cancel", team_id=operation.team_id)),
        "again_url": _again_url(operation, member),
        **_decision(operation, member),
    }


def _decision(operation: Operation, member: Membership) -> dict[str, Any]:
    """Whether a person is to say what became of it, and how."""
    try:
        is_open = operation.reason == "not_known" and not operation.decided
        can_decide = is_open and bool(may(member, operation.action, team_id=operation.team_id))
        return {"can_decide": can_decide, "can_send_again": can_decide and services.may_send_again(operation)}
    except KeyError:
        return {"can_decide": False, "can_send_again": False}


def params_of(operation: Operation) -> list[Given]:
    """What was asked; a secret shows that there was one, never which."""
    given = {**operation.target, **operation.params}
    labels, secrets = _form_of(operation)
    choices = _choices_of(operation)
    said = {name: choices.get((name, str(value))) or _value(value) for name, value in given.items()}
    values = [(name, value) for name, value in said.items() if given[name] not in (None, "")]
    masked = [(name, MASK) for name in sorted(secrets)]
    # What OVH calls the object that is worked on.
    objects = {"name": _("Database"), "domain": _("Domain"), "login": _("Login")}
    return [Given(labels.get(name) or objects.get(name, ""), name, value) for name, value in values + masked]


def _facts(operation: Operation) -> list[Given]:
    """What is known of what came out of it."""
    known = {**_form_of(operation)[0], "dump": _("Backup"), "kept_until": _("Kept until"), "status": _("State")}
    result = [(name, value) for name, value in operation.result.items() if value not in (None, "")]
    return [Given(known.get(name, ""), name, _value(value)) for name, value in result]


def _form_of(operation: Operation) -> tuple[dict[str, str], frozenset[str]]:
    """The words of its form, by OVH's names, and which of them are secret."""
    try:
        action = registry.get(operation.action)
    except KeyError:  # asked for by another release
        return {}, frozenset()
    fields = action.form.base_fields.items()
    return {name: str(field.label) for name, field in fields if field.label}, action.secrets


def _choices_of(operation: Operation) -> dict[tuple[str, str], str]:
    """The words of its form for the values one chooses from, by (OVH's name, value)."""
    try:
        fields = registry.get(operation.action).form.base_fields.items()
    except KeyError:  # asked for by another release
        return {}
    chosen: list[tuple[str, Any]] = [(name, field) for name, field in fields if isinstance(field, ChoiceField)]
    return {(name, str(value)): str(words) for name, field in chosen for value, words in field.choices}


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    at = _moment(text)
    if at is not None:
        return exact(at)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _moment(text: str) -> datetime | None:
    """The moment an ISO text tells; None for any other text."""
    try:
        return parse_datetime(text) if "T" in text else None
    except ValueError:
        return None


def _lines(events: Iterable[Event]) -> list[Line]:
    made: list[Line] = []
    for event in events:
        made.append(_line(event, made[-1].at if made else None))
    return made


def _line(event: Event, before: datetime | None) -> Line:
    known = words.EVENTS.get(event.kind)
    filled = {"status": task_status(event.details.get("status", "")), "who": event.details.get("who", "")}
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
        after_s=(event.at - before).total_seconds() if before else None,
    )


def _again_url(operation: Operation, member: Membership) -> str:
    """Where the same can be asked again with what was typed; empty when it did not fail or may not be asked."""
    if operation.state != State.FAILED:
        return ""
    try:
        action = registry.get(operation.action)
        if not may(member, action.key, team_id=operation.team_id):
            return ""
        room, _dot, verb = action.key.partition(".")
        args = [operation.team.slug, operation.service.name, *operation.target.values()]
        return f"{reverse(f'{room}:{verb}', args=args)}?again={operation.pk}"
    except (KeyError, NoReverseMatch):
        return ""

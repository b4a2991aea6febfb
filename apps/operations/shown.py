"""An operation as people see it: the same title, track and sentence wherever it stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.operations import registry, timing, words
from apps.operations.models import OVER, Duration, Operation, State
from apps.ui.templatetags.ui import duration

TONES = {
    State.SUCCEEDED: "good",
    State.FAILED: "bad",
    State.CANCELLED: "",
    State.UNCONFIRMED: "warn",
}
# How it ends when OVH took it on and did not do it.
TAKEN_ON = ("cancelled_by_ovh", "not_as_asked")


@dataclass(frozen=True)
class Step:
    """One of the five steps of the track. `status`: done, on, off, bad or waiting."""

    key: str
    label: str
    at: datetime | None
    status: str


@dataclass(frozen=True, kw_only=True)
class Card:
    """What the card of an operation shows."""

    pk: str
    title: str
    where: str
    url: str
    state: str
    state_label: str
    tone: str
    steps: list[Step]
    summary: str
    is_over: bool
    is_slow: bool
    usual_s: float
    quarter: int  # quarters of the usual time that are gone, while it runs at OVH
    requested_at: datetime
    service_label: str
    service_name: str
    who: str


def cards(operations: Iterable[Operation], *, at_service: bool = False) -> list[Card]:
    """Cards of `operations`, read with `with_names()`. `at_service`: on the page of their own service."""
    rows = list(operations)
    keys = {operation.action for operation in rows}
    learnt = dict(Duration.objects.filter(action__in=keys).values_list("action", "seconds"))
    return [_card(operation, learnt.get(operation.action, []), at_service=at_service) for operation in rows]


def title_of(operation: Operation) -> str:
    """What the operation does, in a line: "Create database shop"."""
    try:
        sentence = str(registry.get(operation.action).sentence)
    except KeyError:  # asked for by another release
        return f"{operation.action} {operation.label}"
    return sentence % {"label": operation.label}


def ending_of(operation: Operation) -> words.Words | None:
    """Why it failed, what that means and what to do; None unless it failed."""
    return words.ENDINGS.get(operation.reason) if operation.state == State.FAILED else None


def waiting_of(operation: Operation) -> words.Words | None:
    """Why it waits; None unless it does."""
    return words.WAITING.get(operation.waiting) if operation.waiting and not operation.is_over else None


def _card(operation: Operation, seconds: list[float], *, at_service: bool) -> Card:
    who = str(operation.requested_by) if operation.requested_by else _("the panel")
    by = _("by %(who)s") % {"who": who}
    usual_s = _usual_s(operation, seconds)
    age_s = _age_s(operation)
    return Card(
        pk=str(operation.pk),
        title=title_of(operation),
        where=by if at_service else f"{operation.service.label} · {by}",
        url=reverse("operations:detail", args=[operation.team.slug, operation.pk]),
        state=operation.state,
        state_label=state_label(operation),
        tone="warn" if operation.waiting and not operation.is_over else TONES.get(State(operation.state), "run"),
        steps=steps_of(operation),
        summary=_summary(operation, age_s, usual_s),
        is_over=operation.is_over,
        is_slow=not operation.is_over and timing.is_slow(age_s, usual_s),
        usual_s=usual_s,
        quarter=min(int(age_s / max(usual_s, 1) * 4), 3) if operation.state == State.RUNNING else 0,
        requested_at=operation.requested_at,
        service_label=operation.service.label,
        service_name=operation.service.name,
        who=who,
    )


def state_label(operation: Operation) -> str:
    """The state in a word or two; one that waits for OVH says so."""
    if operation.waiting and not operation.is_over:
        return _("waiting")
    if operation.settling_at and not operation.is_over:
        return _("checking")
    return str(State(operation.state).label)


def steps_of(operation: Operation) -> list[Step]:
    """The track: asked, sent, accepted, running, checked, and how far it is."""
    running_since = operation.task_seen_at or operation.accepted_at
    times = [
        operation.requested_at,
        operation.sent_at,
        operation.accepted_at,
        running_since,
        operation.finished_at,
    ]
    labels = [_("asked"), _("sent"), _("accepted"), _("running"), _("checked")]
    keys = ["asked", "sent", "accepted", "running", "checked"]
    here = _position(operation)
    return [
        Step(
            key=keys[n],
            label=labels[n],
            at=times[n] if n <= here else None,
            status=_status(operation, n, here),
        )
        for n in range(5)
    ]


def _position(operation: Operation) -> int:
    """The index of the step it stands at."""
    if operation.state == State.SUCCEEDED or operation.settling_at:
        return 4
    if operation.state == State.RUNNING or operation.accepted_at:
        return 3
    return 0 if operation.sent_at is None and operation.attempts == 0 else 1


def _status(operation: Operation, step: int, here: int) -> str:
    if operation.state == State.SUCCEEDED or step < here:
        return "done"
    if step > here:
        return "off"
    if operation.state == State.FAILED:
        return "bad"
    return "waiting" if operation.waiting or operation.state == State.UNCONFIRMED else "on"


def _summary(operation: Operation, age_s: float, usual_s: float) -> str:
    """One line under the track: how long, how long usually, why it waits or how it ended."""
    took, usually = duration(age_s), duration(usual_s)
    if operation.state == State.SUCCEEDED:
        note = str(_action_note(operation, "once_done"))
        told = _("Took %(took)s; usually about %(usual)s.") % {"took": took, "usual": usually}
        return f"{told} {note}".strip()
    ending, waiting = ending_of(operation), waiting_of(operation)
    if ending is not None:
        note = str(_action_note(operation, "once_failed")) if operation.reason in TAKEN_ON else ""
        return " ".join(part for part in (str(ending.title), operation.ovh_message, note) if part)
    if waiting is not None:
        return f"{waiting.title} {waiting.meaning}".strip()
    if operation.state == State.CANCELLED:
        return _("Taken back before it was sent.")
    if operation.state == State.UNCONFIRMED:
        return _("The answer was lost; the panel finds out whether it happened.")
    if timing.is_slow(age_s, usual_s):
        return _("%(took)s, much longer than the usual %(usual)s.") % {"took": took, "usual": usually}
    return _("%(took)s, usually about %(usual)s.") % {"took": took, "usual": usually}


def _action_note(operation: Operation, name: str) -> Any:
    try:
        return getattr(registry.get(operation.action), name)
    except KeyError:
        return ""


def _usual_s(operation: Operation, seconds: list[float]) -> float:
    try:
        default = registry.get(operation.action).usual.total_seconds()
    except KeyError:
        default = 60.0
    return timing.usual(seconds, default)


def _age_s(operation: Operation) -> float:
    """Seconds from the asking to now, or to its end."""
    end = operation.finished_at if operation.state in OVER else None
    return ((end or timezone.now()) - operation.requested_at).total_seconds()

"""Made-up data for the style guide: each part of the look in each of its states."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils import timezone

from apps.ui import bars, charts
from apps.ui.passwords import PasswordField

LABELS = ("asked", "sent", "accepted", "running", "checked")
DAYS = 30
SPACES = (4, 8, 12, 16, 24, 32)
ERRORS = ("400", "403", "403_csrf", "404", "429", "500", "503")
COLOURS = [
    ("accent", "in motion, or the next thing to do"),
    ("good", "as it should be"),
    ("warn", "look at it"),
    ("bad", "broken"),
    ("ink", "what is said"),
    ("raised", "what lies on a sheet"),
]


@dataclass(frozen=True)
class Step:
    """One of the five steps of an operation."""

    label: str
    status: str
    at: datetime | None


@dataclass(frozen=True)
class Card:
    """An operation as `operations/_card.html` shows it."""

    pk: str
    title: str
    where: str
    state_label: str
    tone: str
    summary: str
    steps: list[Step]
    requested_at: datetime
    url: str = "#cards"
    quarter: int = 1


@dataclass(frozen=True)
class Day:
    """One day of a strip."""

    state: str
    words: str


class Sample(forms.Form):
    """One field of each kind; those that can be wrong are."""

    name = forms.CharField(
        help_text="Lower-case letters and digits.", widget=forms.TextInput(attrs={"data-prefix": "marea-"})
    )
    domain = forms.CharField(label="Domain")
    password = PasswordField(label="Password")
    engine = forms.ChoiceField(label="Engine", choices=[("mysql", "MySQL"), ("postgresql", "PostgreSQL")])
    version = forms.CharField(label="Version", disabled=True, initial="8.4")
    kind = forms.ChoiceField(
        label="Which of your databases",
        choices=[("personal", "Included, personal: 1 left, 1 GB"), ("extra", "Extra: 2 GB")],
        widget=forms.RadioSelect,
        initial="personal",
    )
    certificate = forms.BooleanField(label="Order a certificate", help_text="Free, renewed by OVH.", required=False)
    dump = forms.FileField(label="A dump", required=False)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3}))


def context() -> dict[str, Any]:
    """What `ui/styleguide.html` shows."""
    return {
        "cards": _cards(),
        "errors": ERRORS,
        "spaces": SPACES,
        "strips": [_strip({}), _strip({12: "missing", 20: "new"}), _strip(dict.fromkeys(range(18), "none"))],
        "colours": COLOURS,
        "days": bars.draw([(f"Day {n + 1}", [("ok", 52 - n % 4), ("missing", n % 4)]) for n in range(DAYS)], "8 of 30"),
        "use": charts.draw([_line("answered", 300), _line("sent on", 80)]),
        "meters": [(76, 200), (172, 200), (198, 200), (0, 200)],
        "form": Sample(),
        "wrong": Sample({"domain": "", "password": "short", "kind": "extra"}),
        "page": Paginator(range(248), 50).page(2),
        "tones": ["", "run", "good", "warn", "bad"],
    }


def _line(name: str, most: float) -> tuple[str, str, list[charts.Point]]:
    """A week, hour by hour, with nights and one gap."""
    now = timezone.now()
    hours = [now - timedelta(hours=back) for back in range(7 * 24, 0, -1)]
    return (
        name,
        "hits",
        [
            (at, None if number in range(90, 94) else most * (1 + math.sin(number / 24 * math.tau)) / 2)
            for number, at in enumerate(hours)
        ],
    )


def _cards() -> list[Card]:
    return [
        _card("1", "Restore mareatelier", "running", "run", 3, "on", "1 min 12 s, usually about 4 min."),
        _card("2", "Create database mareshop2", "waiting", "warn", 1, "waiting", "OVH is slow. Nothing is lost."),
        _card("3", "Attach www.atelier-maree.fr", "finished", "good", 4, "done", "Took 48 s."),
        _card("4", "Restore lumieredb", "failed", "bad", 3, "bad", "OVH cancelled it. The site runs on the old data."),
    ]


def _card(pk: str, title: str, state: str, tone: str, here: int, status: str, summary: str) -> Card:  # noqa: PLR0917  # as a row of a table
    now = timezone.now()
    steps = [
        Step(label, "done" if number < here else status if number == here else "off", now if number <= here else None)
        for number, label in enumerate(LABELS)
    ]
    asked = now - timedelta(minutes=2)
    return Card(pk, title, "atelier-maree.fr · by Inès", state, tone, summary, steps, asked)


def _strip(others: dict[int, str]) -> list[Day]:
    """Thirty days backed up, but for `others`: {number of the day: its state}."""
    return [Day(others.get(number, "ok"), f"Day {number + 1}: {others.get(number, 'ok')}") for number in range(DAYS)]

"""The history as people read it: narrowed, in words, and as a table to take along."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from apps.audit.models import Entry
from apps.connections.models import Connection
from apps.operations import registry
from apps.teams.models import Membership
from apps.ui.asked import clean, within_days

# What the filter offers: a name → what its actions begin with.
KINDS = {
    "work": gettext_lazy("Changes at OVH"),
    "connections": gettext_lazy("OVH accounts"),
    "people": gettext_lazy("Team and members"),
    "sign_in": gettext_lazy("Sign-ins"),
}
_PEOPLE = ("teams.", "members.", "audit.", "panel.")

EVENTS = {
    "audit.exported": gettext_lazy("Took the history along"),
    "connections.created": gettext_lazy("Connected an OVH account"),
    "connections.credential_replaced": gettext_lazy("Gave an OVH account a new key"),
    "connections.removed": gettext_lazy("Removed an OVH account"),
    "connections.edited": gettext_lazy("Changed the name or pace of an OVH account"),
    "connections.lapsed": gettext_lazy("The key lapsed"),
    "connections.missing_rights": gettext_lazy("The key lacks rights"),
    "connections.unreachable": gettext_lazy("OVH could not be reached"),
    "connections.rate_limited": gettext_lazy("OVH asked to slow down"),
    "connections.clock": gettext_lazy("The clock was wrong"),
    "connections.sealed": gettext_lazy("The key could not be opened"),
    "connections.ok": gettext_lazy("The account works again"),
    "ftpusers.access_ends": gettext_lazy("Said when the access of an FTP user ends"),
    "members.invited": gettext_lazy("Invited somebody"),
    "members.invitation_renewed": gettext_lazy("Made another link for an invitation"),
    "members.invitation_withdrawn": gettext_lazy("Ended an invitation"),
    "members.joined": gettext_lazy("Joined the team"),
    "members.changed": gettext_lazy("Changed a member's role or accounts"),
    "members.removed": gettext_lazy("Took a member out of the team"),
    "members.left": gettext_lazy("Left the team"),
    "panel.exported": gettext_lazy("The whole panel was written to a file, on its machine"),
    "sign_in.succeeded": gettext_lazy("Signed in"),
    "sign_in.failed": gettext_lazy("Sign-in failed: wrong password"),
    "sign_in.ended": gettext_lazy("Signed out"),
    "sign_in.password_changed": gettext_lazy("Changed the password"),
    "sign_in.password_reset": gettext_lazy("Reset the password by mail"),
    "sign_in.factor_added": gettext_lazy("Set up a second factor"),
    "sign_in.factor_removed": gettext_lazy("Removed a second factor"),
    "sign_in.factor_renewed": gettext_lazy("Made new recovery codes"),
    "sign_in.factor_failed": gettext_lazy("Sign-in failed: wrong second factor"),
    "teams.created": gettext_lazy("Made the team"),
    "teams.changed": gettext_lazy("Changed the team's settings"),
    "teams.transferred": gettext_lazy("Handed the team over"),
}
# How an operation went on: its word, and its tone.
OUTCOMES = {
    "requested": (gettext_lazy("asked for"), "live"),
    "succeeded": (gettext_lazy("finished"), "good"),
    "failed": (gettext_lazy("failed"), "bad"),
    "cancelled": (gettext_lazy("taken back"), ""),
    "decided_happened": (gettext_lazy("said to have happened"), "good"),
    "decided_again": (gettext_lazy("sent once more"), "live"),
}
# What a spreadsheet would carry out as a formula, where a cell begins: at its first character, and behind what parts
# cells in the spreadsheet's own language, such as the semicolon in French.
_FORMULA = re.compile(r"(^|[;\t\r\n])(?=[\s\"']*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[\t\r\n])")
COLUMNS = ("when (UTC)", "who", "address", "what", "outcome", "on what", "action", "operation", "details")


@dataclass(frozen=True)
class Line:
    """An entry in words. `outcome` and `tone` are empty for what has none."""

    entry: Entry
    what: str
    outcome: str = ""
    tone: str = ""


def visible_to(member: Membership) -> "QuerySet[Entry]":
    """The team's history; of somebody who sees chosen accounts, what is about those, and what they did themselves."""
    entries = Entry.objects.filter(team_id=member.team_id)
    if member.sees_all_accounts:
        return entries
    mine = Connection.objects.visible_to(member).values("pk")
    return entries.filter(Q(account_id__in=mine) | Q(actor_id=member.user_id))


def narrowed(entries: "QuerySet[Entry]", asked: QueryDict) -> "QuerySet[Entry]":
    """What the address asks for: `q`, `who`, `kind`, and the days `from` and `to`; what makes no sense is left out."""
    text, who = clean(asked.get("q", "")), asked.get("who", "")
    if text:
        entries = entries.filter(Q(action__icontains=text) | Q(target__icontains=text) | Q(actor_name__icontains=text))
    if who == "panel":
        entries = entries.filter(actor_id=None)
    elif who.isascii() and who.isdigit():
        entries = entries.filter(actor_id=int(who[:12]))
    return _of_kind(entries, asked.get("kind", "")).filter(within_days(asked, "at"))


def _of_kind(entries: "QuerySet[Entry]", kind: str) -> "QuerySet[Entry]":
    people = Q()
    for prefix in _PEOPLE:
        people |= Q(action__startswith=prefix)
    accounts, signing_in = Q(action__startswith="connections."), Q(action__startswith="sign_in.")
    wanted = {
        "people": people, "connections": accounts, "sign_in": signing_in, "work": ~(people | accounts | signing_in),
    }  # fmt: skip
    return entries.filter(wanted[kind]) if kind in wanted else entries


def lines(entries: Iterable[Entry]) -> list[Line]:
    """`entries` in words."""
    return [_line(entry) for entry in entries]


def _line(entry: Entry) -> Line:
    if entry.action in EVENTS:
        return Line(entry, str(EVENTS[entry.action]))
    action, _dot, ending = entry.action.rpartition(".")
    try:
        title = str(registry.get(action).title)
    except KeyError:  # of another release
        return Line(entry, entry.action)
    words, tone = OUTCOMES.get(ending, (ending, ""))
    return Line(entry, title, str(words), tone)


def people(member: Membership) -> list[tuple[int, str]]:
    """Who is in the team now, for the filter."""
    members = Membership.objects.filter(team_id=member.team_id).select_related("user").order_by("user__name")
    return [(each.user_id, each.user.name) for each in members]


class _Echo:
    """What csv writes to, given back at once."""

    def write(self, text: str) -> str:
        return text


def as_csv(entries: "QuerySet[Entry]") -> Iterator[str]:
    """The history as a table, a line at a time, oldest first, in the language of who asks."""
    return _rows(entries, get_language() or "en")


def _rows(entries: "QuerySet[Entry]", language: str) -> Iterator[str]:
    """It is sent after the request is over, when the reader's language is no longer the active one."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(COLUMNS)  # without the mark, a spreadsheet takes é for two letters
    for entry in entries.order_by("pk").iterator(1000):
        with override(language):
            row = _cells(entry)
        yield writer.writerow([_harmless(str(cell)) for cell in row])


def _cells(entry: Entry) -> list[Any]:
    line = _line(entry)
    return [
        entry.at.strftime("%Y-%m-%d %H:%M:%S"), entry.actor_name or _("the panel"), entry.address or "", line.what,
        line.outcome, entry.target, entry.action, entry.operation_id or "",
        json.dumps(entry.details, ensure_ascii=False) if entry.details else "",
    ]  # fmt: skip


def _harmless(cell: str) -> str:
    return _FORMULA.sub(r"\1'", cell)

"""`manage.py operations`: list and show changes, and say what became of one nobody could prove."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from apps.operations import services, shown
from apps.operations.models import Operation, OperationQuerySet, State
from apps.teams.models import Membership, Team
from apps.ui.asked import clean


class Command(BaseCommand):
    """The operations page, for a terminal."""

    help = "List and show operations; settle by hand one of which nobody knows whether OVH did it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """list, show and settle."""
        parts = parser.add_subparsers(dest="what", required=True, metavar="list|show|settle")
        listed = parts.add_parser("list", help="the unfinished, newest first, or others")
        listed.add_argument("--state", choices=State.values, action="append", default=[], help="of this state")
        listed.add_argument("--undecided", action="store_true", help="those a person has to decide")
        listed.add_argument("--all", action="store_true", help="finished ones too")
        listed.add_argument("--team", help="of the team with this slug")
        listed.add_argument("--limit", type=_count, default=50, help="so many at most; default 50")
        one = parts.add_parser("show", help="one, with its steps")
        one.add_argument("id", help="its id or the beginning of it")
        settle = parts.add_parser("settle", help="say what became of it, as a member who may")
        settle.add_argument("id", help="its id or the beginning of it")
        settle.add_argument("--as", dest="member", required=True, metavar="E-MAIL", help="the member who says so")
        said = settle.add_mutually_exclusive_group(required=True)
        said.add_argument("--happened", action="store_true", help="OVH did it")
        said.add_argument("--again", action="store_true", help="OVH did not do it: ask for it again")

    def handle(self, **options: Any) -> None:
        """Whichever was asked for."""
        with translation.override("en"):
            {"list": self._list, "show": self._show, "settle": self._settle}[options["what"]](options)

    def _list(self, options: dict[str, Any]) -> None:
        rows = _asked_for(options).select_related("service", "team", "requested_by").order_by("-requested_at")
        now = timezone.now()
        shown_rows = list(rows[: options["limit"]])
        if not shown_rows:
            self.stderr.write("None.")
        for row in shown_rows:
            age = _age((now - row.requested_at).total_seconds())
            why = row.waiting or row.reason
            self.stdout.write(
                f"{str(row.pk)[:8]}  {row.state:<11} {age:>5}  {row.team.slug}  {row.action}  {row.label or '-'}  "
                f"{row.service.name}{f'  ({why})' if why else ''}"
            )

    def _show(self, options: dict[str, Any]) -> None:
        row = _find(options["id"])
        self.stdout.write(f"{row.pk}  {shown.title_of(row)}")
        facts = {
            "action": row.action, "service": row.service.name, "account": row.connection.name, "team": row.team.slug,
            "by": str(row.requested_by or "the panel"), "state": row.state, "why": row.waiting or row.reason,
            "next look": row.next_at, "task": row.task_id, "task status": row.task_status, "query id": row.query_id,
            "OVH said": row.ovh_message, "decided": row.decided,
        }  # fmt: skip
        for name, value in facts.items():
            if value not in ("", None):
                self.stdout.write(f"  {name:<12} {value}")
        for event in row.events.all():
            details = json.dumps(event.details, ensure_ascii=False) if event.details else ""
            self.stdout.write(f"  {event.at:%Y-%m-%d %H:%M:%S}  {event.kind:<12} {details}".rstrip())
        words = shown.ending_of(row) or shown.waiting_of(row)
        if words:
            self.stdout.write(f"\n{words.title} {words.meaning}\n{words.todo}".rstrip())

    def _settle(self, options: dict[str, Any]) -> None:
        row = _find(options["id"])
        members = Membership.objects.filter(team_id=row.team_id, user__email=options["member"].strip().lower())
        member = members.filter(user__is_active=True).select_related("user", "team").first()
        if member is None or not Operation.objects.visible_to(member).filter(pk=row.pk).exists():
            msg = f"{options['member']} is not a member who sees this operation."
            raise CommandError(msg)
        decision = services.HAPPENED if options["happened"] else services.AGAIN
        if row.state != State.FAILED or row.reason != "not_known" or row.decided:
            msg = f"It is {row.state}{f' ({row.reason})' if row.reason else ''}: there is nothing to decide."
            raise CommandError(msg)
        if decision == services.AGAIN and not services.may_send_again(row):
            msg = "Its passwords or files have been erased: ask for it anew in the panel, or settle it as happened."
            raise CommandError(msg)
        self.stdout.write(_settled(row, decision, member))


def _settled(row: Operation, decision: str, member: Membership) -> str:
    try:
        anew = services.decide(row, decision, member=member)
    except PermissionDenied as refused:
        raise CommandError(str(refused)) from None
    except services.Busy as busy:
        msg = f"Something else is under way there: {busy.operation.pk}. Wait until it has finished."
        raise CommandError(msg) from None
    return f"Settled; asked for again as {anew.pk}." if anew else "Settled."


def _count(text: str) -> int:
    if not text.isdigit() or not int(text):
        msg = f"{text} is no number of rows"
        raise ArgumentTypeError(msg)
    return int(text)


def _asked_for(options: dict[str, Any]) -> OperationQuerySet:
    rows = Operation.objects.all()
    if options["team"]:
        if not Team.objects.filter(slug=options["team"]).exists():
            known = ", ".join(Team.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
            msg = f"There is no team {options['team']}; there are: {known}."
            raise CommandError(msg)
        rows = rows.filter(team__slug=options["team"])
    if options["undecided"]:
        return rows.filter(state=State.FAILED, reason="not_known", decided="")
    if options["state"]:
        return rows.filter(state__in=options["state"])
    return rows if options["all"] else rows.unfinished()


def _find(begins: str) -> Operation:
    """The operation whose id begins so; CommandError when there is none, or several."""
    text = clean(begins, 36).lower().replace("-", "")
    whole = Operation.objects.select_related("service", "connection", "team", "requested_by", "decided_by")
    if not text or any(letter not in "0123456789abcdef" for letter in text):
        msg = f"{begins!r} is not the id of an operation."
        raise CommandError(msg)
    rows = list(whole.filter(pk__range=(text.ljust(32, "0"), text.ljust(32, "f")))[:2])
    if len(rows) != 1:
        msg = f"{'Several operations begin' if rows else 'No operation begins'} with {begins}."
        raise CommandError(msg)
    return rows[0]


def _age(seconds: float) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:.0f}s"

"""`manage.py audit_verify`: whether the history is whole."""

from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.audit import chain
from apps.audit.models import Chain, Link

SHOWN = 20


class Command(BaseCommand):
    """Follow every team's chain from its first link to its last."""

    help = (
        "Follow the history of every team from its first entry to its last: what was altered, taken out, added or cut "
        "off is named. Prints each team's head; a head noted elsewhere (a log, a mail, paper) and given with --noted "
        "shows whether the end was cut off since. Exit status: 0 all is whole, 1 something is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which heads were noted."""
        parser.add_argument(
            "--noted", action="append", default=[], metavar="HEAD", help="a head as this command printed it before"
        )
        parser.add_argument("--no-progress", action="store_true", help="no bar")

    def handle(self, **options: Any) -> None:
        """A line for each team, and under it what is wrong."""
        noted = {head.team_id: head for head in map(_head, options["noted"] or [])}
        broken = 0
        for each in Chain.objects.select_related("team").order_by("pk"):
            links = Link.objects.filter(team_id=each.pk).count()
            with tqdm(total=links, desc=each.team.slug, unit=" links", disable=options["no_progress"] or None) as bar:
                findings = chain.verify(each.pk, noted=noted.pop(each.pk, None), told=bar.update)
                broken += self._tell(f"{each.team}: {links} entries", findings, each)
        for team_id in chain.keyless():
            broken += self._tell(f"Team {team_id}", chain.verify(team_id), noted.pop(team_id, "none"))
        for head in noted.values():
            broken += self._tell(f"Team {head.team_id}", iter([chain.Finding(0, "Its history is gone.")]), head)
        if broken:
            msg = f"{broken} {'history is' if broken == 1 else 'histories are'} not whole."
            raise CommandError(msg)

    def _tell(self, what: str, findings: Iterator[chain.Finding], head: object) -> bool:
        """Whether something is wrong."""
        shown = list(islice(findings, SHOWN + 1))
        self.stdout.write(f"{what}, {'not whole' if shown else 'whole'}. Head: {head}")
        for finding in shown[:SHOWN]:
            self.stdout.write(f"  {finding.where}: {finding.words}")
        if len(shown) > SHOWN:
            self.stdout.write("  … and more.")
        return bool(shown)


def _head(text: str) -> chain.Head:
    team, _, rest = text.partition(":")
    number, _, mark = rest.partition(":")
    if not (team.isdecimal() and number.isdecimal() and mark):
        msg = f"{text} is no head; it is TEAM:NUMBER:MARK, as this command prints it."
        raise CommandError(msg)
    return chain.Head(int(team), int(number), mark)

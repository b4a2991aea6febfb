"""`manage.py rotate_seal_keys`: seal every secret with the first of the seal keys."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.upkeep import rotating

SHOWN = 10


class Command(BaseCommand):
    """Seal anew what an older key sealed."""

    help = (
        "Seal every secret anew with the first key of HOSTPANEL_SEAL_KEYS, while the panel runs; what is sealed with "
        "it already is left. Put a new key first, restart every process, run this, then take the old keys away. "
        "Exit status: 0 all is sealed with the first key, 1 something cannot be opened or, with --check, is not."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Only look."""
        parser.add_argument("--check", action="store_true", help="change nothing; fail if an old key is still needed")
        parser.add_argument("--no-progress", action="store_true", help="no bar")

    def handle(self, **options: Any) -> None:
        """A line for each place."""
        is_check = options["check"]
        closed = old = 0
        with tqdm(total=rotating.rows(), unit=" rows", disable=options["no_progress"] or None) as bar:
            for place in rotating.PLACES:
                count = rotating.rotate(place, only_look=is_check, told=bar.update)
                closed, old = closed + len(count.closed), old + count.sealed
                self._tell(place.name, count, "under an old key" if is_check else "sealed anew")
        if closed:
            msg = f"{closed} cannot be opened with any key of HOSTPANEL_SEAL_KEYS: put the missing one back."
            raise CommandError(msg)
        if is_check and old:
            msg = f"{old} still need an old key: run it without --check."
            raise CommandError(msg)

    def _tell(self, name: str, count: rotating.Count, words: str) -> None:
        line = f"{count.sealed:>9} {words}, {count.current} current  {name}"
        if count.closed:
            some = ", ".join(str(pk) for pk in count.closed[:SHOWN])
            line += f"; {len(count.closed)} cannot be opened: {some}{'…' if len(count.closed) > SHOWN else ''}"
        self.stdout.write(line)

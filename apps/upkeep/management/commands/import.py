"""`manage.py import`: a panel from the file `manage.py export` wrote."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.upkeep import copying, doctor


class Command(BaseCommand):
    """Fill an empty panel, all or nothing, and compare the counts."""

    help = (
        "Fill an empty panel of the same release from a file of `manage.py export`, all or nothing. Start the workers "
        "afterwards. What was about to be sent when the file was written is looked for at OVH before it is sent."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """From where."""
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--moved", action="store_true",
            help="the panel was stopped before the export and has not run since: what was queued is simply sent",
        )  # fmt: skip
        parser.add_argument("--no-progress", action="store_true", help="no bar")

    def handle(self, **options: Any) -> None:
        """Read it, and say what came of it."""
        try:
            _head, counts = copying.examine(options["file"])
            total = sum(counts.values())
            with tqdm(total=total, unit=" rows", disable=options["no_progress"] or None) as bar:
                copied = copying.read(options["file"], is_moved=options["moved"], told=bar.update)
        except copying.Refused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"{total} rows of {len(copied.counts)} tables, as they were at {copied.at:%Y-%m-%d %H:%M %Z}")
        if copied.doubted:
            self.stdout.write(f"{copied.doubted} changes are looked for at OVH before anything is sent again")
        for line in doctor.examine(only=frozenset({"keys"})):
            if line.mark != "ok":
                self.stdout.write(f"!! {line.note}. {line.todo}")

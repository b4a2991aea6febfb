"""`manage.py housekeeping`: remove what is over and old; workers do the same once a day."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from tqdm import tqdm

from apps.upkeep import housekeeping


class Command(BaseCommand):
    """Remove finished operations, their steps, runs, tasks and answers older than HOSTPANEL_KEEP_…_DAYS."""

    help = "Remove what is over and older than the HOSTPANEL_KEEP_…_DAYS settings, in small batches."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Only look, or for how long."""
        parser.add_argument("--dry-run", action="store_true", help="only say how many of each would go")
        parser.add_argument("--seconds", type=float, default=3600, help="stop after so long; default an hour")
        parser.add_argument("--no-progress", action="store_true", help="no bar")

    def handle(self, **options: Any) -> None:
        """Say what went, a line for each kind."""
        now = timezone.now()
        if options["dry_run"]:
            self._tell(housekeeping.waiting(now))
            return
        with tqdm(desc="removed", unit=" rows", disable=options["no_progress"] or None) as bar:
            result = housekeeping.keep_house(
                now, seconds=options["seconds"], told=lambda name, number: _move(bar, name, number)
            )  # fmt: skip
        self._tell(result.removed)
        if not result.is_done:
            self.stdout.write("The time was over; run it again for the rest.")

    def _tell(self, counts: dict[str, int]) -> None:
        for name, number in counts.items():
            self.stdout.write(f"{number:>9}  {name}")


def _move(bar: "tqdm[Any]", name: str, number: int) -> None:
    bar.set_postfix_str(name)
    bar.update(number)

"""`manage.py export`: the whole panel as one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.audit.services import record
from apps.teams.models import Team
from apps.upkeep import copying


class Command(BaseCommand):
    """Write everything but sessions to a file, while the panel runs."""

    help = (
        "Write the whole panel to one file (JSON lines, gzip). Credentials stay sealed in it: keep the seal keys "
        "apart from it, and safe. The file itself is of personal data; only its owner can read it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument("file", type=Path, help="such as hostpanel-2026-11-23.jsonl.gz; must not be there yet")
        parser.add_argument("--no-progress", action="store_true", help="no bar")

    def handle(self, **options: Any) -> None:
        """Write it, and say how much there was."""
        with tqdm(total=copying.rows(), unit=" rows", disable=options["no_progress"] or None) as bar:
            try:
                copied = copying.write(options["file"], told=bar.update)
            except copying.Refused as refused:
                raise CommandError(str(refused)) from None
        for team_id in Team.objects.values_list("pk", flat=True):
            record("panel.exported", team_id=team_id)
        self.stdout.write(f"{sum(copied.counts.values())} rows of {len(copied.counts)} tables in {options['file']}")

"""`manage.py restored`: tell a panel whose database was put back from a backup."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware, now

from apps.operations import states


class Command(BaseCommand):
    """After pg_restore or a copied SQLite file, before the workers start."""

    help = (
        "After a database was put back by pg_restore or by copying SQLite's file, and before the workers start: what "
        "was about to be sent then is looked for at OVH before it is sent. `manage.py import` does this by itself."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """When the backup was made."""
        parser.add_argument("at", help="when the backup was begun, such as 2026-11-23T03:00:00+01:00; UTC without zone")

    def handle(self, **options: Any) -> None:
        """Doubt all that was not sent then."""
        try:
            at = parse_datetime(options["at"])
        except ValueError:
            at = None
        if at is None:
            msg = f"{options['at']} is not a moment; write 2026-11-23T03:00:00+01:00."
            raise CommandError(msg)
        since = make_aware(at) if is_naive(at) else at
        if since > now():
            msg = f"{options['at']} is still to come: say when the backup was begun."
            raise CommandError(msg)
        count = states.doubted(since=since)
        self.stdout.write(f"{count} changes are looked for at OVH before anything is sent again")

"""`manage.py upgrade`: what a new release needs, at its first start and at each later one."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from hostpanel import messages

# Any number, the same in every release: two machines that upgrade at once come one after the other.
LOCK = 4_711_200_511


class Command(BaseCommand):
    """Migrate the database, make the table of the cache; with --files the translations and static files too."""

    help = "Bring the database to this release. Harmless twice, and on two machines at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether the files are this machine's to make; an image has them already."""
        parser.add_argument("--files", action="store_true", help="compile translations and collect static files too")

    def handle(self, **options: Any) -> None:
        """All of it."""
        with _alone():
            call_command("migrate", interactive=False, verbosity=options["verbosity"], stdout=self.stdout)
            call_command("createcachetable", verbosity=0)
        if options["files"]:
            messages.compile_all()
            call_command("collectstatic", interactive=False, verbosity=0)
        self.stdout.write("The database is at this release.")


@contextmanager
def _alone() -> Iterator[None]:
    """PostgreSQL: no second upgrade beside this one, and time for an index on a large table."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
        # Waiting for the other one is not waiting for a table.
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cursor.execute("SET lock_timeout = '5s'")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        connection.close()

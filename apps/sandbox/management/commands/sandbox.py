"""`manage.py sandbox`: the simulated OVH API."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.sandbox.__main__ import add_arguments, run

NAMES = ("host", "port", "state", "record", "speed", "world")


class Command(BaseCommand):
    """Serve until Ctrl-C."""

    help = "Serves a simulated OVH API that speaks the real protocol."

    def add_arguments(self, parser: CommandParser) -> None:
        """As `python -m apps.sandbox`."""
        add_arguments(parser)

    def handle(self, **options: Any) -> None:
        """Run it."""
        run(**{name: options[name] for name in NAMES})

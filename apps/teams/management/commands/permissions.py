"""`manage.py permissions`: who may do what, as a page."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.teams.permissions import as_markdown


class Command(BaseCommand):
    """Print the table of rights."""

    help = "Print who may do what, as Markdown; docs/permissions.md is made of it."
    requires_system_checks = ()

    def handle(self, **_options: Any) -> None:
        """The page, and nothing else."""
        self.stdout.write(as_markdown(), ending="")

"""`manage.py setup_link`: where a new panel is set up."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from apps.teams import starting


class Command(BaseCommand):
    """Print the address of the set-up page with its code."""

    help = "Print the address where the first owner sets a new panel up. Exit status 1 once somebody did."

    def handle(self, **_options: Any) -> None:
        """One line."""
        if not starting.is_new():
            msg = "This panel is set up already: its owner signs in, or invites you."
            raise CommandError(msg)
        code = starting.code()
        self.stdout.write(f"{settings.BASE_URL}{reverse('setup')}{f'?code={code}' if code else ''}")

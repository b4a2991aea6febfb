"""`manage.py seal_key`: a new key for HOSTPANEL_SEAL_KEYS."""

from typing import Any

from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Print one key."""

    help = "Prints a new key for HOSTPANEL_SEAL_KEYS; put it first to seal with it, keep the old ones to open."

    def handle(self, **_options: Any) -> None:
        """Make it."""
        self.stdout.write(Fernet.generate_key().decode())

"""Django's entry for the room."""

from django.apps import AppConfig


class BackupsConfig(AppConfig):
    """Dumps and restores."""

    name = "apps.backups"

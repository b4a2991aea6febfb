"""Django's entry for the room."""

from django.apps import AppConfig


class SealingConfig(AppConfig):
    """Secrets at rest."""

    name = "apps.sealing"

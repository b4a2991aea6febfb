"""Django's entry for the room."""

from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    """Keeps the panel running: whether it works, what it counts, what it throws away, copies of it."""

    name = "apps.upkeep"

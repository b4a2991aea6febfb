"""Django's entry for the room; collects the actions of every room above."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class OperationsConfig(AppConfig):
    """Every change: the request, its submission, its task, its outcome, its history."""

    name = "apps.operations"

    def ready(self) -> None:
        """Import each room's `actions.py` and `live.py`: they register themselves."""
        autodiscover_modules("actions", "live")

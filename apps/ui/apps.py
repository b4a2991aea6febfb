"""Django's entry for the room."""

from django.apps import AppConfig
from django.urls import register_converter

from apps.ui.converters import NameConverter


class UiConfig(AppConfig):
    """What pages share; no business word."""

    name = "apps.ui"

    def ready(self) -> None:
        """Make `<name:…>` known to the addresses."""
        register_converter(NameConverter, "name")

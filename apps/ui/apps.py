"""Django's entry for the room."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """What pages share; no business word."""

    name = "apps.ui"

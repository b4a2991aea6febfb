"""Django's entry for the room."""

from django.apps import AppConfig


class HostingsConfig(AppConfig):
    """The hosting itself: what it is, how full, how used, until when."""

    name = "apps.hostings"

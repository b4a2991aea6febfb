"""Django's entry for the room."""

from django.apps import AppConfig


class DomainsConfig(AppConfig):
    """Attached domains."""

    name = "apps.domains"

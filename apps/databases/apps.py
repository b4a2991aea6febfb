"""Django's entry for the room."""

from django.apps import AppConfig


class DatabasesConfig(AppConfig):
    """Databases of a hosting."""

    name = "apps.databases"

"""Django's entry for the room."""

from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    """OVH accounts: sealed credentials and the health of each."""

    name = "apps.connections"

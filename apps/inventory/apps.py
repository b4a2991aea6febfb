"""Django's entry for the room."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """The mirror of what exists at OVH."""

    name = "apps.inventory"

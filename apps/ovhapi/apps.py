"""Django's entry for the room."""

from django.apps import AppConfig


class OvhapiConfig(AppConfig):
    """Speaks to OVH."""

    name = "apps.ovhapi"

"""Django's entry for the room."""

from django.apps import AppConfig


class ModulesConfig(AppConfig):
    """Sites installed with one click, and OVH's catalogue of them."""

    name = "apps.modules"

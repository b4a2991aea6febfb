"""Django's entry for the room; it has nothing but a command."""

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    """A simulated OVH API."""

    name = "apps.sandbox"

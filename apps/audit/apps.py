"""Django's entry for the room."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Who did what, when: append-only, write side."""

    name = "apps.audit"

"""Django's entry for the room."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    """Who did what, when: append-only, write side."""

    name = "apps.audit"

    def ready(self) -> None:
        """Have the database guard the history."""
        from apps.audit import guards  # noqa: PLC0415  # Django is ready only now

        post_migrate.connect(guards.after_migrate, sender=self)

"""Django's entry for the room."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """Pages over everything: the overview, search, the audit page."""

    name = "apps.dashboard"

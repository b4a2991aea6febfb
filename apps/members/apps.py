"""Django's entry for the room."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """Who works in a team."""

    name = "apps.members"

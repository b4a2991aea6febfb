"""Django's entry for the room."""

from django.apps import AppConfig


class TeamsConfig(AppConfig):
    """People: users, teams, members, roles; the only place that decides who may."""

    name = "apps.teams"

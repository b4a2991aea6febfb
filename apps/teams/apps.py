"""Django's entry for the room."""

from django.apps import AppConfig


class TeamsConfig(AppConfig):
    """People: users, teams, members, roles; the only place that decides who may."""

    name = "apps.teams"

    def ready(self) -> None:
        """Have sign-ins written into the history."""
        from apps.teams import history  # noqa: PLC0415  # Django is ready only now

        history.listen()

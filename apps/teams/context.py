"""What the sign-in page shows in a demo."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from apps.teams.demo import PASSWORD, PEOPLE


def demo_people(_request: HttpRequest) -> dict[str, Any]:
    """The demo's people with their password; nothing in any other mode."""
    if settings.MODE != "demo":
        return {}
    people = [{"email": person.email, "role": person.role.label, "password": PASSWORD} for person in PEOPLE]
    return {"demo_people": people}

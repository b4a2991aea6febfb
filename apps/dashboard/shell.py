"""What the frame of every page inside a team shows: places with their counts, accounts, age of the data."""

from typing import Any

from django.http import HttpRequest


def shell(_request: HttpRequest) -> dict[str, Any]:
    """Nothing outside a team."""
    return {}

"""What a signed-in person chose for every page: language and time zone."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation

from apps.teams.models import User

Handler = Callable[[HttpRequest], HttpResponseBase]


def language_and_zone(get_response: Handler) -> Handler:
    """Show each page in the person's language and zone: their choice, else what the browser asks for."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        user = request.user if isinstance(request.user, User) else None
        chosen = user.language if user and user.language else request.COOKIES.get("language", "")
        language = chosen if chosen in ("en", "fr") else translation.get_language_from_request(request)
        translation.activate(language)
        timezone.activate(_zone(user.time_zone if user else request.COOKIES.get("time_zone", "")))
        try:
            response = get_response(request)
        finally:
            translation.deactivate()
            timezone.deactivate()
        response.headers.setdefault("Content-Language", language)
        return response

    return middleware


def _zone(name: str) -> ZoneInfo:
    """The zone of that name; UTC when there is none, for the name may come from a cookie."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a part of the world, such as Europe, is a folder
        return ZoneInfo("UTC")

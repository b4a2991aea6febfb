"""How often something may be tried: django-allauth's counters, with limits of ours in `ACCOUNT_RATE_LIMITS`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.ratelimit import consume, respond_429
from django.http import HttpRequest, HttpResponseBase

View = Callable[..., HttpResponseBase]


def limited(action: str) -> Callable[[View], View]:
    """Answer 429 to a POST beyond the limit called `action`. Goes under `team_view`, which says who asks."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method == "POST" and not consume(request, action=action):
                answer: HttpResponseBase = respond_429(request)
                return answer
            return view(request, *args, **kwargs)

        return checked

    return decorate

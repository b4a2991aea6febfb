"""Around each request: monitors by address, one log line."""

import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

Handler = Callable[[HttpRequest], HttpResponseBase]
WATCHED = ("/health/", "/metrics")

log = structlog.get_logger(__name__)


def monitors_by_address(get_response: Handler) -> Handler:
    """A load balancer asks a machine by its address, which no host name of the panel's is.

    What they read holds no link, so the host does not matter there.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(WATCHED):
            request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0].lstrip(".")
        return get_response(request)

    return middleware


def request_line(get_response: Handler) -> Handler:
    """One line for each request: the pattern of its address, never the address, which may hold a token."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        started = time.monotonic()
        response = get_response(request)
        match = request.resolver_match
        level = log.debug if request.path_info.startswith(WATCHED) else log.info
        level(
            "request",
            method=request.method,
            route=match.route if match else "",
            team=match.kwargs.get("team", "") if match else "",
            status=response.status_code,
            ms=round((time.monotonic() - started) * 1000),
        )
        return response

    return middleware

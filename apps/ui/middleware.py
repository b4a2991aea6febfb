"""What holds for every request and every answer of the panel, whichever page it is about."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from apps.ui.htmx import wants_fragment

Handler = Callable[[HttpRequest], HttpResponseBase]
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"
METHODS = ("GET", "HEAD", "POST")
# Around the largest file that a form takes, a dump of 200 MB, are the form's other fields.
LARGEST = 210 * 1024 * 1024
# Nobody who is not signed in has a file to send.
LARGEST_OF_STRANGERS = 64 * 1024


def panel_headers(get_response: Handler) -> Handler:
    """No powerful browser features; and what does not say that it may be kept, no cache and no back button keeps.

    One address answers with a page or with a part of it (`wants_fragment`), so every page says what it hangs on.
    Goes first, so that files, and errors of what comes after it, carry the same.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        if response.headers.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["HX-Request"])
        return response

    return middleware


def plain_methods(get_response: Handler) -> Handler:
    """What Django or django-allauth would run as if it were GET or POST is refused: no page is made for it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return get_response(request) if request.method in METHODS else HttpResponseNotAllowed(METHODS)

    return middleware


def bounded_bodies(get_response: Handler) -> Handler:
    """A body larger than any form is not read: Django would write its files to the disk before a form could refuse."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        size = int(length) if length.isascii() and length.isdigit() else 0
        if size > LARGEST_OF_STRANGERS and (size > LARGEST or not request.user.is_authenticated):
            return render(request, "413.html", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return get_response(request)

    return middleware


def sign_in_again(get_response: Handler) -> Handler:
    """A part of a page that wants a sign-in sends the whole page there: htmx would put that form into the part."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        target = response.headers.get("Location", "").partition("?")[0]
        if not target or not wants_fragment(request):
            return response
        if target == resolve_url(settings.LOGIN_URL):
            return HttpResponseClientRefresh()
        is_proof = target.endswith("/reauthenticate/")
        return HttpResponseClientRedirect(response.headers["Location"]) if is_proof else response

    return middleware

"""Pages without a business word."""

import sys

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from apps.ui import samples


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was made before the person signed in again, or for somebody else's session."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)


@login_not_required
def server_error(_request: HttpRequest) -> HttpResponse:
    """An error nobody expected; or, with 503, a database that cannot be asked just now: trying again is safe."""
    is_passing = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    # Without the request: what every page shows would be read from the database.
    if is_passing:
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "5"})
    return HttpResponse(render_to_string("500.html"), status=500)


@login_not_required
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every part of the look in every state, with made-up data; has an address in development and in the demo."""
    return render(request, "ui/styleguide.html", samples.context())


@login_not_required
def sample_error(request: HttpRequest, error: str) -> HttpResponse:
    """What people see when something is wrong, without anything being so; at the style guide's addresses only."""
    if error not in samples.ERRORS:
        raise Http404
    return render(request, f"{error}.html")

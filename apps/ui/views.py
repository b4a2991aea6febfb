"""Pages without a business word."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.ui import samples


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was made before the person signed in again, or for somebody else's session."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)


@login_not_required
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every part of the look in every state, with made-up data; has an address in development and in the demo."""
    return render(request, "ui/styleguide.html", samples.context())

"""Pages without a business word."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was made before the person signed in again, or for somebody else's session."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)

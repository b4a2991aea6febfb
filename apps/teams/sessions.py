"""Where a person is signed in: a session begins as django-allauth begins it, and others end."""

from allauth.account.internal.flows.login import record_authentication  # it has no other door
from allauth.account.signals import user_logged_in
from allauth.usersessions.models import UserSession
from django.contrib.auth import login
from django.http import HttpRequest

from apps.teams.models import User


def begin(request: HttpRequest, user: User) -> None:
    """Sign in somebody who has just chosen their password: it is in their list of sessions, and in the history."""
    login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
    record_authentication(request, user, method="password")
    user_logged_in.send(sender=type(user), request=request, response=None, user=user)


def end_others(request: HttpRequest, user: User) -> None:
    """End the person's other sessions: whoever is in one of them had less to prove than is asked for from now on."""
    for session in UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key):
        session.end()

"""Sign-ins and changes of who may sign in, as the history tells them: in every team of the person.

Another second factor also ends the person's other sessions, as another password does.

django-allauth has no other door to these than its signals.
"""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set, user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest

from apps.audit.services import record
from apps.teams import sessions
from apps.teams.access import address_of
from apps.teams.models import Membership, User


def note(action: str, user: User | None, request: HttpRequest | None, **details: Any) -> None:
    """Write it down for each team the person is in; nothing for a person in none."""
    if user is None or not user.pk:
        return
    address = address_of(request) if request is not None else None
    for team_id in Membership.objects.filter(user=user.pk).values_list("team_id", flat=True):
        record(action, team_id=team_id, actor=user, address=address, target=user.email, details=details)


def note_failure(request: HttpRequest, email: str) -> None:
    """A password that was wrong for somebody who exists; an address nobody has belongs to no team."""
    note("sign_in.failed", User.objects.filter(email=email.strip().lower()).first(), request)


def listen() -> None:
    """Have allauth tell."""
    user_logged_in.connect(_signed_in, dispatch_uid="history")
    user_logged_out.connect(_signed_out, dispatch_uid="history")
    for signal in (password_changed, password_set):
        signal.connect(_password_changed, dispatch_uid="history")
    password_reset.connect(_password_reset, dispatch_uid="history")
    authenticator_added.connect(_factor_added, dispatch_uid="history")
    authenticator_removed.connect(_factor_removed, dispatch_uid="history")
    authenticator_reset.connect(_factor_renewed, dispatch_uid="history")
    authentication_failed.connect(_factor_failed, dispatch_uid="history")


def _signed_in(request: HttpRequest, user: User, **_more: Any) -> None:
    note("sign_in.succeeded", user, request)


def _signed_out(request: HttpRequest, user: User | None, **_more: Any) -> None:
    note("sign_in.ended", user, request)


def _password_changed(request: HttpRequest, user: User, **_more: Any) -> None:
    note("sign_in.password_changed", user, request)


def _password_reset(request: HttpRequest, user: User, **_more: Any) -> None:
    note("sign_in.password_reset", user, request)


def _factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **_more: Any) -> None:
    sessions.end_others(request, user)
    note("sign_in.factor_added", user, request, factor=str(authenticator.type))


def _factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_more: Any) -> None:
    sessions.end_others(request, user)
    note("sign_in.factor_removed", user, request, factor=str(authenticator.type))


def _factor_renewed(request: HttpRequest, user: User, authenticator: Authenticator, **_more: Any) -> None:
    note("sign_in.factor_renewed", user, request, factor=str(authenticator.type))


def _factor_failed(request: HttpRequest, user: User, **_more: Any) -> None:
    note("sign_in.factor_failed", user, request)

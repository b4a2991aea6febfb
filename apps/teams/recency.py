"""Whether somebody proved lately who they are: asked before what destroys, and before keys are touched."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.teams.access import TeamRequest

P = ParamSpec("P")


def is_recent(request: HttpRequest) -> bool:
    """Whether they signed in, or gave their password or passkey again, within the last ten minutes."""
    records = get_authentication_records(request, request.user)
    return any(time.time() - record["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT for record in records)


def demand(request: HttpRequest, *, back: str = "") -> HttpResponse | None:
    """Where to go first when they did not; None when they did. `back`: the page to ask on again, if not this one.

    allauth would keep what was posted in the session and carry it out afterwards. What destroys is not carried out
    from a store, and secrets do not belong there: the form is shown again instead.
    """
    if is_recent(request):
        return None
    if request.method == "POST":
        messages.warning(request, _("Nothing was done: your sign-in was too long ago. Now ask again."))
        if back:
            return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': back})}")
        return redirect(request.get_full_path())
    raise ReauthenticationRequired  # allauth's middleware leads to the password or passkey, and back here


def recent_view(
    view: Callable[Concatenate[TeamRequest, P], HttpResponseBase],
) -> Callable[Concatenate[TeamRequest, P], HttpResponseBase]:
    """A page that only somebody sees who proved lately who they are. Goes under `team_view`."""

    @wraps(view)
    def checked(request: TeamRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return demand(request) or view(request, *args, **kwargs)

    return checked

"""The way to OVH's page and back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.connections import consent as consents
from apps.connections import health, services
from apps.connections.consent import Opened
from apps.connections.models import Connection, Consent
from apps.connections.services import NotTaken
from apps.connections.verifying import Verified
from apps.connections.views import asking
from apps.ovhapi import rules
from apps.ovhapi.errors import OvhError
from apps.teams.access import TeamRequest, team_view


@require_GET
@team_view
def go(request: TeamRequest, pk: UUID) -> HttpResponse:
    """The last page before OVH's: what is asked for, and the link.

    A link, not a redirect: browsers hold the redirect of a form against `form-action` of our policy.
    """
    consent = consents.find(asking(request), request.session, pk=pk)
    if consent is None:
        return _over(request)
    context = {"team": request.member.team, "opened": consents.opened(consent), "rules": rules.PANEL}
    return render(request, "connections/consent.html", context)


@require_GET
@team_view
def come_back(request: TeamRequest) -> HttpResponse:
    """Back from OVH's page: whose account it is, to be confirmed. Nothing is kept yet."""
    consent = consents.find(asking(request), request.session, state=request.GET.get("state", ""))
    if consent is None:
        return _over(request)
    opened = consents.opened(consent)
    try:
        verified = services.look(opened.credentials)
    except OvhError as error:
        return _not_yet(request, consent, error)
    context = {
        "team": request.member.team,
        "consent": consent,
        "verified": verified,
        "is_other": _is_other(consent.connection, verified),
    }
    return render(request, "connections/confirm.html", context)


@require_POST
@team_view
def confirm(request: TeamRequest, pk: UUID) -> HttpResponse:
    """Connect the account that was shown."""
    consent = consents.find(asking(request), request.session, pk=pk)
    if consent is None:
        return _over(request)
    opened = consents.opened(consent)
    try:
        verified = services.look(opened.credentials)
        if verified.nichandle != request.POST.get("nichandle"):
            return _over(request)
        if not consents.use_up(consent):
            return _over(request)
        connection = _keep(request, opened, verified)
    except OvhError as error:
        return _not_yet(request, consent, error)
    except NotTaken as error:
        services.say_farewell(opened.credentials)
        messages.error(request, error.sentence)
        return redirect("connections:index", request.member.team.slug)
    messages.success(request, _("%(name)s is connected.") % {"name": connection.name})
    return redirect("connections:detail", request.member.team.slug, connection.pk)


def _keep(request: TeamRequest, opened: Opened, verified: Verified) -> Connection:
    """The new account, or the one whose key is renewed."""
    who, connection, credentials = asking(request), opened.consent.connection, opened.credentials
    if connection is None:
        name = opened.consent.name
        return services.create(who, name=name, credentials=credentials, verified=verified, is_key_ours=True)
    services.replace_credential(who, connection, credentials=credentials, verified=verified, is_key_ours=True)
    return connection


def _is_other(connection: Connection | None, verified: Verified) -> bool:
    """Whether another account said yes than the one whose key is to be renewed."""
    return bool(connection and connection.nichandle and connection.nichandle != verified.nichandle)


def _over(request: TeamRequest) -> HttpResponse:
    """Too late, used, or not this person's: all the same to who asks."""
    return render(request, "connections/consent_over.html", {"team": request.member.team}, status=410)


def _not_yet(request: TeamRequest, consent: Consent, error: OvhError) -> HttpResponse:
    """OVH says the key does not open: refused, or no answer given yet."""
    _field, sentence = health.why_refused(error)
    context = {"team": request.member.team, "consent": consent, "sentence": sentence}
    return render(request, "connections/consent_refused.html", context, status=422)

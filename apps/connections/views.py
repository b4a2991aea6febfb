"""The OVH accounts of a team: all of them, a new one, and one of them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.connections import consent, health, listing, services
from apps.connections.forms import WAYS, ConsentForm, CredentialForm, RemoveForm, SettingsForm
from apps.connections.models import Connection
from apps.connections.services import Asking, NotTaken
from apps.ovhapi import endpoints, rules
from apps.ovhapi.errors import OvhError
from apps.teams.access import TeamRequest, address_of, may, origin_of, team_view
from apps.teams.limits import limited
from apps.teams.recency import recent_view

SECRETS = ("application_secret", "consumer_key", "client_secret")


def asking(request: TeamRequest) -> Asking:
    """Who asks, for the services."""
    return Asking(member=request.member, address=address_of(request))


def find(request: TeamRequest, pk: int) -> Connection:
    """The account this member may see; Http404 when there is none."""
    return get_object_or_404(Connection.objects.visible_to(request.member), pk=pk)


@require_GET
@team_view
def index(request: TeamRequest) -> HttpResponse:
    """Every account this member may see: how it is, since when, and what waits for it."""
    context = {
        "team": request.member.team,
        "rows": listing.rows(request.member),
        "can_connect": may(request.member, "connections.create", team_id=request.member.team_id),
    }
    return render(request, "connections/index.html", context)


@require_GET
@team_view
def detail(request: TeamRequest, pk: int) -> HttpResponse:
    """One account: how it is, whose it is, what its key may do and until when."""
    find(request, pk)
    row = listing.rows(request.member, Connection.objects.visible_to(request.member).filter(pk=pk))[0]
    context = {
        "team": request.member.team,
        "row": row,
        "connection": row.connection,
        "rights_url": endpoints.create_token_url(row.connection.endpoint, rules.PANEL),
        "can_change": may(request.member, "connections.edit", team_id=request.member.team_id),
    }
    return render(request, "connections/detail.html", context)


@sensitive_post_parameters(*SECRETS)
@sensitive_variables()
@require_http_methods(["GET", "POST"])
@team_view
@limited("connect")
def create(request: TeamRequest) -> HttpResponse:
    """Connect an account, in one of three ways."""
    form = _form(request, None)
    if request.method == "POST" and form.is_valid():
        answer = _begin_consent(request, form, None) if isinstance(form, ConsentForm) else _connect(request, form)
        if answer is not None:
            return answer
    return _show(request, "connections/create.html", form, None)


@sensitive_post_parameters(*SECRETS)
@sensitive_variables()
@require_http_methods(["GET", "POST"])
@team_view
@limited("connect")
@recent_view
def renew(request: TeamRequest, pk: int) -> HttpResponse:
    """Give an account a new credential."""
    connection = find(request, pk)
    form = _form(request, connection)
    if request.method == "POST" and form.is_valid():
        is_consent = isinstance(form, ConsentForm)
        answer = _begin_consent(request, form, connection) if is_consent else _renew(request, form, connection)
        if answer is not None:
            return answer
    return _show(request, "connections/renew.html", form, connection)


@require_POST
@team_view
def check(request: TeamRequest, pk: int) -> HttpResponse:
    """Look at the key now."""
    connection = find(request, pk)
    error = services.check(connection)
    if error is None:
        messages.success(request, health.words_of(connection).title)
    else:
        messages.error(request, health.why_not_checked(connection, error))
    return redirect("connections:detail", request.member.team.slug, pk)


@require_http_methods(["GET", "POST"])
@team_view
def edit(request: TeamRequest, pk: int) -> HttpResponse:
    """The account's name in the panel, and how many calls it may make."""
    connection = find(request, pk)
    known = {"name": connection.name, "rate_per_minute": connection.rate_per_minute}
    form = SettingsForm(request.POST or None, initial=known)
    if form.is_valid():
        try:
            services.edit(asking(request), connection, **form.cleaned_data)
        except NotTaken as error:
            form.add_error("name", error.sentence)
        else:
            return redirect("connections:detail", request.member.team.slug, pk)
    context = {"team": request.member.team, "connection": connection, "form": form}
    return render(request, "connections/edit.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@team_view
@recent_view
def remove(request: TeamRequest, pk: int) -> HttpResponse:
    """Remove an account from the panel; asks for its name."""
    connection = find(request, pk)
    form = RemoveForm(request.POST or None, connection=connection)
    if form.is_valid():
        try:
            services.remove(asking(request), connection)
        except NotTaken as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("%(name)s is removed. Nothing changed at OVH.") % {"name": connection.name})
            return redirect("connections:index", request.member.team.slug)
    row = listing.rows(request.member, Connection.objects.visible_to(request.member).filter(pk=pk))[0]
    context = {"team": request.member.team, "connection": connection, "row": row, "form": form}
    return render(request, "connections/remove.html", context, status=422 if form.is_bound else 200)


def _form(request: TeamRequest, connection: Connection | None) -> CredentialForm:
    """The form of the way that was chosen; the account's own way first when its key is renewed."""
    first = "oauth2" if connection and connection.kind == Connection.Kind.OAUTH2 else "keys"
    chosen = request.POST.get("way") or request.GET.get("way") or first
    typed = request.POST if request.method == "POST" else None
    if chosen == ConsentForm.way:
        return ConsentForm(typed, connection=connection, known=Connection.objects.visible_to(request.member))
    return WAYS.get(chosen, WAYS["keys"])(typed, connection=connection)


def _show(request: TeamRequest, template: str, form: CredentialForm, connection: Connection | None) -> HttpResponse:
    """The page with the form, and the ways beside it."""
    endpoint = connection.endpoint if connection else endpoints.choices()[0][0]
    context = {
        "team": request.member.team,
        "form": form,
        "way": form.way,
        "connection": connection,
        "rules": rules.PANEL,
        "token_urls": _pages(endpoint, connection),
    }
    return render(request, template, context, status=422 if form.is_bound else 200)


def _pages(endpoint: str, connection: Connection | None) -> list[dict[str, str]]:
    """OVH's pages where keys are made, with the rights filled in: of the account's endpoint, or of all."""
    names = dict(endpoints.choices())
    chosen = [endpoint] if connection else list(names)
    pages = [
        {
            "name": names.get(each, each),
            "keys": endpoints.create_token_url(each, rules.PANEL),
            "application": endpoints.create_app_url(each),
        }
        for each in chosen
    ]
    return [page for page in pages if page["application"]]


def _connect(request: TeamRequest, form: CredentialForm) -> HttpResponse | None:
    """Look at the credential and keep it; None when the form has something to say."""
    try:
        verified = services.look(form.credentials)
        connection = services.create(asking(request), name=form.name, credentials=form.credentials, verified=verified)
    except (OvhError, NotTaken) as error:
        form.blame(error)
        return None
    messages.success(request, _("%(name)s is connected. Its services are being read.") % {"name": connection.name})
    return redirect("connections:detail", request.member.team.slug, connection.pk)


def _renew(request: TeamRequest, form: CredentialForm, connection: Connection) -> HttpResponse | None:
    """Look at the credential and put it in the place of the former; None when the form has something to say."""
    try:
        verified = services.look(form.credentials)
        services.replace_credential(asking(request), connection, credentials=form.credentials, verified=verified)
    except (OvhError, NotTaken) as error:
        form.blame(error)
        return None
    messages.success(request, _("%(name)s has its new key. What waited goes on.") % {"name": connection.name})
    return redirect("connections:detail", request.member.team.slug, connection.pk)


def _begin_consent(request: TeamRequest, form: CredentialForm, connection: Connection | None) -> HttpResponse | None:
    """Ask OVH for a key to say yes to; None when the form has something to say."""
    try:
        begun = consent.begin(
            asking(request), request.session, name=form.name, credentials=form.credentials,
            origin=origin_of(request), connection=connection,
        )  # fmt: skip
    except OvhError as error:
        form.blame(error)
        return None
    return redirect("connections:consent", request.member.team.slug, begun.pk)

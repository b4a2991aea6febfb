"""The FTP and SSH users of a hosting: the list, one of them, and what can be done with it."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.ftpusers import actions, ending
from apps.ftpusers.access import ways
from apps.ftpusers.forms import AccessForm
from apps.inventory import frame
from apps.inventory.models import FtpUser, Service
from apps.operations import happening
from apps.operations.asking import ask, can
from apps.operations.registry import Action
from apps.teams.access import TeamRequest, address_of, team_view
from apps.ui.asked import clean
from apps.ui.htmx import wants_fragment
from apps.ui.pagination import paginate


@team_view
def index(request: TeamRequest, service_name: str) -> HttpResponse:
    """The users of one hosting; `login` and `home` in the address narrow the list."""
    service = frame.find_service(request.member, service_name)
    context = {
        **frame.of(request, service, "users"),
        **happening.of(request, service, "ftpusers.index"),
        **listed(request, service),
    }
    template = "ftpusers/index.html#list" if wants_fragment(request) else "ftpusers/index.html"
    return render(request, template, context)


def listed(request: TeamRequest, service: Service, asked: Any = None) -> dict[str, Any]:
    """What the list shows, as the address asks for it; `asked`: the parameters of the page it stands on."""
    asked = request.GET if asked is None else asked
    login, home = clean(asked.get("login", "")), clean(asked.get("home", ""))
    everybody = service.ftpusers.filter(gone_at=None)
    found = everybody.filter(Q(login__icontains=login) if login else Q(), Q(home__icontains=home) if home else Q())
    return {
        "page": paginate(asked.get("page"), found),
        "has_filters": bool(login or home) or everybody.count() > 3,  # noqa: PLR2004  # what is seen at a glance
        "asked": {"login": login, "home": home} if login or home else {},
        "can": allowed(request),
    }


def allowed(request: TeamRequest) -> dict[str, Any]:
    """What this member may do to a user."""
    return can(request, actions.CREATE, actions.EDIT, actions.PASSWORD, actions.DISABLE, actions.DELETE)


@team_view
def detail(request: TeamRequest, service_name: str, login: str) -> HttpResponse:
    """One user: how to connect, where it begins, until when."""
    service = frame.find_service(request.member, service_name)
    context = {
        **frame.of(request, service, "users"),
        **about(request, service, login),
        **happening.of(request, service, "ftpusers.detail", about=login),
    }
    return render(request, "ftpusers/detail.html", context)


def about(request: TeamRequest, service: Service, login: str) -> dict[str, Any]:
    """What the page of one user shows beside its frame."""
    user = _find(service, login)
    return {"ftp_user": user, "ways": ways(user), "can": allowed(request)}


@team_view
def create(request: TeamRequest, service_name: str) -> HttpResponse:
    """The form for a new user, and the asking for it."""
    service = frame.find_service(request.member, service_name)
    return ask(
        request, actions.CREATE, service=service, template="ftpusers/create.html", then=_list_of(request, service),
        context=frame.of(request, service, "users"),
    )  # fmt: skip


@team_view
def edit(request: TeamRequest, service_name: str, login: str) -> HttpResponse:
    """Home, ways in, state and end of one user."""
    user = _find_for(request, service_name, login)
    ends = None if user.is_past_end else user.access_ends_at
    now = {"home": user.home, "sshState": user.ssh_state, "state": user.state, "access_ends": ends}
    return _ask(request, actions.EDIT, user, "ftpusers/edit.html", initial=_unless_again(request, now))


@team_view
def password(request: TeamRequest, service_name: str, login: str) -> HttpResponse:
    """A new password for a user."""
    return _ask(request, actions.PASSWORD, _find_for(request, service_name, login), "ftpusers/password.html")


@team_view
def disable(request: TeamRequest, service_name: str, login: str) -> HttpResponse:
    """Switch a user off; its files stay."""
    return _ask(request, actions.DISABLE, _find_for(request, service_name, login), "ftpusers/disable.html")


@team_view
def delete(request: TeamRequest, service_name: str, login: str) -> HttpResponse:
    """Delete a user, never the main one: asks for its login."""
    user = _find_for(request, service_name, login)
    if user.is_primary:
        messages.error(request, _("OVH never deletes the main user of a hosting."))
        return redirect(_page_of(request, user))
    there = _list_of(request, user.service)
    return _ask(request, actions.DELETE, user, "ftpusers/delete.html", then=there, expected_name=user.login)


@team_view
def access(request: TeamRequest, service_name: str, login: str) -> HttpResponse:
    """Until when a user may get in: the panel's own, nothing is sent to OVH before that time comes."""
    user = _find_for(request, service_name, login)
    form = AccessForm(request.POST or None, initial={"access_ends": None if user.is_past_end else user.access_ends_at})
    if request.method == "POST" and form.is_valid():
        ends = form.cleaned_data["access_ends"]
        ending.set_end(user, ends, member=request.member, address=address_of(request))
        messages.success(request, _("The end of the access is kept.") if ends else _("The access has no end any more."))
        return redirect(_page_of(request, user))
    context = {
        **frame.of(request, user.service, "users"),
        "ftp_user": user, "form": form, "back": _page_of(request, user),
    }  # fmt: skip
    return render(request, "ftpusers/access.html", context, status=422 if form.is_bound else 200)


def _find(service: Service, login: str) -> FtpUser:
    user = get_object_or_404(service.ftpusers.filter(gone_at=None), login=login)
    user.service = service
    return user


def _find_for(request: TeamRequest, service_name: str, login: str) -> FtpUser:
    return _find(frame.find_service(request.member, service_name), login)


def _unless_again(request: TeamRequest, now: dict[str, Any]) -> dict[str, Any]:
    """What is so now, unless the form is asked for again with what was typed then."""
    return {} if request.GET.get("again") else now


def _ask(
    request: TeamRequest, action: Action, user: FtpUser, template: str, *, then: str = "", **form_options: Any
) -> HttpResponse:
    """Ask for `action` on one user, and go to its page unless `then` says where."""
    context = {**frame.of(request, user.service, "users"), "ftp_user": user}
    return ask(
        request, action, service=user.service, target={"login": user.login}, template=template,
        then=then or _page_of(request, user), context=context, **form_options,
    )  # fmt: skip


def _page_of(request: TeamRequest, user: FtpUser) -> str:
    return reverse("ftpusers:detail", args=[request.member.team.slug, user.service.name, user.login])


def _list_of(request: TeamRequest, service: Service) -> str:
    return reverse("ftpusers:index", args=[request.member.team.slug, service.name])

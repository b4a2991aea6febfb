"""The person who is signed in: themselves, their teams; and the first of all, who sets the panel up."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from apps.teams import sessions, starting
from apps.teams.access import account_view, address_of, public_view
from apps.teams.forms import PreferencesForm, ProfileForm, SetupForm, TeamForm
from apps.teams.limits import limited
from apps.teams.models import Membership, Role, User


@sensitive_post_parameters("password", "code")
@sensitive_variables()
@require_http_methods(["GET", "HEAD", "POST"])
@public_view
@limited("set_up")
def setup(request: HttpRequest) -> HttpResponse:
    """Make the owner and the team of a new panel; gone once that is done."""
    if not starting.is_new():
        return redirect("home")
    form = SetupForm(request.POST or None, initial={"code": request.GET.get("code", "")})
    if form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name != "code"}
        try:
            member = starting.begin(**given, address=address_of(request))
        except starting.AlreadyBegun:
            return redirect("home")
        sessions.begin(request, member.user)
        messages.success(request, _("The panel is yours. Connect the first OVH account next."))
        return redirect("connections:create", team=member.team.slug)
    return render(request, "teams/setup.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
@account_view
def preferences(request: HttpRequest) -> HttpResponse:
    """Language and look of the signed-in person; back to the page they came from."""
    user = _person(request)
    form = PreferencesForm(request.POST, instance=user)
    if form.is_valid():
        form.save()
        with override(user.language or None):
            messages.success(request, _("Kept."))
    else:
        messages.error(request, _("That could not be kept: choose from the lists."))
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return redirect(target if is_ours else "home")


@require_http_methods(["GET", "HEAD", "POST"])
@account_view
def profile(request: HttpRequest) -> HttpResponse:
    """Name, language, time zone and look of the signed-in person, and the teams they are in."""
    user = _person(request)
    form = ProfileForm(request.POST or None, instance=user)
    if form.is_valid():
        form.save()
        with override(user.language or None):
            messages.success(request, _("Kept."))
        return redirect("profile")
    if form.is_bound:
        user.refresh_from_db()  # a form writes what was wrong on its object too
    memberships = list(_memberships(user))
    owns = any(membership.role == Role.OWNER for membership in memberships)
    context = {"form": form, "memberships": memberships, "owns": owns}
    return render(request, "teams/profile.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@account_view
def create(request: HttpRequest) -> HttpResponse:
    """Make another team, which the person then owns; open to whoever owns one."""
    user = _person(request)
    if not _memberships(user).filter(role=Role.OWNER).exists():
        messages.error(request, _("Only who owns a team can make another."))
        return redirect("profile")
    form = TeamForm(request.POST or None)
    if form.is_valid():
        member = starting.found(user, form.cleaned_data["name"], address=address_of(request))
        return redirect("dashboard:index", team=member.team.slug)
    return render(request, "teams/create.html", {"form": form}, status=422 if form.is_bound else 200)


@public_view
def nothing(_request: HttpRequest) -> HttpResponse:
    """Where django-allauth would let people sign up, or take an address that they have not proven to be theirs."""
    raise Http404


def _memberships(user: User) -> "QuerySet[Membership]":
    return Membership.objects.filter(user=user).select_related("team").order_by("team__name")


def _person(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # noqa: S101  # account_view lets nobody else in
    return user

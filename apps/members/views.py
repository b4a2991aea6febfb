"""The people of a team, the way in and the way out."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from apps.connections.models import Connection
from apps.members import mail, services
from apps.members.forms import InviteForm, JoinForm, PlaceForm, TeamForm, TransferForm
from apps.members.models import Invitation
from apps.members.services import Asking, NotDone
from apps.teams import sessions
from apps.teams.access import TeamRequest, address_of, has_second_factor, may, public_view, team_view
from apps.teams.limits import limited
from apps.teams.models import Membership, User
from apps.teams.recency import recent_view

PAGE = ["GET", "HEAD", "POST"]


def asking(request: TeamRequest) -> Asking:
    """Who asks, for the services."""
    return Asking(member=request.member, address=address_of(request))


def find(request: TeamRequest, pk: int) -> Membership:
    """A member of the asking person's team; Http404 when there is none."""
    members = Membership.objects.select_related("user", "team")
    return get_object_or_404(members, team_id=request.member.team_id, pk=pk)


def find_invitation(request: TeamRequest, pk: int) -> Invitation:
    """An invitation into the asking person's team that waits; Http404 when there is none."""
    waiting = Invitation.objects.waiting().select_related("team", "invited_by")
    return get_object_or_404(waiting, team_id=request.member.team_id, pk=pk)


@team_view
def index(request: TeamRequest) -> HttpResponse:
    """The people of the team, what each may do and where, and who is invited."""
    me = request.member
    people = Membership.objects.filter(team_id=me.team_id).select_related("user")
    can = {
        verb: may(me, f"members.{verb}", team_id=me.team_id)
        for verb in ("invite", "edit", "remove", "transfer", "team")
    }
    context = {
        "people": people.prefetch_related("grants__connection").order_by("user__name", "pk"),
        "mine": set(Connection.objects.visible_to(me).values_list("pk", flat=True)),
        "can": can,
        "invitations": _waiting(request) if can["invite"] else [],
    }
    return render(request, "members/index.html", context)


def _waiting(request: TeamRequest) -> list[Invitation]:
    waiting = Invitation.objects.filter(team_id=request.member.team_id).waiting()
    return list(waiting.select_related("invited_by").order_by("-created_at"))


@require_http_methods(PAGE)
@team_view
@limited("invite")
def invite(request: TeamRequest) -> HttpResponse:
    """Invite somebody; then the link is shown once, to be sent by hand where no mail is set up."""
    form = InviteForm(request.POST or None, giver=request.member)
    if form.is_valid():
        try:
            invitation, token = services.invite(asking(request), email=form.cleaned_data["email"], place=form.place)
        except NotDone as error:
            form.blame(error)
        else:
            return _invited(request, invitation, token)
    context = {"form": form, "can_send": mail.can_send()}
    return render(request, "members/invite.html", context, status=422 if form.is_bound else 200)


@require_POST
@team_view
@limited("invite")
def renew(request: TeamRequest, pk: int) -> HttpResponse:
    """Another link for an invitation; the former one ends."""
    invitation = find_invitation(request, pk)
    try:
        token = services.renew(asking(request), invitation)
    except NotDone as error:
        messages.error(request, error.sentence)
        return redirect("members:index", request.member.team.slug)
    return _invited(request, invitation, token)


def _invited(request: TeamRequest, invitation: Invitation, token: str) -> HttpResponse:
    """The link, on this page only: the panel itself keeps no more than its hash."""
    link = mail.link_of(request, token)
    is_sent = mail.send(invitation, link)
    context = {"invitation": invitation, "link": link, "is_sent": is_sent, "can_send": mail.can_send()}
    return render(request, "members/invited.html", context)


@require_POST
@team_view
def withdraw(request: TeamRequest, pk: int) -> HttpResponse:
    """End an invitation."""
    invitation = find_invitation(request, pk)
    services.withdraw(asking(request), invitation)
    messages.success(request, _("The invitation for %(email)s has ended.") % {"email": invitation.email})
    return redirect("members:index", request.member.team.slug)


@require_http_methods(PAGE)
@team_view
def edit(request: TeamRequest, pk: int) -> HttpResponse:
    """A member's role and accounts."""
    member = find(request, pk)
    form = PlaceForm(request.POST or None, giver=request.member, member=member)
    if form.is_valid():
        try:
            services.change(asking(request), member, form.place)
        except NotDone as error:
            form.blame(error)
        else:
            messages.success(request, _("%(name)s: kept.") % {"name": member.user})
            return redirect("members:index", request.member.team.slug)
    context = {"form": form, "person": member}
    return render(request, "members/edit.html", context, status=422 if form.is_bound else 200)


@require_http_methods(PAGE)
@team_view
@recent_view
def remove(request: TeamRequest, pk: int) -> HttpResponse:
    """Take a member out of the team."""
    member = find(request, pk)
    error = ""
    if request.method == "POST":
        try:
            services.remove(asking(request), member)
        except NotDone as refused:
            error = refused.sentence
        else:
            messages.success(request, _("%(name)s is no longer in the team.") % {"name": member.user})
            return redirect("members:index", request.member.team.slug)
    context = {"person": member, "error": error}
    return render(request, "members/remove.html", context, status=422 if error else 200)


@require_http_methods(PAGE)
@team_view
def leave(request: TeamRequest) -> HttpResponse:
    """Go out of the team oneself."""
    error = ""
    if request.method == "POST":
        try:
            services.leave(asking(request))
        except NotDone as refused:
            error = refused.sentence
        else:
            messages.success(request, _("You have left %(team)s.") % {"team": request.member.team})
            return redirect("profile")
    return render(request, "members/leave.html", {"error": error}, status=422 if error else 200)


@require_http_methods(PAGE)
@team_view
@recent_view
def transfer(request: TeamRequest) -> HttpResponse:
    """Hand the team over to another member."""
    form = TransferForm(request.POST or None, member=request.member)
    if form.is_valid():
        to = form.cleaned_data["to"]
        try:
            services.transfer(asking(request), to)
        except NotDone as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("The team is %(name)s's now; you are an admin.") % {"name": to.user})
            return redirect("members:index", request.member.team.slug)
    return render(request, "members/transfer.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(PAGE)
@team_view
@recent_view
def team(request: TeamRequest) -> HttpResponse:
    """The team's name, and whether it demands a second factor."""
    now = request.member.team
    known = {"name": now.name, "needs_second_factor": now.needs_second_factor}
    form = TeamForm(request.POST or None, initial=known, has_second_factor=has_second_factor(request))
    if form.is_valid():
        try:
            services.edit_team(asking(request), **form.cleaned_data)
        except NotDone as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("Kept."))
            return redirect("members:index", now.slug)
    return render(request, "members/team.html", {"form": form}, status=422 if form.is_bound else 200)


@never_cache
@sensitive_post_parameters("password")
@sensitive_variables()
@require_http_methods(PAGE)
@public_view
@limited("join")
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation. Looking at it accepts nothing: mail scanners open links too."""
    invitation = services.find(token)
    if invitation is None:
        return render(request, "members/join_over.html", status=410)
    context = {"invitation": invitation, "token": token}
    if isinstance(request.user, User):
        return _join(request, invitation, request.user, context)
    if User.objects.filter(email=invitation.email).exists():
        return render(request, "members/join_sign_in.html", context)
    form = JoinForm(request.POST or None, email=invitation.email)
    if form.is_valid():
        user = _newcomer(invitation, form, request)
        if user is None:
            return render(request, "members/join_over.html", status=410)
        sessions.begin(request, user)
        return _welcome(request, invitation)
    status = 422 if form.is_bound else 200
    return render(request, "members/join.html", {**context, "form": form}, status=status)


def _join(request: HttpRequest, invitation: Invitation, user: User, context: dict[str, object]) -> HttpResponse:
    """Somebody who is signed in, as who was invited or as somebody else."""
    is_theirs = user.email == invitation.email
    if request.method != "POST" or not is_theirs:
        return render(request, "members/join_confirm.html", {**context, "is_theirs": is_theirs})
    try:
        services.accept(invitation, user, address=address_of(request))
    except NotDone:
        return render(request, "members/join_over.html", status=410)
    return _welcome(request, invitation)


def _newcomer(invitation: Invitation, form: JoinForm, request: HttpRequest) -> User | None:
    """The person and their membership, or neither: None when the invitation was used meanwhile."""
    try:
        return services.join(
            invitation, name=form.cleaned_data["name"], password=form.cleaned_data["password"],
            address=address_of(request),
        )  # fmt: skip
    except NotDone:
        return None


def _welcome(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    messages.success(request, _("Welcome to %(team)s.") % {"team": invitation.team})
    return redirect("dashboard:index", team=invitation.team.slug)

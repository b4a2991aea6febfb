"""Who may see what: the only place that decides.

Every view carries `team_view` (or `account_view`, `public_view`). What a member may not see does not exist for them:
a stranger, an unknown team and an unknown object all get the same 404. A role too low gets 403, with the reason.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from apps.teams.models import Membership, Role
from apps.teams.permissions import needs_of

P = ParamSpec("P")


class TeamRequest(HttpRequest):
    """A request inside a team: who asks is known and is a member of it."""

    member: Membership


@dataclass(frozen=True)
class Verdict:
    """Truthy when allowed; else `reason` is a sentence for the person who was refused."""

    is_allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.is_allowed


ALLOWED = Verdict(is_allowed=True)


def may(member: Membership, what: str, *, team_id: int) -> Verdict:
    """Whether `member` may do `what`, a row of the table of rights, to something of the team `team_id`.

    Whether they may see the object at all is decided before, by `visible_to`.
    """
    if member.team_id != team_id:
        return Verdict(is_allowed=False, reason=_("This belongs to another team."))
    needs = needs_of(what)
    if needs is None:
        return Verdict(is_allowed=False, reason=_("Nobody may do this."))
    if not Role(member.role).covers(needs):
        reason = _("This needs the role %(needed)s; you are %(have)s in this team.")
        return Verdict(is_allowed=False, reason=reason % {"needed": needs.label, "have": Role(member.role).label})
    return ALLOWED


def address_of(request: HttpRequest) -> str | None:
    """Where a request came from, for the history: behind as many proxies as the settings say; None for a socket."""
    try:
        address: str | None = get_adapter().get_client_ip(request)
    except PermissionDenied:  # allauth's answer to an address it cannot make out
        return None
    return address


def origin_of(request: HttpRequest) -> str:
    """How addresses in mails begin: as the settings say in production, for a request could name another host."""
    return settings.BASE_URL or f"{request.scheme}://{request.get_host()}"


def member_of(request: HttpRequest, team: str) -> Membership:
    """The asking person's membership of the team with that slug, read anew on each request; else Http404."""
    members = Membership.objects.select_related("team", "user")
    member = members.filter(team__slug=team, user=request.user.pk or 0, user__is_active=True).first()
    if member is None:
        raise Http404
    return member


def team_view(view: Callable[Concatenate[TeamRequest, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page inside a team (`/t/<team>/…`); who may see it stands in `permissions`, under the name of its address.

    The view gets `request.member` and no `team` argument. Anonymous people are sent to sign in by Django's
    LoginRequiredMiddleware before this runs.
    """

    @wraps(view)
    def checked(request: HttpRequest, team: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        asked = cast("TeamRequest", request)
        asked.member = member_of(request, team)
        verdict = may(asked.member, name_of(request), team_id=asked.member.team_id)
        if not verdict:
            raise PermissionDenied(verdict.reason)
        if asked.member.team.needs_second_factor and not has_second_factor(asked):
            messages.warning(asked, _("This team asks for a second factor. Set one up, then go on."))
            return redirect("mfa_index")
        return view(asked, *args, **kwargs)

    checked.audience = "team"  # type: ignore[attr-defined]  # read by the walk over all addresses
    return checked


def has_second_factor(request: HttpRequest) -> bool:
    """Whether the asking person has set up more than a password: a code of an app, or a key."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(is_mfa_enabled(request.user, types=kinds))


def name_of(request: HttpRequest) -> str:
    """The row of the table of rights for the address that was asked."""
    return request.resolver_match.view_name.replace(":", ".") if request.resolver_match else ""


def account_view(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page of the signed-in person, outside any team."""
    view.audience = "signed in"  # type: ignore[attr-defined]
    return view


def public_view(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page for everybody, signed in or not."""
    open_view: Callable[..., HttpResponseBase] = login_not_required(view)
    open_view.audience = "everybody"  # type: ignore[attr-defined]
    return open_view

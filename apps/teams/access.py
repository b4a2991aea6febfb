"""Who may see what: the only place that decides.

Every view carries `team_view` (or `account_view`, `public_view`). What a member may not see does not exist for them:
a stranger, an unknown team and an unknown object all get the same 404. A role too low gets 403, with the reason.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from apps.teams.models import Membership, Role

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


def may(member: Membership, needs: Role, *, team_id: int) -> Verdict:
    """Whether `member` may do what needs `needs` to something of the team `team_id`.

    Whether they may see the object at all is decided before, by `visible_to`.
    """
    if member.team_id != team_id:
        return Verdict(is_allowed=False, reason=_("This belongs to another team."))
    if not Role(member.role).covers(needs):
        reason = _("This needs the role %(needed)s; you are %(have)s in this team.")
        return Verdict(is_allowed=False, reason=reason % {"needed": needs.label, "have": Role(member.role).label})
    return ALLOWED


def member_of(request: HttpRequest, team: str) -> Membership:
    """The asking person's membership of the team with that slug, read anew on each request; else Http404."""
    members = Membership.objects.select_related("team", "user")
    member = members.filter(team__slug=team, user=request.user.pk or 0, user__is_active=True).first()
    if member is None:
        raise Http404
    return member


def team_view(
    *, needs: Role = Role.VIEWER
) -> Callable[[Callable[Concatenate[TeamRequest, P], HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A page inside a team (`/t/<team>/…`). The view gets `request.member` and no `team` argument.

    Anonymous people are sent to sign in by Django's LoginRequiredMiddleware before this runs.
    """

    def decorate(
        view: Callable[Concatenate[TeamRequest, P], HttpResponseBase],
    ) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def checked(request: HttpRequest, team: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            asked = cast("TeamRequest", request)
            asked.member = member_of(request, team)
            verdict = may(asked.member, needs, team_id=asked.member.team_id)
            if not verdict:
                raise PermissionDenied(verdict.reason)
            return view(asked, *args, **kwargs)

        checked.needs = needs  # type: ignore[attr-defined]  # read by the walk over all URLs
        return checked

    return decorate


def account_view(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page of the signed-in person, outside any team."""
    view.needs = "account"  # type: ignore[attr-defined]
    return view


def public_view(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page for everybody, signed in or not."""
    open_view: Callable[..., HttpResponseBase] = login_not_required(view)
    open_view.needs = "public"  # type: ignore[attr-defined]
    return open_view

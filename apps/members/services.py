"""What one does with the people of a team. Rights are asked for here, rules said here, and each change is history."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.audit.services import record
from apps.connections.models import Connection, Grant
from apps.members.models import LIFE, Invitation
from apps.teams.access import may
from apps.teams.models import Membership, Role, Team, User


class NotDone(Exception):  # named by what it says
    """It cannot be done so; `field` is the form's it belongs to, or empty."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Who asks, and from which address."""

    member: Membership
    address: str | None = None

    def must_be_allowed(self, what: str) -> None:
        """Raise PermissionDenied when they may not do `what`, a row of the table of rights."""
        verdict = may(self.member, what, team_id=self.member.team_id)
        if not verdict:
            raise PermissionDenied(verdict.reason)

    def note(self, action: str, target: str, **details: Any) -> None:
        """Write the history."""
        record(
            action, team_id=self.member.team_id, actor=self.member.user, address=self.address, target=target,
            details=details,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Place:
    """What a member may do, and where. `accounts`: the chosen ones; None for all of the team's."""

    role: Role
    accounts: tuple[Connection, ...] | None

    def facts(self) -> dict[str, Any]:
        """For the history."""
        names = "all" if self.accounts is None else sorted(account.name for account in self.accounts)
        return {"role": self.role.value, "accounts": names}


def place_of(member: Membership) -> Place:
    """Where a member stands now."""
    chosen = None if member.sees_all_accounts else tuple(Connection.objects.visible_to(member))
    return Place(role=Role(member.role), accounts=chosen)


@transaction.atomic
def invite(asking: Asking, *, email: str, place: Place) -> tuple[Invitation, str]:
    """(the invitation, the secret of its link), which is nowhere but here. One before it to that address ends."""
    asking.must_be_allowed("members.invite")
    _must_be_within(asking.member, place)
    email = email.strip().lower()
    if Membership.objects.filter(team_id=asking.member.team_id, user__email=email).exists():
        raise NotDone(_("This person is a member already."), field="email")
    earlier = Invitation.objects.filter(team_id=asking.member.team_id, email=email).waiting()
    earlier.update(withdrawn_at=timezone.now())
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        team_id=asking.member.team_id, email=email, role=place.role, sees_all_accounts=place.accounts is None,
        token_hash=_hash(token), invited_by=asking.member.user,
    )  # fmt: skip
    invitation.accounts.set(place.accounts or ())
    asking.note("members.invited", email, **place.facts())
    return invitation, token


@transaction.atomic
def renew(asking: Asking, invitation: Invitation) -> str:
    """Another link for an invitation, with time of its own; the former one ends. It is now the asking person's."""
    asking.must_be_allowed("members.invite")
    _must_be_within(asking.member, _place_of(invitation))
    token = secrets.token_urlsafe(32)
    invitation.token_hash, invitation.expires_at = _hash(token), timezone.now() + LIFE
    invitation.invited_by = asking.member.user
    invitation.save(update_fields=["token_hash", "expires_at", "invited_by"])
    asking.note("members.invitation_renewed", invitation.email)
    return token


@transaction.atomic
def withdraw(asking: Asking, invitation: Invitation) -> None:
    """End an invitation nobody has accepted."""
    asking.must_be_allowed("members.invite")
    if Invitation.objects.filter(pk=invitation.pk).waiting().update(withdrawn_at=timezone.now()):
        asking.note("members.invitation_withdrawn", invitation.email)


def find(token: str) -> Invitation | None:
    """The invitation of a link, as long as it can be accepted."""
    found = Invitation.objects.filter(token_hash=_hash(token)).open().select_related("team", "invited_by").first()
    return found if found and is_meant(found) else None


def is_meant(invitation: Invitation) -> bool:
    """Whether who invited could still invite so: rights they have lost since are not passed on."""
    members = Membership.objects.filter(team_id=invitation.team_id, user__is_active=True)
    member = members.filter(user_id=invitation.invited_by_id or 0).first()
    if member is None or not may(member, "members.invite", team_id=invitation.team_id):
        return False
    try:
        _must_be_within(member, _place_of(invitation))
    except NotDone:
        return False
    return True


@transaction.atomic
def accept(invitation: Invitation, user: User, *, address: str | None) -> Membership:
    """Make `user` a member. Raises NotDone when it is not theirs, or was used or ended meanwhile."""
    if user.email != invitation.email:
        raise NotDone(_("This invitation is for %(email)s.") % {"email": invitation.email})
    open_now = Invitation.objects.filter(pk=invitation.pk, token_hash=invitation.token_hash).open()
    if not is_meant(invitation) or not open_now.update(accepted_at=timezone.now()):
        raise NotDone(_("This invitation has ended. Ask for another one."))
    place = _place_of(invitation)
    member, is_new = Membership.objects.get_or_create(
        team_id=invitation.team_id, user=user,
        defaults={"role": place.role, "sees_all_accounts": place.accounts is None},
    )  # fmt: skip
    if is_new:
        _grant(member, place.accounts or ())
    record(
        "members.joined", team_id=member.team_id, actor=user, address=address, target=str(user), details=place.facts()
    )
    return member


@transaction.atomic
def join(invitation: Invitation, *, name: str, password: str, address: str | None) -> User:
    """Make the invited person, who has no account in the panel yet, and their membership. Raises NotDone."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(invitation.email, password, name=name)
    except IntegrityError:  # there is one, perhaps since a moment ago
        raise NotDone(_("This invitation has ended. Ask for another one.")) from None
    accept(invitation, user, address=address)
    return user


@transaction.atomic
def change(asking: Asking, member: Membership, place: Place) -> None:
    """Give a member another role or other accounts, from their next request on."""
    _lock(asking, member)
    asking.must_be_allowed("members.edit")
    former = place_of(member)
    _must_be_within(asking.member, former)
    _must_be_within(asking.member, place)
    if former.role == Role.OWNER and place.role != Role.OWNER:
        _must_leave_an_owner(member)
    member.role, member.sees_all_accounts = place.role, place.accounts is None
    member.save(update_fields=["role", "sees_all_accounts"])
    member.grants.all().delete()
    _grant(member, place.accounts or ())
    asking.note("members.changed", str(member.user), former=former.facts(), now=place.facts())


@transaction.atomic
def remove(asking: Asking, member: Membership) -> None:
    """Take a member out of the team. What they asked for and was not sent yet, is not sent."""
    _lock(asking, member)
    asking.must_be_allowed("members.remove")
    _must_be_within(asking.member, place_of(member))
    _must_leave_an_owner(member)
    asking.note("members.removed", str(member.user), **place_of(member).facts())
    member.delete()


@transaction.atomic
def leave(asking: Asking) -> None:
    """Go out of the team oneself."""
    _lock(asking)
    _must_leave_an_owner(asking.member)
    asking.note("members.left", str(asking.member.user))
    asking.member.delete()


@transaction.atomic
def transfer(asking: Asking, to: Membership) -> None:
    """Make `to` an owner, and the asking owner an admin."""
    team = _lock(asking, to)
    asking.must_be_allowed("members.transfer")
    to.role, to.sees_all_accounts = Role.OWNER, True
    to.save(update_fields=["role", "sees_all_accounts"])
    to.grants.all().delete()
    asking.member.role = Role.ADMIN
    asking.member.save(update_fields=["role"])
    asking.note("teams.transferred", team.name, to=str(to.user))


@transaction.atomic
def edit_team(asking: Asking, *, name: str, needs_second_factor: bool) -> None:
    """Call the team otherwise, or demand a second factor of its members; its address stays."""
    team = _lock(asking)
    asking.must_be_allowed("members.team")
    former = {"name": team.name, "needs_second_factor": team.needs_second_factor}
    team.name, team.needs_second_factor = name, needs_second_factor
    team.save(update_fields=["name", "needs_second_factor"])
    asking.note("teams.changed", name, former=former, needs_second_factor=needs_second_factor)


def _must_be_within(member: Membership, place: Place) -> None:
    """Nobody gives, changes or takes what is above their own role or outside their own accounts."""
    if not Role(member.role).covers(place.role):
        raise NotDone(_("Your own role is below this one."), field="role")
    if member.sees_all_accounts:
        return
    if place.accounts is None:
        raise NotDone(_("You see chosen accounts yourself, so you cannot let somebody see all."), field="accounts")
    mine = set(Connection.objects.visible_to(member).values_list("pk", flat=True))
    if not mine.issuperset(account.pk for account in place.accounts):
        raise NotDone(_("Some of these accounts are not yours to show."), field="accounts")


def _must_leave_an_owner(member: Membership) -> None:
    owners = Membership.objects.filter(team_id=member.team_id, role=Role.OWNER, user__is_active=True)
    if member.role == Role.OWNER and not owners.exclude(pk=member.pk).exists():
        raise NotDone(_("A team needs an owner, and this is the last one. Make somebody else an owner first."))


def _lock(asking: Asking, *others: Membership) -> Team:
    """The team, for oneself: of two who change its people at once one waits, and then looks anew at who is what.

    Else the last two owners could remove each other, or one leave while the other hands the team over to them.
    """
    team = Team.objects.select_for_update().get(pk=asking.member.team_id)
    try:
        for member in (asking.member, *others):
            member.refresh_from_db(fields=["role", "sees_all_accounts"])
    except Membership.DoesNotExist:
        raise NotDone(_("This person has left the team meanwhile.")) from None
    return team


def _place_of(invitation: Invitation) -> Place:
    chosen = None if invitation.sees_all_accounts else tuple(invitation.accounts.connected())
    return Place(role=Role(invitation.role), accounts=chosen)


def _grant(member: Membership, accounts: Iterable[Connection]) -> None:
    Grant.objects.bulk_create(Grant(member=member, connection=account) for account in accounts)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

"""Invitations that were sent. Who is a member stands in `teams.Membership`, what they see in `connections.Grant`."""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from apps.connections.models import Connection
from apps.teams.models import Role, Team, User

LIFE = timedelta(hours=72)


def _ends() -> datetime:
    return timezone.now() + LIFE


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations as pages ask for them."""

    def open(self) -> "InvitationQuerySet":
        """Those that can still be accepted."""
        return self.waiting().filter(expires_at__gt=timezone.now())

    def waiting(self) -> "InvitationQuerySet":
        """Neither accepted nor withdrawn; some of them may have expired."""
        return self.filter(accepted_at=None, withdrawn_at=None)


class Invitation(models.Model):
    """A person asked into a team. Its link is known to who got it alone: here is only its hash."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role)
    sees_all_accounts = models.BooleanField(default=True)
    accounts = models.ManyToManyField(Connection, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=_ends)
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.email} into {self.team}"

    @property
    def is_expired(self) -> bool:
        """Whether its time is over."""
        return self.expires_at <= timezone.now()

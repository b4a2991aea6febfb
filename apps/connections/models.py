"""OVH accounts the team works on, and how well each can be reached."""

import uuid
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.teams.models import Membership, Team, User

EXPIRES_SOON = timedelta(days=14)


class Health(models.TextChoices):
    """What keeps the panel from working on an account. The words for people stand in `health.py`."""

    OK = "ok", _("Working")
    LAPSED = "lapsed", _("Needs a new key")
    MISSING_RIGHTS = "missing_rights", _("Rights missing")
    UNREACHABLE = "unreachable", _("OVH cannot be reached")
    RATE_LIMITED = "rate_limited", _("OVH asks us to slow down")
    CLOCK = "clock", _("Clock is wrong")
    SEALED = "sealed", _("Key cannot be opened")


# Why a call was not to be made → how the account is then: no further call has any hope of an answer.
BLOCKED_BY = {"lapsed": Health.LAPSED, "clock": Health.CLOCK, "sealed": Health.SEALED}
BLOCKING = tuple(BLOCKED_BY.values())


class ConnectionQuerySet(models.QuerySet["Connection"]):
    """Connections as the rest of the panel asks for them."""

    def visible_to(self, member: Membership) -> "ConnectionQuerySet":
        """The accounts of the member's team that the member may see."""
        mine = self.connected().filter(team_id=member.team_id)
        return mine if member.sees_all_accounts else mine.filter(grants__member=member)

    def connected(self) -> "ConnectionQuerySet":
        """Those that were not removed."""
        return self.filter(removed_at=None)


class Connection(models.Model):
    """One OVH account with the credential the team uses for it."""

    class Kind(models.TextChoices):
        """How the panel proves itself to OVH."""

        KEYS = "keys", _("Application and consumer key")
        OAUTH2 = "oauth2", _("Service account (OAuth2)")

    team = models.ForeignKey(Team, models.PROTECT, related_name="connections")
    name = models.CharField(_("name"), max_length=80)
    endpoint = models.CharField(_("endpoint"), max_length=40)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.KEYS)
    # Application key or client id: names the application, opens nothing by itself.
    application_key = models.CharField(max_length=128)
    sealed = models.TextField()  # application_secret and consumer_key, or client_secret
    nichandle = models.CharField(max_length=60, blank=True)
    organisation = models.CharField(max_length=160, blank=True)
    credential_expires_at = models.DateTimeField(null=True)
    # The consumer key was asked for by the panel, so the panel may end it; a typed one may serve others too.
    is_key_ours = models.BooleanField(default=False)
    missing_rules = models.JSONField(default=list)  # ["PUT /hosting/web/*"], or IAM actions of a service account
    rate_per_minute = models.PositiveIntegerField(default=60)

    health = models.CharField(max_length=16, choices=Health, default=Health.OK)
    health_since = models.DateTimeField(default=timezone.now)
    health_message = models.CharField(max_length=500, blank=True)  # OVH's own words
    health_query_id = models.CharField(max_length=120, blank=True)
    checked_at = models.DateTimeField(null=True)

    # The breaker: changed by conditional updates only, shared by all workers, survives Redis.
    failures = models.PositiveIntegerField(default=0)
    paused_until = models.DateTimeField(null=True)
    probe_until = models.DateTimeField(null=True)

    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # Its operations are history and keep the row; its secrets are gone.
    removed_at = models.DateTimeField(null=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["team", "name"], condition=models.Q(removed_at=None), name="one_connection_of_a_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_working(self) -> bool:
        """Whether calls can be made with hope of an answer."""
        return self.health not in BLOCKING

    @property
    def expires_soon(self) -> bool:
        """Whether its key ends within two weeks."""
        ends = self.credential_expires_at
        return ends is not None and ends - timezone.now() < EXPIRES_SOON


class Grant(models.Model):
    """Lets a member whose scope is chosen accounts see one."""

    member = models.ForeignKey(Membership, models.CASCADE, related_name="grants")
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="grants")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["member", "connection"], name="one_grant_for_each_account"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.connection}"


class Consent(models.Model):
    """A consumer key that waits for its owner to say yes on OVH's page. Lives 15 minutes, serves once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    # The connection whose key is to be replaced; empty for a new one.
    connection = models.ForeignKey(Connection, models.CASCADE, null=True, related_name="+")
    state_hash = models.CharField(max_length=64, unique=True)
    session_hash = models.CharField(max_length=64)
    name = models.CharField(max_length=80)
    endpoint = models.CharField(max_length=40)
    application_key = models.CharField(max_length=128)
    sealed = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} by {self.user}"

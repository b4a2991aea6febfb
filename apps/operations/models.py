"""Every change somebody asked for, from the asking to its end. `states` is the only module that writes `state`."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.connections.models import Connection
from apps.inventory.models import Service
from apps.teams.models import Membership, Team, User


class State(models.TextChoices):
    """Where an operation is. The last three are over and never change again."""

    QUEUED = "queued", _("waiting")
    SENDING = "sending", _("sending")
    UNCONFIRMED = "unconfirmed", _("being found out")
    RUNNING = "running", _("running")
    SUCCEEDED = "succeeded", _("finished")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


OVER = (State.SUCCEEDED, State.FAILED, State.CANCELLED)
FOLLOWED = (State.UNCONFIRMED, State.RUNNING)


class OperationQuerySet(models.QuerySet["Operation"]):
    """Operations as the rest of the panel asks for them."""

    def visible_to(self, member: Membership) -> "OperationQuerySet":
        """What was asked for on the accounts this member may see."""
        return self.filter(team_id=member.team_id, connection__in=Connection.objects.visible_to(member))

    def unfinished(self) -> "OperationQuerySet":
        """Those that may still change."""
        return self.exclude(state__in=OVER)


class Operation(models.Model):
    """One change: what was asked, what was sent, what OVH said of it, how it ended.

    `key` makes a double click one operation; `conflict_key` lets only one unfinished operation touch a thing.
    `epoch` counts claims: a worker whose claim ran out finds another number here and writes nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, models.PROTECT, related_name="operations")
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="operations")
    service = models.ForeignKey(Service, models.PROTECT, related_name="operations")
    action = models.CharField(max_length=60)
    # Path parameters beside serviceName, in OVH's names: {"name": "shop.mysql.db", "id": 17}.
    target = models.JSONField(default=dict)
    label = models.CharField(max_length=255, blank=True)  # the object as people call it
    params = models.JSONField(default=dict)  # what is sent, secrets left out
    sealed = models.TextField(blank=True)  # the secrets; empty once the operation is over
    key = models.CharField(max_length=64)
    # Empty while it is held: what it waits for may touch the same thing.
    conflict_key = models.CharField(max_length=255, blank=True)
    # Sent only once this one has succeeded.
    after = models.ForeignKey("self", models.SET_NULL, null=True, related_name="successors")
    is_held = models.BooleanField(default=False)  # not to be sent before `after` or its action's `ready` says so
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)

    requested_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # The panel itself decided it, because somebody with the right set it up earlier; `requested_by` is empty then.
    is_panels = models.BooleanField(default=False)
    requested_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)  # just before the first byte: without it, nothing was sent
    accepted_at = models.DateTimeField(null=True)
    settling_at = models.DateTimeField(null=True)  # OVH says it is over; being read back since
    finished_at = models.DateTimeField(null=True)

    next_at = models.DateTimeField(default=timezone.now, null=True)
    lease_until = models.DateTimeField(null=True)
    epoch = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    looks = models.PositiveIntegerField(default=0)  # how often it was looked for and not found
    watched_until = models.DateTimeField(null=True)  # somebody has it on the screen

    task_id = models.BigIntegerField(null=True)
    task_status = models.CharField(max_length=32, blank=True)
    task_seen_at = models.DateTimeField(null=True)
    query_id = models.CharField(max_length=120, blank=True)
    waiting = models.CharField(max_length=20, blank=True)  # why it waits: an id of `words.WAITING`
    waiting_since = models.DateTimeField(null=True)
    reason = models.CharField(max_length=30, blank=True)  # how it ended: an id of `words.ENDINGS`
    ovh_message = models.CharField(max_length=1000, blank=True)
    # What a person said of one nobody could prove: happened or again; empty while nobody has.
    decided = models.CharField(max_length=10, blank=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    result = models.JSONField(default=dict)  # what was read back
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = OperationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-requested_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "key"], name="one_operation_for_a_key"),
            models.UniqueConstraint(
                fields=["service", "conflict_key"],
                condition=~Q(state__in=["succeeded", "failed", "cancelled"]) & ~Q(conflict_key=""),
                name="one_unfinished_operation_for_a_conflict_key",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_at"],
                condition=~Q(state__in=["succeeded", "failed", "cancelled"]),
                name="unfinished_by_due_time",
            ),
            models.Index(
                fields=["team", "-requested_at"],
                condition=~Q(state__in=["succeeded", "failed", "cancelled"]),
                name="unfinished_of_a_team",
            ),
            models.Index(
                fields=["team", "state", "-requested_at"],
                condition=Q(state__in=["failed", "cancelled"]),
                include=["connection"],
                name="unsuccessful_of_a_team",
            ),
            models.Index(fields=["team", "-requested_at"]),
            models.Index(fields=["team", "action", "-requested_at"]),
            models.Index(fields=["service", "-requested_at"]),
            models.Index(fields=["team", "changed_at"]),
            models.Index(fields=["finished_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.label}"

    @property
    def is_over(self) -> bool:
        """Whether it has reached a state that never changes again."""
        return self.state in OVER

    def times(self, kind: str, **details: str) -> int:
        """How often there was a step of that kind, with these details."""
        told = {f"details__{name}": value for name, value in details.items()}
        return self.events.filter(kind=kind, **told).count()

    @property
    def has_open_task(self) -> bool:
        """Whether OVH has a task for it that is not known to have ended."""
        return self.state == State.RUNNING and self.task_id is not None and self.settling_at is None


class Event(models.Model):
    """One step of an operation, with its time. `kind` is an id of `words.EVENTS`."""

    operation = models.ForeignKey(Operation, models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=30)
    details = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%H:%M:%S}"


class Attachment(models.Model):
    """A file that belongs to an operation, kept until it is over. `size` in bytes.

    In the database, sealed, piece by piece: the worker that sends it may run on another machine than the page.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    operation = models.ForeignKey(Operation, models.CASCADE, null=True, related_name="attachments")
    name = models.CharField(max_length=255)
    size = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Piece(models.Model):
    """One piece of an attachment, sealed."""

    attachment = models.ForeignKey(Attachment, models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    sealed = models.TextField()

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["attachment", "number"], name="one_piece_of_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.attachment_id}/{self.number}"


class Duration(models.Model):
    """How long an action takes at OVH, learnt from the last runs: seconds, newest last, at most 50."""

    action = models.CharField(max_length=60, unique=True)
    seconds = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.action}: {len(self.seconds)} runs"

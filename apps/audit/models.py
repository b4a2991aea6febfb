"""The history of who did what. Rows are only ever added: `guards` has the database itself refuse anything else."""

from typing import ClassVar

from django.db import models
from django.utils import timezone


class Entry(models.Model):
    """One thing that somebody, or the panel itself, did. `action` is `room.verb` or `room.verb.outcome`."""

    team = models.ForeignKey("teams.Team", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    # A number, not a key to the person's row: what happened stays when the person goes. Empty: the panel itself.
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=120, blank=True)
    address = models.GenericIPAddressField(null=True)
    action = models.CharField(max_length=80)
    target = models.CharField(max_length=255, blank=True)
    # The OVH account it was about: who may not see the account does not see the entry.
    account_id = models.BigIntegerField(null=True)
    operation_id = models.UUIDField(null=True)
    details = models.JSONField(default=dict)
    # What nobody without the team's key can make: see `chain`. Empty: the key could not be opened then.
    proof = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["team", "-at"]), models.Index(fields=["team", "action"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action} {self.target}"


class Link(models.Model):
    """The place of an entry in its team's chain. `mark` holds the entry's proof and the mark before it."""

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True, related_name="link")
    team = models.ForeignKey("teams.Team", models.PROTECT, related_name="+")
    number = models.PositiveBigIntegerField()
    mark = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "number"], name="one_link_of_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.mark[:12]}"


class Chain(models.Model):
    """A team's key for proofs and marks, where its chain ends now, and where what is kept of it begins."""

    team = models.OneToOneField("teams.Team", models.PROTECT, primary_key=True, related_name="+")
    sealed_key = models.TextField()
    number = models.PositiveBigIntegerField(default=0)
    mark = models.CharField(max_length=64, blank=True)
    # The last link that housekeeping took away, and a proof that it was housekeeping.
    cut_number = models.PositiveBigIntegerField(default=0)
    cut_mark = models.CharField(max_length=64, blank=True)
    cut_proof = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.team_id}:{self.number}:{self.mark}"

"""The history of who did what. Rows are only ever added."""

from typing import ClassVar

from django.db import models
from django.utils import timezone


class Entry(models.Model):
    """One thing that somebody, or the panel itself, did. `action` is `room.verb` or `room.verb.outcome`."""

    team = models.ForeignKey("teams.Team", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    # Empty: the panel itself, such as a scheduled run.
    actor = models.ForeignKey("teams.User", models.SET_NULL, null=True, related_name="+")
    actor_name = models.CharField(max_length=120, blank=True)  # stays when the person goes
    address = models.GenericIPAddressField(null=True)
    action = models.CharField(max_length=80)
    target = models.CharField(max_length=255, blank=True)
    operation_id = models.UUIDField(null=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["team", "-at"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action} {self.target}"

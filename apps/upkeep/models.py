"""What is kept of the operations that are thrown away."""

from typing import ClassVar

from django.db import models


class Tally(models.Model):
    """How many operations of an action ended in a state on one day (UTC). A few rows a day, kept for good."""

    day = models.DateField()
    action = models.CharField(max_length=60)
    state = models.CharField(max_length=12)
    count = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "action", "state"], name="one_tally_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.action} {self.state}: {self.count}"

"""What the tests of faults share: a world another process can find, and time that passes."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection as database
from django.db import connections
from django.db.models import F
from django.utils import timezone

from apps.operations import engine, states
from apps.operations.models import Operation

CLOCKS = ("requested_at", "sent_at", "left_at", "accepted_at", "settling_at", "task_seen_at", "lease_until", "next_at")


@pytest.fixture
def world(transactional_db, ovh):
    """Where a process of its own finds the database and the simulated OVH of this test."""
    yield {"database": database.settings_dict["NAME"], "endpoints": settings.OVH_ENDPOINTS}
    connections.close_all()


@pytest.fixture
def time_passes():
    """As if an operation's last change had been so long ago."""

    def pass_by(operation, **by):
        earlier = timedelta(**by)
        Operation.objects.filter(pk=operation.pk).update(**{name: F(name) - earlier for name in CLOCKS})

    return pass_by


@pytest.fixture
def carried_on(ovh, time_passes):
    """Let other workers do what is due until the operation is over, a minute or more between their looks."""

    def carry_on(operation, rounds=16):
        for _ in range(rounds):
            operation.refresh_from_db()
            if operation.is_over:
                break
            time_passes(operation, seconds=160)
            states.rescue(now=timezone.now())
            engine.submit(operation.pk)
            engine.poll(operation.connection_id)
            ovh.finish_tasks()
        operation.refresh_from_db()
        return operation

    return carry_on

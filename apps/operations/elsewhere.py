"""OVH's tasks that the panel did not start: found by the mirror, followed until they are over.

What they worked on is then read anew, so that a change made in OVH's Manager shows here without a button.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.connections.client import client_for
from apps.inventory import sync
from apps.inventory.models import Service, ServiceTask
from apps.operations import tasklist
from apps.operations.models import FOLLOWED, Operation
from apps.ovhapi.client import Lane, path_of
from apps.ovhapi.errors import OvhError

OVER: frozenset[str] = tasklist.FAILURES | {"done"}
# Nobody waits for them as for a change of one's own; an open page of tasks is told sooner.
EVERY, WATCHED_EVERY = timedelta(seconds=60), timedelta(seconds=5)
SERVICES_A_TICK = 20


def unfinished() -> "QuerySet[ServiceTask]":
    """The tasks that were under way when last seen and that no operation of the panel's follows."""
    ours = Operation.objects.filter(service=OuterRef("service"), task_id=OuterRef("ovh_id"), state__in=FOLLOWED)
    return ServiceTask.objects.filter(~Exists(ours), gone_at=None, service__gone_at=None).exclude(status__in=OVER)


def due(now: datetime) -> list[int]:
    """The services with such a task to be looked at now; they are not due again for a while."""
    rows = unfinished().filter(Q(next_at=None) | Q(next_at__lte=now))
    services = list(rows.order_by().values_list("service_id", flat=True).distinct()[:SERVICES_A_TICK])
    ServiceTask.objects.filter(service__in=services, gone_at=None).exclude(status__in=OVER).update(next_at=now + EVERY)
    return services


def look_soon(service: Service) -> None:
    """Somebody has the tasks of `service` on the screen."""
    soon = timezone.now() + WATCHED_EVERY
    unfinished().filter(service=service).filter(Q(next_at=None) | Q(next_at__gt=soon)).update(next_at=soon)


def follow(service: Service) -> None:
    """Read the tasks of `service` (GET …/tasks, one call where lists expand); when one has ended, all of it."""
    began = timezone.now()
    client = client_for(service.connection, lane=Lane.MIRROR)
    before = set(unfinished().filter(service=service).values_list("ovh_id", flat=True))
    try:
        rows: list[Any] = client.objects(path_of(tasklist.TASKS, serviceName=service.name))
    except OvhError:
        return
    sync.keep_tasks(service, rows, began)
    after = set(unfinished().filter(service=service).values_list("ovh_id", flat=True))
    if before - after:
        sync.ask_for_refresh(service)

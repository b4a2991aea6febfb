"""What workers are asked to do. Names and arguments never change: an older release may be the one that asks."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone
from redis.exceptions import RedisError

from apps.inventory.models import Service
from apps.operations import attachments, elsewhere, engine, states, turns
from apps.ovhapi.bucket import redis_at
from hostpanel import pulse
from hostpanel.nudging import publish_all

# Hints that wait in a queue at the most; what is left is due at the next tick.
HINTS = 50
# Long enough for a machine that is out of breath; no more wait in a queue than HINTS.
EXPIRES_S = 30


@shared_task(name="operations.submit")
def submit(operation_id: str) -> None:
    """Send one queued operation to OVH. Harmless twice; the tick finds it if this never runs."""
    engine.submit(operation_id)


@shared_task(name="operations.poll")
def poll(connection_id: int) -> None:
    """Look after what runs on one account. Harmless twice."""
    engine.poll(connection_id)


@shared_task(name="operations.tick")
def tick() -> None:
    """Find what is due and ask workers for it: operations to send, accounts with something to follow."""
    now = timezone.now()
    states.rescue(now=now)
    attachments.forget_lost(now)
    hints: list[tuple[str, *tuple[int | str, ...]]] = [
        *(("operations.submit", str(pk)) for pk in turns.next_of_each_account(now, _room("send"))),
        *(("operations.poll", connection_id) for connection_id in turns.accounts_to_follow(now, _room("poll"))),
    ]
    publish_all(hints, expires_s=EXPIRES_S)
    pulse.note("tick")


def _room(queue: str) -> int:
    """How many more hints are of use there: in a queue that only grows workers would find each too old for ever."""
    try:
        waiting = int(redis_at(settings.REDIS_URL).llen(f"{settings.REDIS_PREFIX}{queue}"))
    except (RedisError, OSError):
        return HINTS
    return max(HINTS - waiting, 0)


@shared_task(name="operations.follow_elsewhere")
def follow_elsewhere() -> None:
    """Find the tasks begun elsewhere that are to be looked at, and ask workers for their services."""
    services = elsewhere.due(timezone.now())
    publish_all([("operations.follow_tasks", service_id) for service_id in services], expires_s=EXPIRES_S)


@shared_task(name="operations.follow_tasks")
def follow_tasks(service_id: int) -> None:
    """Look after the tasks of one service that the panel did not start."""
    service = Service.objects.select_related("connection").filter(pk=service_id, gone_at=None).first()
    if service is not None:
        elsewhere.follow(service)

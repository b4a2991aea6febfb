"""What workers are asked to do for the accounts."""

from datetime import timedelta

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from apps.connections import services
from apps.connections.gate import PASSING
from apps.connections.models import Connection, Health
from hostpanel.nudging import publish

EVERY = timedelta(days=1)
WHILE_ILL = timedelta(minutes=9)
WHILE_OURS = timedelta(seconds=30)


@shared_task(name="connections.check")
def check(connection_id: int) -> None:
    """Look at one account's credential again."""
    connection = Connection.objects.connected().filter(pk=connection_id).first()
    if connection is not None:
        services.check(connection)


@shared_task(name="connections.check_due")
def check_due() -> None:
    """Look again at the accounts whose turn it is: each once a day, sooner while something is the matter."""
    now = timezone.now()
    daily = Q(checked_at=None) | Q(checked_at__lte=now - EVERY)
    ill = Q(health__in=PASSING, checked_at__lte=now - WHILE_ILL)
    # A clock or a seal key is right again in seconds, and nothing of the account moves until somebody has seen it.
    ours = Q(health__in=[Health.CLOCK, Health.SEALED]) & (Q(checked_at=None) | Q(checked_at__lte=now - WHILE_OURS))
    for pk in Connection.objects.connected().filter(daily | ill | ours).values_list("pk", flat=True):
        publish("connections.check", pk, expires_s=60)

"""What workers are asked to do for the mirror."""

from datetime import timedelta

import structlog
from celery import shared_task
from django.db.models import Max, Q
from django.utils import timezone

from apps.connections.client import client_for
from apps.connections.models import BLOCKING, Connection
from apps.inventory import answers, catalogue
from apps.inventory import sync as syncing
from apps.inventory.models import Answer, Service, SyncRun
from apps.ovhapi.client import Lane
from apps.ovhapi.errors import NotNow, OvhError
from hostpanel import pulse
from hostpanel.nudging import publish

log = structlog.get_logger(__name__)

EVERY = timedelta(minutes=15)


@shared_task(name="inventory.sync")
def sync(run_id: int) -> None:
    """Read the next slice of an account."""
    syncing.go_on(run_id)


@shared_task(name="inventory.refresh_service")
def refresh_service(service_id: int) -> None:
    """Read one service."""
    service = Service.objects.select_related("connection").filter(pk=service_id, gone_at=None).first()
    if service is None or not _take_up(service):
        return
    try:
        syncing.refresh(service, client_for(service.connection, lane=Lane.POLL))
    except NotNow:  # `sync_due` asks again once the account answers
        Service.objects.filter(pk=service_id, refresh_asked_at=None).update(refresh_asked_at=timezone.now())
    except OvhError:
        return  # the health of the account says why; the page shows how old its data is
    except syncing.UNREADABLE as error:
        log.warning("service not readable", service=service_id, error=type(error).__name__)


def _take_up(service: Service) -> bool:
    """Whether it is still waited for: several hints, or two workers, read it once."""
    if service.refresh_asked_at is None:
        return False
    mine = Service.objects.filter(pk=service.pk, refresh_asked_at=service.refresh_asked_at)
    return bool(mine.update(refresh_asked_at=None))


@shared_task(name="inventory.read_answer")
def read_answer(answer_id: int) -> None:
    """Read what somebody looks at."""
    answer = Answer.objects.select_related("service__connection").filter(pk=answer_id).first()
    if answer is not None:
        answers.read(answer, client_for(answer.service.connection, lane=Lane.POLL))


@shared_task(name="inventory.read_catalogue")
def read_catalogue(endpoint: str) -> None:
    """Read the next slice of OVH's catalogue of modules."""
    catalogue.read(endpoint)


@shared_task(name="inventory.sync_due")
def sync_due() -> None:
    """Start what is due: accounts not read for a while, what a dead worker left or somebody waits for, catalogues."""
    now = timezone.now()
    left = SyncRun.objects.filter(syncing.is_free(now), state=SyncRun.State.RUNNING)
    for run_id in left.values_list("pk", flat=True):
        publish("inventory.sync", run_id, expires_s=syncing.HINT_S)
    idle = Q(paused_until=None) | Q(paused_until__lte=now)
    accounts = Connection.objects.filter(idle, removed_at=None).exclude(health__in=BLOCKING)
    for connection in accounts.annotate(last=Max("sync_runs__started_at")):
        last = connection.last  # type: ignore[attr-defined]  # annotated above
        if last is None or now - last > EVERY:
            syncing.ask_for_sync(connection)
    waited_for = Service.objects.filter(
        refresh_asked_at__lt=now - timedelta(seconds=30), gone_at=None, connection__in=accounts
    )
    for service_id in waited_for.values_list("pk", flat=True)[:50]:
        publish("inventory.refresh_service", service_id, expires_s=30)
    for endpoint in catalogue.due():
        publish("inventory.read_catalogue", endpoint, expires_s=30)
    pulse.note("mirror")

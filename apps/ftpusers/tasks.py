"""What the tick does for the room."""

import structlog
from celery import shared_task
from django.utils import timezone

from apps.ftpusers import ending

log = structlog.get_logger(__name__)


@shared_task(name="ftpusers.end_access")
def end_access() -> None:
    """Ask for switching off who should be off by now. Harmless twice; what fails for one does not stop the others."""
    now = timezone.now()
    for user in ending.due(now):
        try:
            ending.end(user, now)
        except Exception as error:  # noqa: BLE001  # the next tick tries again
            log.error("end of access failed", user=user.pk, error=type(error).__name__)  # noqa: TRY400

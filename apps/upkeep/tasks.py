"""What workers are asked to do for the upkeep."""

from datetime import datetime, timedelta

import structlog
from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from apps.audit import chain
from apps.upkeep import housekeeping
from hostpanel.nudging import publish

log = structlog.get_logger(__name__)

EVERY = timedelta(days=1)
# Well below a task's time limit; what is left is done by the next.
SLICE_S = 20.0
DONE = "upkeep:house-kept"


@shared_task(name="upkeep.keep_house")
def keep_house() -> None:
    """Remove what is over and old, if that was not done today. Harmless twice."""
    now = timezone.now()
    done: datetime | None = cache.get(DONE)
    if done is not None and now - done < EVERY:
        return
    result = housekeeping.keep_house(now, seconds=SLICE_S)
    log.info("house kept", is_done=result.is_done, **{name.replace(" ", "_"): n for name, n in result.removed.items()})
    for head in chain.heads():
        # Noted outside the database: a cut end of the history shows against it (`manage.py audit_verify --noted`).
        log.info("history head", head=str(head))
    if result.is_done:
        cache.set(DONE, now, timeout=None)
    else:
        publish("upkeep.keep_house", expires_s=600)

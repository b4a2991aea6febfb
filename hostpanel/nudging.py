"""Send a worker a hint that there is something to do.

A hint may be lost: the tick finds every due row. So publishing never raises, never blocks for long and never carries
more than ids.
"""

from collections.abc import Sequence
from functools import partial

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

# A web request waits at most about this long for a Redis that is gone or hangs (measured with these options).
QUICK = {"max_retries": 0, "socket_timeout": 1, "socket_connect_timeout": 1}


def nudge(task: str, *ids: int | str, expires_s: int | None = None) -> None:
    """After the transaction has committed, ask a worker to run `task` with these ids."""
    transaction.on_commit(partial(publish, task, *ids, expires_s=expires_s), robust=True)


def nudge_all(hints: Sequence[tuple[str, *tuple[int | str, ...]]], *, expires_s: int | None = None) -> None:
    """After the transaction has committed, ask workers for several things."""
    transaction.on_commit(partial(publish_all, hints, expires_s=expires_s), robust=True)


def publish(task: str, *ids: int | str, expires_s: int | None = None) -> None:
    """Ask a worker now. Logs when Redis does not take it; the tick makes up for it."""
    publish_all([(task, *ids)], expires_s=expires_s)


def publish_all(hints: Sequence[tuple[str, *tuple[int | str, ...]]], *, expires_s: int | None = None) -> None:
    """Ask workers for several things, each (task, *ids), over one connection."""
    if not hints:
        return
    try:
        with current_app.connection_for_write(transport_options=_options()) as connection:
            for task, *ids in hints:
                current_app.send_task(
                    task, args=ids, connection=connection, retry=False, expires=expires_s, headers=_headers()
                )
    except (OperationalError, RedisError, OSError) as error:
        log.warning("hints not sent", hints=len(hints), error=type(error).__name__)


def _options() -> dict[str, int]:
    return {**current_app.conf.broker_transport_options, **QUICK}


def _headers() -> dict[str, str]:
    """The id of the request that asks, so that the worker's log lines can be found by it."""
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    return {"request_id": str(request_id)} if request_id else {}

"""Celery as Hostpanel uses it: messages are hints with an id in them, the database is the truth.

No results, no ETA, no retries: waiting is a time on a row, and the tick finds what a lost message left.
Queues: `ticks` (finding due rows), `send` (a person's change), `poll` (following tasks), `mirror` (reading what
exists).
"""

import os
from typing import Any

import structlog
from celery import Celery
from celery.signals import after_task_publish, beat_init, setup_logging, task_postrun, task_prerun

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hostpanel.settings")

app = Celery("hostpanel")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

TICK = "operations.tick"


@setup_logging.connect
def keep_djangos_logging(**_options: object) -> None:
    """Celery would replace the handlers, and the fields bound to an event with them."""


@after_task_publish.connect
def note_beat(sender: str | None = None, **_: object) -> None:
    """A tick was sent, and only beat sends them."""
    if sender == TICK:
        from hostpanel import pulse  # noqa: PLC0415  # the settings are there only now

        pulse.note("beat")


@beat_init.connect
def look_at_accounts(**_: object) -> None:
    """Beat's first turn of a schedule comes one interval after its start: nobody has to wait for the mirror so long."""
    from hostpanel.nudging import publish  # noqa: PLC0415  # the settings are there only now

    publish("inventory.sync_due", expires_s=60)


@task_prerun.connect
def bind_task(task: Any = None, task_id: str = "", **_: object) -> None:
    """Every line logged while a task runs names it, and the request that asked for it."""
    structlog.contextvars.clear_contextvars()
    asked = getattr(task.request, "request_id", None) or (task.request.headers or {}).get("request_id")
    named = {"request_id": asked} if asked else {}
    structlog.contextvars.bind_contextvars(task=task.name, task_id=task_id, **named)


@task_postrun.connect
def unbind_task(**_: object) -> None:
    """The next task begins anew."""
    structlog.contextvars.clear_contextvars()

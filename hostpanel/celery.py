"""Celery as Hostpanel uses it: messages are hints with an id in them, the database is the truth.

No results, no ETA, no retries: waiting is a time on a row, and the tick finds what a lost message left.
Queues: `ticks` (finding due rows), `send` (a person's change), `poll` (following tasks), `mirror` (reading what
exists).
"""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hostpanel.settings")

app = Celery("hostpanel")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_djangos_logging(**_options: object) -> None:
    """Celery would replace the handlers, and the fields bound to an event with them."""

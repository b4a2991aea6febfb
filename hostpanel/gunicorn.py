"""How gunicorn serves the pages: `gunicorn -c python:hostpanel.gunicorn hostpanel.wsgi`.

WEB_CONCURRENCY says how many processes; what is given on the command line goes first.
"""

import os
from pathlib import Path

from hostpanel.environment import log_as_json
from hostpanel.logs import logging_config

bind = "127.0.0.1:8000"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
# Loaded once, then shared: a third of the memory less.
preload_app = True
timeout = 60
graceful_timeout = 30
keepalive = 5
# A process is replaced now and then, not all at once, so that what leaks does not grow for years.
max_requests = 20_000
max_requests_jitter = 2_000
# The heartbeat file of a worker must not wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # shared memory, not a place for files
control_socket_disable = True
# The panel writes a line of its own for each request, without addresses that may hold a token.
accesslog = None
logconfig_dict = logging_config(as_json=log_as_json())
# gunicorn's own logger hands nothing on to the root's.
logconfig_dict["loggers"]["gunicorn.error"] = {"handlers": ["stderr"], "level": "INFO", "propagate": False}

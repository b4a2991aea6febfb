"""What a forked process has before it begins."""

import tests.environment  # noqa: F401  # before Django reads its settings

import django  # isort: skip

django.setup()

from apps.operations import engine  # noqa: E402, F401  # and with it everything a worker needs

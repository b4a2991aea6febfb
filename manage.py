#!/usr/bin/env python
"""Django's command line for Hostpanel."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hostpanel.settings")
    # A person reads what a command says: a line for each call to OVH would bury it.
    os.environ.setdefault("HOSTPANEL_LOG_LEVEL", "WARNING")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as reason:
        sys.exit(f"The panel cannot start: {reason}")
    except (Exception, KeyboardInterrupt) as error:
        if "--traceback" in sys.argv:
            raise
        from hostpanel import sentences  # what it needs takes its time to load

        sentences.end(error)

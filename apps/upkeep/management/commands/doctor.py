"""`manage.py doctor`: whether everything the panel needs is there and works."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from apps.upkeep import doctor

MARKS = {"ok": "ok", "warn": " ?", "bad": "!!"}


class Command(BaseCommand):
    """Look at settings, keys, database, Redis, processes, clocks and accounts."""

    help = (
        "Look at everything the panel needs: one line each, with what to do. "
        "Exit status: 0 all is well or could be better, 1 something does not work, 2 with --strict when something "
        "could be better."
    )
    # The checks are among what is looked at; a panel whose settings are wrong must not end before its first line.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to look at, and how to say it."""
        parser.add_argument("--only", action="append", choices=doctor.NAMES, default=[], help="look at this alone")
        parser.add_argument("--offline", action="store_true", help="make no call to OVH")
        parser.add_argument("--strict", action="store_true", help="exit status 2 for what could be better")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")
        parser.add_argument("--quiet", action="store_true", help="only what is not well")

    def handle(self, **options: Any) -> None:
        """Print each line as soon as it is known."""
        marks = set()
        for line in doctor.examine(only=frozenset(options["only"]), ask_ovh=not options["offline"]):
            marks.add(line.mark)
            if options["quiet"] and line.mark == "ok":
                continue
            self.stdout.write(json.dumps(asdict(line)) if options["json"] else _text(line))
        if "bad" in marks:
            sys.exit(1)
        if options["strict"] and "warn" in marks:
            sys.exit(2)


def _text(line: doctor.Line) -> str:
    todo = f"\n       → {line.todo}" if line.todo else ""
    return f"{MARKS[line.mark]}  {line.name:<14} {line.note}".rstrip() + todo

"""`manage.py ovh_contract`: whether OVH's API still is what the panel takes it for."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from django.core.management.base import BaseCommand, CommandError

from apps.dashboard import contract

# OVH's own, one for each branch of the API the panel calls.
PUBLISHED = [
    f"https://eu.api.ovh.com/v1{branch}.json?format=openapi3" for branch in ("/hosting/web", "/domain", "/me", "/auth")
]
MOST_BYTES, TIMEOUT_S = 30_000_000, 30


class Command(BaseCommand):
    """Compare the panel's own list of calls with OVH's OpenAPI documents, and say what has changed there."""

    help = "Compare the panel's calls with OVH's published OpenAPI documents. Exit status 1 when something would break."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Documents from files or addresses; OVH's own addresses when none is given."""
        parser.add_argument("--file", action="append", default=[], type=Path, help="an OpenAPI document as JSON")
        parser.add_argument("--url", action="append", default=[], help="its address; may be given several times")

    def handle(self, **options: Any) -> None:
        """Print each difference; those that would break a call begin with `!!`."""
        sources = [*options["file"], *options["url"]] or PUBLISHED
        findings = [finding for source in sources for finding in contract.compare(_read(source))]
        for finding in findings:
            self.stdout.write(str(finding))
        breaking = sum(finding.is_breaking for finding in findings)
        self.stdout.write(
            f"{len(contract.calls())} calls compared with {len(sources)} documents: {breaking} would break"
        )
        if breaking:
            msg = "OVH's API has changed in ways the panel does not know yet."
            raise CommandError(msg)


def _read(source: Path | str) -> dict[str, Any]:
    """The document; CommandError with a sentence when there is none."""
    try:
        if isinstance(source, Path):
            text = source.read_bytes()
        elif source.startswith("https://"):
            with urlopen(Request(source), timeout=TIMEOUT_S) as answer:  # noqa: S310  # https alone, named by the operator
                text = answer.read(MOST_BYTES)
        else:
            msg = f"{source} is not an https:// address."
            raise CommandError(msg)
        document = json.loads(text)
    except (OSError, URLError, ValueError) as error:
        msg = f"{source} cannot be read: {error}"
        raise CommandError(msg) from error
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        msg = f"{source} is not an OpenAPI document."
        raise CommandError(msg)
    return document

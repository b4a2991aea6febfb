"""Writes calls down for the check against OVH's schema. In tests and the demo only: bodies are in clear."""

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl

from django.conf import settings

from apps.ovhapi.answers import Received


def record(received: Received, headers: Mapping[str, str]) -> None:
    """Append the call as one JSON line to `settings.OVH_RECORD_FILE`, where that is set."""
    if not settings.OVH_RECORD_FILE:
        return
    path, _, query = received.path.partition("?")
    try:
        response = json.loads(received.content)
    except ValueError:
        response = None
    line = {
        "method": received.method,
        "path": path,
        "query": dict(parse_qsl(query)),
        "body": received.sent,
        "status": received.status,
        "response": response,
        "headers": dict(headers),
    }
    with Path(settings.OVH_RECORD_FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")

"""Whether the engine does its work: looked at by work done lately, not by processes being there."""

from typing import Any


def checks() -> dict[str, dict[str, Any]]:
    """Name of the check → whether it is well, and what was seen."""
    return {}

"""The runtimes of a hosting: what else than its PHP can run a site."""

from dataclasses import dataclass
from datetime import timedelta

from apps.inventory import answers
from apps.inventory.models import Service

FRESH = timedelta(hours=6)


@dataclass(frozen=True)
class Runtime:
    """`hosting.web.runtime`, as a choice."""

    id: int
    words: str


def of(service: Service) -> list[Runtime]:
    """The runtimes as last read (GET …/runtime); none until they have been."""
    data = answers.of(service, "/runtime", fresh_for=FRESH, is_list=True).data
    rows = [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
    return [Runtime(row["id"], _words(row)) for row in rows if isinstance(row.get("id"), int)]


def _words(row: dict[str, object]) -> str:
    """Such as: API (nodejs-14)."""
    name, kind = str(row.get("name") or ""), str(row.get("type") or "")
    return f"{name} ({kind})" if name and kind else name or kind or str(row.get("id"))

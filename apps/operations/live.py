"""What an open page is told: one poller a page asks what changed since its cursor, and gets pieces of HTML, or 204.

A page is known by an id such as `databases.index`. The room that shows it registers a function here that renders the
pieces which changed; `operations.views.changes` is the only address a browser polls.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db.models import Max, OuterRef, Subquery
from django.http import HttpRequest, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.inventory.models import Catalogue, Service
from apps.operations.models import Operation, OperationQuerySet, State
from apps.teams.access import TeamRequest

# Rows written while we look may be committed a moment later: look back that far, and skip what was told already.
OVERLAP = timedelta(seconds=5)
WATCHED_FOR = timedelta(seconds=20)
SEEN_SOON = timedelta(seconds=2)
SEEN_AT_ONCE = 50
BUSY_EVERY, IDLE_EVERY = "1s", "5s"


@dataclass(frozen=True)
class Fragment:
    """A piece of a page: its template, rendered with `oob` set so that it finds its place by id."""

    template: str
    context: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who polls, from which page; `service` when the page is about one, `is_fresh` when it was read anew since."""

    request: TeamRequest
    page: str
    service: Service | None
    operation: str
    about: str = ""  # the object of the service the page shows, such as a database's name
    is_fresh: bool = False


Renderer = Callable[[Asked, list[Operation]], Iterable[Fragment]]
_pages: dict[str, Renderer] = {}


def page(name: str) -> Callable[[Renderer], Renderer]:
    """Register the renderer of the page `name`: (who asks, operations that changed) → fragments."""

    def keep(renderer: Renderer) -> Renderer:
        _pages[name] = renderer
        return renderer

    return keep


def renderer_of(name: str) -> Renderer | None:
    """The renderer of that page, if there is such a page."""
    return _pages.get(name)


def poller(
    request: HttpRequest, name: str, *, service: Service | None = None, operation: str = "", about: str = "",
    is_busy: bool = True, cursor: str = "",
) -> dict[str, str]:  # fmt: skip
    """What `ui/_poller.html` shows: the address to ask with its cursor, and how often."""
    asked = {"page": name, "since": cursor or Cursor.now().text}
    if service is not None:
        asked["service"] = service.name
    if operation:
        asked["operation"] = operation
    if about:
        asked["about"] = about
    member = getattr(request, "member")  # noqa: B009  # set by team_view; HttpRequest does not know it
    url = reverse("operations:changes", args=[member.team.slug])
    return {"url": f"{url}?{urlencode(asked)}", "every": BUSY_EVERY if is_busy else IDLE_EVERY}


@dataclass(frozen=True)
class Cursor:
    """A moment, and what of the seconds before it was told already: {operation: version}."""

    at: datetime
    told: dict[str, int]

    @classmethod
    def now(cls) -> "Cursor":
        """Nothing told; from now on."""
        return cls(timezone.now(), {})

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """The cursor a page sent; from now on when it is none."""
        moment, _, rest = text.partition("~")
        try:
            at = parse_datetime(moment)
        except ValueError:
            at = None
        if at is None or timezone.is_naive(at):
            return cls.now()
        pairs = (entry.partition(":") for entry in rest.split(",") if entry)
        return cls(at, {pk: int(version) for pk, _, version in pairs if version.isdigit()})

    @property
    def text(self) -> str:
        """As `read` takes it."""
        told = ",".join(f"{pk}:{version}" for pk, version in self.told.items())
        return f"{self.at.isoformat()}~{told}"


def address_of(request: HttpRequest) -> QueryDict:
    """The parameters in the address of the page that polls: htmx sends it along."""
    return QueryDict(urlsplit(request.headers.get("HX-Current-URL", "")).query)


def news(rows: OperationQuerySet, cursor: Cursor) -> tuple[list[Operation], Cursor]:
    """What of `rows` changed since `cursor` and was not told, and the cursor after it."""
    now = timezone.now()
    recent = rows.filter(changed_at__gte=cursor.at - OVERLAP).select_related(
        "service", "connection", "requested_by", "team"
    )
    changed = [row for row in recent if cursor.told.get(str(row.pk)) != row.version]
    told = {str(row.pk): row.version for row in recent if row.changed_at >= now - 2 * OVERLAP}
    return changed, Cursor(now, told)


def mirror_stamp(service: Service) -> int:
    """When anything of `service` was last read, in milliseconds: the service, an answer, a probe, the catalogue."""
    catalogue = Catalogue.objects.filter(endpoint=OuterRef("connection__endpoint")).values("read_at")
    newest = Service.objects.filter(pk=service.pk).aggregate(
        service=Max("refreshed_at"),
        answer=Max("answers__read_at"),
        probe=Max("attacheddomains__probe__probed_at"),
        catalogue=Max(Subquery(catalogue)),
    )
    return max((int(at.timestamp() * 1000) for at in newest.values() if at), default=0)


def watch(rows: OperationQuerySet) -> bool:
    """Note that somebody looks at `rows`, of which a page shows the newest; whether any of them still runs.

    Writes at most every few seconds.
    """
    now = timezone.now()
    newest = rows.unfinished().order_by("-requested_at").values_list("pk", "watched_until")[:SEEN_AT_ONCE]
    until = dict(newest)
    if any(each and each > now + WATCHED_FOR / 2 for each in until.values()):
        return True
    seen = Operation.objects.filter(pk__in=until.keys())
    # What nobody watched may have been put off for long.
    soon = now + SEEN_SOON
    seen.filter(state=State.RUNNING, next_at__gt=soon).update(next_at=soon)
    return bool(seen.unfinished().update(watched_until=now + WATCHED_FOR))


def render(fragments: Iterable[Fragment], request: HttpRequest) -> str:
    """The fragments as out-of-band pieces."""
    return "\n".join(
        render_to_string(each.template, {**each.context, "oob": True}, request=request) for each in fragments
    )

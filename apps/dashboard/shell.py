"""The frame of every page inside a team: places with their counts, accounts, how old the data is.

A handful of queries, the same at any size, and none for pages that do not show the frame.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Max
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.connections.models import Connection, Health
from apps.inventory.models import AttachedDomain, Database, Service, SyncRun
from apps.operations import live
from apps.operations.models import Operation
from apps.teams.access import may
from apps.teams.models import Membership, Role, Team
from apps.ui.templatetags.ui import MINUTE, duration

# Less is over before it has been read.
WORTH_SAYING_S = 10


@dataclass(frozen=True)
class Place:
    """One entry of the side bar. `tone`: live or alert, or nothing."""

    key: str
    url: str
    label: str
    icon: str
    count: int | None = None
    tone: str = ""


@dataclass(frozen=True)
class Sync:
    """The reading of one or more accounts that is under way, in words. `share`: 0 to 1."""

    words: str
    share: float


class Shell:
    """What the frame shows to one member. Nothing is asked for before a template wants it."""

    def __init__(self, request: HttpRequest, member: Membership) -> None:
        self.request, self.member = request, member

    @property
    def team(self) -> Team:
        """The team whose pages these are."""
        return self.member.team

    @cached_property
    def teams(self) -> list[Team]:
        """The other teams this person is in, to go over to."""
        others = Team.objects.filter(members__user=self.member.user_id).exclude(pk=self.team.pk)
        return list(others.order_by("name"))

    @property
    def role(self) -> str:
        """The member's role, in words."""
        return str(Role(self.member.role).label)

    @property
    def poller(self) -> dict[str, str]:
        """What a page without a poller of its own asks with: whether an account is being read."""
        return live.poller(self.request, "shell", is_busy=self.sync is not None)

    @property
    def initials(self) -> str:
        """Two letters for the person."""
        words = str(self.member.user).split()
        return "".join(word[0] for word in words[:2]).upper()

    @property
    def q(self) -> str:
        """What was searched for, on the page of the search alone."""
        is_search = self.request.resolver_match and self.request.resolver_match.view_name == "dashboard:search"
        return self.request.GET.get("q", "") if is_search else ""

    @cached_property
    def services(self) -> Any:
        """The services of this member, unread."""
        return Service.objects.visible_to(self.member)

    @cached_property
    def places(self) -> list[Place]:
        """What is worked on, with how much there is of it."""
        running = Operation.objects.visible_to(self.member).unfinished().count()
        services = self.services.values("pk")
        count = {
            "services": services.count(),
            "domains": AttachedDomain.objects.filter(service__in=services, gone_at=None).count(),
            "databases": Database.objects.filter(service__in=services, gone_at=None).count(),
        }
        return [
            self._place("overview", "dashboard:index", _("Overview"), "house"),
            self._place("services", "inventory:services", _("Services"), "server", count["services"]),
            self._place("domains", "inventory:domains", _("Domains"), "globe", count["domains"]),
            self._place("databases", "inventory:databases", _("Databases"), "database", count["databases"]),
            self._place("operations", "operations:index", _("Operations"), "activity", running or None, "live"),
        ]

    @cached_property
    def more(self) -> list[Place]:
        """What is set up."""
        is_ill = self.accounts_ok < self.accounts_total
        places = [
            self._place(
                "connections",
                "connections:index",
                _("OVH accounts"),
                "key-round",
                self.accounts_total,
                "alert" if is_ill else "",
            ),
            self._place("members", "members:index", _("Members"), "users"),
            self._place("audit", "dashboard:audit", _("Audit"), "scroll-text"),
        ]
        # A place that would only say no is none.
        return places if may(self.member, "dashboard.audit", team_id=self.team.pk) else places[:-1]

    @property
    def phone(self) -> list[Place]:
        """The five places one goes most, for the bar at the bottom of a phone."""
        accounts = replace(self.more[0], label=_("Accounts"))
        return [*self.places[:2], *self.places[3:], accounts]

    @property
    def beyond_phone(self) -> list[Place]:
        """The other places: on a phone they stand in one's menu."""
        return [self.places[2], *self.more[1:]]

    @property
    def current(self) -> str:
        """The key of the place this page belongs to."""
        match = self.request.resolver_match
        name = match.view_name if match else ""
        here = {"dashboard:index": "overview", "dashboard:audit": "audit"}
        here |= {"inventory:domains": "domains", "inventory:databases": "databases"}
        here |= {"operations:tasks": "services"}
        if name in here:
            return here[name]
        room = name.partition(":")[0]
        places = ("operations", "connections", "members")
        return room if room in places else "" if room == "dashboard" else "services"

    @cached_property
    def _health(self) -> list[str]:
        return list(Connection.objects.visible_to(self.member).values_list("health", flat=True))

    @property
    def accounts_total(self) -> int:
        """How many accounts this member sees."""
        return len(self._health)

    @property
    def accounts_ok(self) -> int:
        """How many of them work."""
        return sum(health == Health.OK for health in self._health)

    @property
    def accounts_url(self) -> str:
        """Where they are."""
        return reverse("connections:index", args=[self.team.slug])

    @property
    def search_url(self) -> str:
        """Where the search field leads."""
        return reverse("dashboard:search", args=[self.team.slug])

    @cached_property
    def mirror_age(self) -> datetime | None:
        """When anything was last read from OVH."""
        read_at: datetime | None = self.services.aggregate(at=Max("refreshed_at"))["at"]
        return read_at

    @cached_property
    def sync(self) -> Sync | None:
        """The readings that are under way, as one; None when nothing is read."""
        mine = Connection.objects.visible_to(self.member)
        runs = SyncRun.objects.filter(state=SyncRun.State.RUNNING, connection__in=mine)
        return _together(list(runs.select_related("connection")))

    def _place(self, key: str, url_name: str, label: str, icon: str, count: int | None = None, tone: str = "") -> Place:  # noqa: PLR0917  # as a row of a table
        return Place(key, reverse(url_name, args=[self.team.slug]), label, icon, count, tone)


def _together(runs: list[SyncRun]) -> Sync | None:
    if not runs:
        return None
    count = len(runs)
    many = ngettext("%(n)s account", "%(n)s accounts", count) % {"n": count}
    what = {"account": runs[0].connection.name if count == 1 else many}
    done, total = sum(run.done for run in runs), sum(run.total or 0 for run in runs)
    if not total:
        return Sync(_("Reading %(account)s…") % what, 0)
    words = _("%(account)s: %(done)s of %(total)s services") % {**what, "done": done, "total": total}
    age_s = (timezone.now() - min(run.started_at for run in runs)).total_seconds()
    left_s = age_s / done * (total - done) if done else 0
    if left_s >= WORTH_SAYING_S:
        words += ", " + _("about %(time)s left") % {"time": duration(_rounded(left_s))}
    return Sync(words, done / total)


def _rounded(seconds: float) -> float:
    """As people guess: to ten seconds below two minutes, to whole minutes beyond."""
    step = 10 if seconds < 2 * MINUTE else MINUTE
    return round(seconds / step) * step


def shell(request: HttpRequest) -> dict[str, Any]:
    """The template context of the frame; nothing outside a team."""
    member = getattr(request, "member", None)
    return {"shell": Shell(request, member), "team": member.team} if member else {}

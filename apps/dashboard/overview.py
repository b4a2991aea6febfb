"""The overview: what needs somebody, most urgent first; what runs; whether all is backed up."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.connections import health
from apps.connections.models import Connection, Health
from apps.inventory.models import Database, Dump, Service
from apps.operations import live, shown, stuck
from apps.operations.models import Operation, State
from apps.teams.access import TeamRequest
from apps.teams.models import Membership

# OVH's nightly dumps come once a day, not always at the same hour.
FRESH = timedelta(hours=26)
SOON = timedelta(days=30)
FAILED_LATELY = timedelta(days=2)
SHOWN = 8


@dataclass(frozen=True)
class Need:
    """One thing that needs somebody: what, why, and the one way on. `tone`: bad or warn."""

    icon: str
    tone: str
    title: str
    note: str
    url: str
    button: str


def of(request: TeamRequest) -> dict[str, Any]:
    """The template's context."""
    member = request.member
    operations = Operation.objects.visible_to(member)
    running = operations.unfinished().select_related("service", "connection", "requested_by", "team")
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    services = Service.objects.visible_to(member)
    databases = Database.objects.filter(service__in=services, gone_at=None)
    needs = list(needs_of(member))
    return {
        "needs": needs,
        "cards": shown.cards(running.order_by("-requested_at")[:SHOWN]),
        "running": running.count(),
        "done_today": operations.filter(state=State.SUCCEEDED, finished_at__gte=midnight).count(),
        "databases": databases.count(),
        "fresh": databases.filter(_has_fresh_dump()).count(),
        "services_count": services.count(),
        "accounts_count": Connection.objects.visible_to(member).count(),
    }


def needs_of(member: Membership) -> Iterator[Need]:
    """What needs somebody, most urgent first."""
    slug = member.team.slug
    services = Service.objects.visible_to(member)
    yield from _failed(member, slug)
    yield from _slow(member, slug)
    yield from _ill_accounts(member, slug)
    yield from _troubled(services, slug)
    yield from _ending(services, slug)
    yield from _not_backed_up(services, slug)
    yield from _full(services, slug)


def _failed(member: Membership, slug: str) -> Iterator[Need]:
    since = timezone.now() - FAILED_LATELY
    failed = Operation.objects.visible_to(member).filter(state=State.FAILED, finished_at__gte=since)
    for operation in failed.select_related("service", "requested_by").order_by("-finished_at")[:5]:
        ending = shown.ending_of(operation)
        who = str(operation.requested_by) if operation.requested_by else _("the panel")
        note = f"{operation.service.label} · " + _("by %(who)s") % {"who": who}
        title = f"{shown.title_of(operation)}: {ending.title if ending else operation.reason}"
        yield Need(
            "circle-x", "bad", title, note, reverse("operations:detail", args=[slug, operation.pk]), _("See why")
        )


def _slow(member: Membership, slug: str) -> Iterator[Need]:
    slow = stuck.among(Operation.objects.visible_to(member), now=timezone.now())
    for operation in slow.select_related("service").order_by("accepted_at")[:5]:
        title = _("%(what)s takes much longer than usual") % {"what": shown.title_of(operation)}
        note = f"{operation.service.label} · " + _("OVH still says that it is at it; the panel keeps asking")
        yield Need("hourglass", "warn", title, note, reverse("operations:detail", args=[slug, operation.pk]), _("Look"))


def _ill_accounts(member: Membership, slug: str) -> Iterator[Need]:
    unfinished = ~Q(operations__state__in=["succeeded", "failed", "cancelled"]) & Q(operations__isnull=False)
    ill = Connection.objects.visible_to(member).exclude(health=Health.OK)
    for connection in ill.annotate(waiting=Count("operations", filter=unfinished)):
        waiting: int = connection.waiting  # type: ignore[attr-defined]  # annotated above
        words = health.words_of(connection)
        note = ngettext(
            "%(n)s change waits for it; nothing is lost",
            "%(n)s changes wait for it; nothing is lost",
            waiting,
        ) % {"n": waiting}
        url = reverse("connections:detail", args=[slug, connection.pk])
        yield Need("triangle-alert", "bad", str(words.title), note if waiting else "", url, _("Look"))


def _troubled(services: Any, slug: str) -> Iterator[Need]:
    ill = services.filter(~Q(problem="") | (~Q(state="active") & ~Q(state="")))
    for service in ill.select_related("connection")[:5]:
        words = str(service.get_problem_display()) if service.problem else service.state
        title = _("%(service)s: %(state)s") % {"service": service.label, "state": words}
        url = reverse("hostings:detail", args=[slug, service.name])
        yield Need("triangle-alert", "warn", title, service.connection.name, url, _("Look"))


def _ending(services: Any, slug: str) -> Iterator[Need]:
    today = timezone.localdate()
    ending = services.filter(renews_automatically=False, expires_on__range=(today, today + SOON)).order_by("expires_on")
    first = ending.first()
    if first is None:
        return
    count = ending.count()
    title = ngettext(
        "%(n)s service ends within 30 days without renewal", "%(n)s services end within 30 days without renewal", count
    ) % {"n": count}
    note = _("%(service)s on %(day)s") % {"service": first.label, "day": date_format(first.expires_on, "j F")}
    yield Need("clock", "warn", title, note, _list_url(slug, "ending"), _("Look"))


def _not_backed_up(services: Any, slug: str) -> Iterator[Need]:
    late = Database.objects.filter(service__in=services, gone_at=None).exclude(_has_fresh_dump())
    first = late.select_related("service").order_by("name").first()
    if first is None:
        return
    count = late.count()
    title = ngettext("%(n)s database has no backup of today", "%(n)s databases have no backup of today", count)
    note = _("among them %(name)s of %(service)s") % {"name": first.user or first.name, "service": first.service.label}
    url = reverse("inventory:databases", args=[slug]) + "?backup=late"
    yield Need("archive", "warn", title % {"n": count}, note, url, _("Look"))


def _full(services: Any, slug: str) -> Iterator[Need]:
    full = Database.objects.filter(service__in=services, gone_at=None, quota_used_mb__gt=F("quota_size_mb"))
    for database in full.select_related("service")[:3]:
        title = _("Database %(name)s is full and read-only") % {"name": database.user or database.name}
        url = reverse("databases:index", args=[slug, database.service.name])
        yield Need("database", "warn", title, database.service.label, url, _("Look"))


def _has_fresh_dump() -> Q:
    since = timezone.now() - FRESH
    fresh = Dump.objects.filter(database=OuterRef("pk"), status="created", gone_at=None, created_at__gte=since)
    return Q(Exists(fresh))


def _list_url(slug: str, state: str) -> str:
    return reverse("inventory:services", args=[slug]) + f"?state={state}"


@live.page("dashboard.index")
def changed(asked: live.Asked, _changed: list[Operation]) -> Iterable[live.Fragment]:
    """The overview's parts anew."""
    context = of(asked.request)
    yield live.Fragment("dashboard/_overview.html", context)

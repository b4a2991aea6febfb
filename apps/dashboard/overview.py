"""The overview: what needs somebody, most urgent first; what runs; whether all is backed up."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.connections import health
from apps.connections.models import Connection, Health
from apps.inventory.models import Database, Dump, Service
from apps.inventory.strips import FRESH
from apps.operations import live, shown, stuck
from apps.operations.models import OVER, Operation, State
from apps.teams.access import TeamRequest
from apps.teams.models import Membership

SOON = timedelta(days=30)
FAILED_LATELY = timedelta(days=2)
SHOWN = 8
FINISHED = 6


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
    databases, fresh = backed_up(services)
    needs = sorted(needs_of(member, late=databases - fresh), key=lambda need: need.tone != "bad")
    finished = operations.filter(state__in=OVER).select_related("service", "connection", "requested_by", "team")
    return {
        "needs": needs,
        "cards": shown.cards(running.order_by("-requested_at")[:SHOWN]),
        "finished": shown.cards(finished.order_by("-finished_at")[:FINISHED]),
        "running": running.count(),
        "done_today": operations.filter(state=State.SUCCEEDED, finished_at__gte=midnight).count(),
        "databases": databases,
        "fresh": fresh,
        "services_count": services.count(),
        "accounts_count": Connection.objects.visible_to(member).count(),
    }


def backed_up(services: Any) -> tuple[int, int]:
    """How many databases `services` have, and how many of these have a fresh dump. Costs a look at each."""
    databases = Database.objects.filter(service__in=services, gone_at=None)
    counted = databases.aggregate(all=Count("pk"), fresh=Count("pk", filter=_has_fresh_dump()))
    return counted["all"], counted["fresh"]


def needs_of(member: Membership, *, late: int) -> Iterator[Need]:
    """What needs somebody, in the order of what it touches; the overview puts what is broken first.

    `late`: how many databases have no fresh dump.
    """
    slug = member.team.slug
    services = Service.objects.visible_to(member)
    yield from _failed(member, slug)
    yield from _slow(member, slug)
    yield from _ill_accounts(member, slug)
    yield from _troubled(services, slug)
    yield from _full(services, slug)
    yield from _not_backed_up(services, slug, late)
    yield from _ending(services, slug)


def _failed(member: Membership, slug: str) -> Iterator[Need]:
    since = timezone.now() - FAILED_LATELY
    failed = Operation.objects.visible_to(member).filter(state=State.FAILED, finished_at__gte=since)
    for operation in failed.select_related("service", "requested_by").order_by("-finished_at")[:5]:
        ending = shown.ending_of(operation)
        who = str(operation.requested_by) if operation.requested_by else _("the panel")
        note = f"{operation.service.label} · " + _("by %(who)s") % {"who": who}
        why = ending.title if ending else operation.reason
        title = _("%(what)s: %(which)s") % {"what": shown.title_of(operation), "which": why}
        yield Need(
            "circle-x", "bad", title, note, reverse("operations:detail", args=[slug, operation.pk]), _("See why")
        )


def _slow(member: Membership, slug: str) -> Iterator[Need]:
    slow = stuck.among(Operation.objects.visible_to(member), now=timezone.now())
    for operation in slow.select_related("service").order_by("accepted_at")[:5]:
        title = _("%(what)s takes much longer than usual") % {"what": shown.title_of(operation)}
        note = f"{operation.service.label} · " + _("OVH still says that it is at it; the panel keeps asking")
        url = reverse("operations:detail", args=[slug, operation.pk])
        yield Need("hourglass", "warn", title, note, url, _("See the operation"))


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
        yield Need("triangle-alert", "bad", str(words.title), note if waiting else "", url, _("See the account"))


def _troubled(services: Any, slug: str) -> Iterator[Need]:
    """Services OVH has stopped."""
    ill = services.filter(~Q(problem="") | (~Q(state="active") & ~Q(state="")))
    for service in ill.select_related("connection")[:5]:
        tone, title, note = _trouble_of(service)
        url = reverse("hostings:detail", args=[slug, service.name])
        where = f"{note} · {service.connection.name}" if note else service.connection.name
        yield Need("triangle-alert", tone, _strong(title, service=service.label), where, url, _("See the service"))


def _trouble_of(service: Service) -> tuple[str, str, str]:
    """(tone, sentence about `service`, what that means)."""
    if service.problem == "expired":
        return "bad", _("%(service)s has expired"), _("OVH shows and changes nothing of it until it is renewed")
    if service.problem:
        return "bad", _("OVH does not find %(service)s"), _("it may have moved to another account")
    if service.state == "maintenance":
        return "warn", _("OVH works on %(service)s"), _("changes may wait until it is done")
    return "bad", _("OVH has blocked %(service)s"), _("its sites may not be reachable")


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
    button = ngettext("See the service", "See the services", count)
    yield Need("clock", "warn", title, note, _list_url(slug, "ending"), button)


def _not_backed_up(services: Any, slug: str, count: int) -> Iterator[Need]:
    late = Database.objects.filter(service__in=services, gone_at=None).exclude(_has_fresh_dump())
    first = late.select_related("service").order_by("pk").first() if count else None
    if first is None:
        return
    title = ngettext("%(n)s database has no backup of today", "%(n)s databases have no backup of today", count)
    note = _("among them %(name)s of %(service)s") % {"name": first.user or first.name, "service": first.service.label}
    url = reverse("inventory:databases", args=[slug]) + "?backup=late"
    button = ngettext("See the database", "See the databases", count)
    yield Need("archive", "warn", title % {"n": count}, note, url, button)


def _full(services: Any, slug: str) -> Iterator[Need]:
    full = Database.objects.filter(service__in=services, gone_at=None, quota_used_mb__gt=F("quota_size_mb"))
    for database in full.select_related("service")[:3]:
        title = _strong(_("Database %(name)s is full and read-only"), name=database.user or database.name)
        url = reverse("databases:detail", args=[slug, database.service.name, database.name])
        note = _("%(service)s · its site cannot save anything") % {"service": database.service.label}
        yield Need("database", "bad", title, note, url, _("See the database"))


def _strong(sentence: str, **names: str) -> SafeString:
    """The sentence with the names in it made to stand out."""
    marked = {name: format_html("<strong>{}</strong>", each) for name, each in names.items()}
    return mark_safe(escape(sentence) % marked)  # noqa: S308  # all of it was escaped


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
    if context["accounts_count"]:
        for part in ("facts", "needs", "running"):
            yield live.Fragment(f"dashboard/_{part}.html", context)

"""The services: all of them, one of them; domains and databases over all accounts; reading anew."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Count, Exists, F, FloatField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.connections.models import Connection
from apps.inventory import frame, sync
from apps.inventory.filters import DATABASE_SORTS, DOMAIN_SORTS, SORTS, ServiceFilter
from apps.inventory.models import AttachedDomain, Database, Dump, Service
from apps.inventory.strips import FRESH, with_strips
from apps.teams.access import TeamRequest, team_view
from apps.ui.asked import text_of
from apps.ui.htmx import wants_fragment
from apps.ui.pagination import paginate

# A longer number is no id, and PostgreSQL refuses it.
LONGEST_ID = 10


@team_view
def services(request: TeamRequest) -> HttpResponse:
    """The services of every account this member may see. The same few queries for ten as for ten thousand."""
    mine = Service.objects.visible_to(request.member)
    offers = list(mine.order_by("offer").values_list("offer", flat=True).distinct())
    accounts = Connection.objects.visible_to(request.member)
    filters = ServiceFilter(request.GET, queryset=_listed(mine), accounts=accounts, offers=[o for o in offers if o])
    found = filters.qs if filters.form.is_valid() else _listed(mine)
    sort = request.GET.get("sort", "name")
    page = paginate(request.GET.get("page"), found.order_by(*SORTS.get(sort, SORTS["name"])))
    context = {"filters": filters, "page": page, "sort": sort, "has_any": bool(offers) or mine.exists()}
    template = "inventory/services.html#rows" if wants_fragment(request) else "inventory/services.html"
    response = render(request, template, context)
    response["Vary"] = "HX-Request"
    return response


def _listed(rows: QuerySet[Service]) -> QuerySet[Service]:
    """With what the list shows beside: how full, how many domains and databases; no join multiplies rows."""
    return rows.select_related("connection").annotate(
        share=F("quota_used_mb") / NullIf(Cast("quota_size_mb", FloatField()), Value(0.0)),
        name_shown=Coalesce(NullIf("display_name", Value("")), "name"),
        domains_count=_count_of(AttachedDomain),
        databases_count=_count_of(Database),
    )


def _count_of(model: type[AttachedDomain | Database]) -> Coalesce:
    rows: Any = model._default_manager.filter(service=OuterRef("pk"), gone_at=None)  # noqa: SLF001
    counted = rows.order_by().values("service").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


@require_POST
@team_view
def refresh(request: TeamRequest, service_name: str) -> HttpResponse:
    """Read one service from OVH again, soon."""
    found = frame.find_service(request.member, service_name)
    sync.ask_for_refresh(found)
    messages.info(request, _("%(service)s is being read from OVH.") % {"service": found.label})
    return redirect("hostings:detail", request.member.team.slug, service_name)


@require_POST
@team_view
def sync_all(request: TeamRequest) -> HttpResponse:
    """Read every account this member may see again."""
    accounts = list(Connection.objects.visible_to(request.member))
    for connection in accounts:
        sync.ask_for_sync(connection)
    messages.info(request, _("All accounts are being read; the progress shows at the top."))
    return redirect("dashboard:index", request.member.team.slug)


@team_view
def domains(request: TeamRequest) -> HttpResponse:
    """The attached domains over all accounts."""
    rows = AttachedDomain.objects.filter(service__in=Service.objects.visible_to(request.member), gone_at=None)
    found = _of_account(rows, request).filter(domain__icontains=text_of(request))
    if request.GET.get("ssl") in ("on", "off"):
        found = found.filter(ssl=request.GET["ssl"] == "on")
    return _list(request, "inventory/domains.html", found.select_related("service__connection"), DOMAIN_SORTS)


@team_view
def databases(request: TeamRequest) -> HttpResponse:
    """The databases over all accounts, each with its strip; `backup=late` shows those without a fresh one."""
    rows = Database.objects.filter(service__in=Service.objects.visible_to(request.member), gone_at=None)
    found = _of_account(rows, request).filter(name__icontains=text_of(request))
    dumps = Dump.objects.filter(database=OuterRef("pk"), status="created", gone_at=None)
    if request.GET.get("backup") == "late":
        found = found.exclude(Exists(dumps.filter(created_at__gte=timezone.now() - FRESH)))
    found = found.select_related("service__connection").annotate(
        share=F("quota_used_mb") / NullIf(Cast("quota_size_mb", FloatField()), Value(0.0)),
        last_dump_at=Subquery(dumps.order_by("-created_at").values("created_at")[:1]),
    )
    return _list(request, "inventory/databases.html", found, DATABASE_SORTS, drawn=with_strips)


def _of_account(rows: QuerySet[Any], request: TeamRequest) -> QuerySet[Any]:
    """Those of the account in the address; all when it names none."""
    account = request.GET.get("account", "")
    return rows.filter(service__connection=account) if account.isdecimal() and len(account) < LONGEST_ID else rows


def _list(
    request: TeamRequest, template: str, found: QuerySet[Any], sorts: dict[str, tuple[Any, ...]],
    drawn: Callable[[Iterable[Any]], list[Any]] = list,
) -> HttpResponse:  # fmt: skip
    """One page of `found` in the order the address asks for; its rows alone for htmx."""
    sort = request.GET.get("sort", "name")
    page = paginate(request.GET.get("page"), found.order_by(*sorts.get(sort, sorts["name"])))
    page.object_list = drawn(page.object_list)
    accounts = Connection.objects.visible_to(request.member)
    has_filters = any(request.GET.get(name) for name in ("q", "account", "backup", "ssl"))
    context = {"page": page, "asked": request.GET, "sort": sort, "accounts": accounts, "has_filters": has_filters}
    return render(request, f"{template}#rows" if wants_fragment(request) else template, context)

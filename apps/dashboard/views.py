"""Pages over everything: the overview, the search, the audit page."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.audit.services import record
from apps.dashboard import history, overview, trail
from apps.inventory.models import AttachedDomain, Database, Service
from apps.operations import live
from apps.teams import starting
from apps.teams.access import TeamRequest, address_of, public_view, team_view
from apps.teams.models import Membership
from apps.ui.asked import text_of
from apps.ui.htmx import wants_fragment
from apps.ui.pagination import paginate_history

FOUND = 12
# So many databases are counted before anybody notices.
QUICK = 300


@public_view
def home(request: HttpRequest) -> HttpResponse:
    """The overview of the person's team; a page that says so when they are in none; set-up on a new panel."""
    if not request.user.is_authenticated:
        return redirect("setup" if starting.is_new() else "account_login")
    member = Membership.objects.filter(user=request.user.pk or 0).select_related("team").order_by("pk").first()
    if member is None:
        return render(request, "dashboard/no_team.html", status=404)
    return redirect("dashboard:index", team=member.team.slug)


@team_view
def index(request: TeamRequest) -> HttpResponse:
    """What needs me, what runs, is all backed up."""
    context = overview.of(request)
    hour = timezone.localtime().hour
    greeting = _("Good morning") if hour < 12 else _("Good afternoon") if hour < 18 else _("Good evening")  # noqa: PLR2004
    poller = live.poller(request, "dashboard.index", is_busy=bool(context["cards"]))
    firstname = str(request.member.user).partition(" ")[0]
    shown = {**context, "greeting": greeting, "firstname": firstname, "poller": poller}
    shown["history"] = history.of(request.member) or _soon(request, context["databases"])
    return render(request, "dashboard/index.html", shown)


def _soon(request: TeamRequest, databases: int) -> history.History | None:
    """The thirty days at once where that is quick or nothing could ask for them later; else None: they follow."""
    is_asked = "history" in request.GET
    return history.count(request.member) if is_asked or databases <= QUICK else None


@team_view
def past(request: TeamRequest) -> HttpResponse:
    """The thirty days in pictures, for the overview that was sent without them."""
    if not wants_fragment(request):
        return redirect(f"{reverse('dashboard:index', args=[request.member.team.slug])}?history=1")
    return render(request, "dashboard/_history.html", {"history": history.count(request.member)})


@team_view
def search(request: TeamRequest) -> HttpResponse:
    """Services, domains and databases with `q` in their names, of the accounts this member may see."""
    q = text_of(request)
    services = Service.objects.visible_to(request.member).select_related("connection")
    mine = services.values("pk")
    named = Q(name__icontains=q) | Q(display_name__icontains=q)
    domains = AttachedDomain.objects.filter(service__in=mine, gone_at=None, domain__icontains=q)
    databases = Database.objects.filter(service__in=mine, gone_at=None, name__icontains=q)
    context = {
        "q": q,
        "services": services.filter(named)[:FOUND] if q else [],
        "domains": domains.select_related("service")[:FOUND] if q else [],
        "databases": databases.select_related("service")[:FOUND] if q else [],
    }
    return render(request, "dashboard/search.html", context)


@team_view
def audit(request: TeamRequest) -> HttpResponse:
    """Who did what, when, newest first; filters stand in the address."""
    entries = trail.narrowed(trail.visible_to(request.member), request.GET)
    page = paginate_history(request.GET.get("page"), entries)
    context = {
        "page": page,
        "lines": trail.lines(page.object_list),
        "kinds": list(trail.KINDS.items()),
        "people": trail.people(request.member),
        "asked": request.GET,
    }
    template = "dashboard/audit.html#trail" if wants_fragment(request) else "dashboard/audit.html"
    return render(request, template, context)


@require_GET
@team_view
def audit_csv(request: TeamRequest) -> StreamingHttpResponse:
    """The same as a table to take along; that it was taken is history too."""
    entries = trail.narrowed(trail.visible_to(request.member), request.GET)
    asked = {name: text_of(request, name) for name in ("q", "kind", "who", "from", "to") if request.GET.get(name)}
    record(
        "audit.exported", team_id=request.member.team_id, actor=request.member.user, address=address_of(request),
        details=asked,
    )  # fmt: skip
    name = f"{request.member.team.slug}-{timezone.localdate():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(trail.as_csv(entries), content_type="text/csv; charset=utf-8", headers=headers)

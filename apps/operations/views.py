"""The operations: all of them, one of them, and what changed for the pages that are open."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from apps.connections.models import Connection
from apps.inventory import frame
from apps.inventory.frame import Tab, register_tab
from apps.inventory.models import Service, SyncRun
from apps.operations import detail as details
from apps.operations import elsewhere, happening, live, registry, services, shown, stuck
from apps.operations import service_tasks as tasks_of_service
from apps.operations.models import Operation, OperationQuerySet, State
from apps.teams import recency
from apps.teams.access import TeamRequest, address_of, team_view
from apps.ui.asked import clean, within_days
from apps.ui.htmx import wants_fragment
from apps.ui.pagination import paginate_history

# What a cursor calls the age of the mirror.
MIRROR = "mirror"
WITH_NAMES = ("service", "connection", "requested_by", "team")
# What the filter offers: a name → the states it means.
FILTERS: dict[str, tuple[str, ...]] = {
    "unfinished": (State.QUEUED, State.SENDING, State.UNCONFIRMED, State.RUNNING),
    "succeeded": (State.SUCCEEDED,),
    "failed": (State.FAILED,),
    "cancelled": (State.CANCELLED,),
}
SLOW = "slow"
FEW = 500


@require_GET
@team_view
def index(request: TeamRequest) -> HttpResponse:
    """All operations of the accounts this member may see, newest first; filters stand in the address."""
    rows = Operation.objects.visible_to(request.member).select_related(*WITH_NAMES)
    page = paginate_history(request.GET.get("page"), _filtered(rows, request.GET))
    is_busy = any(not operation.is_over for operation in page)
    context = {
        "page": page,
        "cards": shown.cards(page.object_list),
        "accounts": Connection.objects.visible_to(request.member),
        "actions": registry.every(),
        "states": [(name, _state_words(name)) for name in (*FILTERS, SLOW)],
        "asked": request.GET,
        "has_filters": any(request.GET.get(name) for name in ("q", "state", "account", "action", "from", "to")),
        "poller": live.poller(request, "operations.index", is_busy=is_busy),
    }
    template = "operations/index.html#rows" if wants_fragment(request) else "operations/index.html"
    return render(request, template, context)


def _state_words(name: str) -> str:
    return {
        "unfinished": _("Not finished"),
        "succeeded": _("Finished"),
        "failed": _("Failed"),
        "cancelled": _("Cancelled"),
        SLOW: _("Much longer than usual"),
    }[name]


def _filtered(rows: OperationQuerySet, asked: QueryDict) -> OperationQuerySet:
    """`rows` narrowed by the address's `q`, `state`, `account`, `action`, `from` and `to`; nonsense is left out."""
    states = FILTERS.get(asked.get("state", ""))
    if states:
        rows = rows.filter(state__in=states)
    elif asked.get("state") == SLOW:
        rows = stuck.among(rows, now=timezone.now())
    account = asked.get("account", "")
    if account.isascii() and account.isdigit():
        rows = rows.filter(connection_id=int(account[:12]))
    action, text = clean(asked.get("action", "")), clean(asked.get("q", ""))
    if action:
        rows = rows.filter(action=action)
    rows = rows.filter(within_days(asked, "requested_at"))
    return rows.filter(Q(label__icontains=text) | _on_services_named(text)) if text else rows


def _on_services_named(text: str) -> Q:
    """On services with `text` in a name. Few are named by their numbers: an index finds those, and no join does."""
    named = Service.objects.filter(Q(name__icontains=text) | Q(display_name__icontains=text)).order_by()
    found = list(named.values_list("pk", flat=True)[: FEW + 1])
    return Q(service__in=found if len(found) <= FEW else named)


@require_GET
@team_view
def detail(request: TeamRequest, pk: UUID) -> HttpResponse:
    """One operation: who, when, with what, every step with its time, OVH's task and query id, how it ended."""
    operation = _find(request, pk)
    context = details.context(operation, request.member)
    poller = live.poller(request, "operations.detail", operation=str(pk), is_busy=not operation.is_over)
    return render(request, "operations/detail.html", {**context, "poller": poller})


@require_GET
@team_view
def service_tasks(request: TeamRequest, service_name: str) -> HttpResponse:
    """OVH's tasks on one hosting, whoever began them; `function` and `status` in the address narrow the list."""
    service = frame.find_service(request.member, service_name)
    listed = tasks_of_service.listed(request, service)
    if listed["is_waiting"]:
        elsewhere.look_soon(service)
    context = {
        **frame.of(request, service, "tasks"),
        **happening.of(request, service, "operations.tasks", is_waiting=listed["is_waiting"]),
        **listed,
    }
    template = "operations/tasks.html#list" if wants_fragment(request) else "operations/tasks.html"
    return render(request, template, context)


@require_POST
@team_view
def cancel(request: TeamRequest, pk: UUID) -> HttpResponse:
    """Take back what has not been sent."""
    operation = _find(request, pk)
    if services.cancel(operation, member=request.member, address=address_of(request)):
        messages.success(request, _("Taken back: %(what)s.") % {"what": shown.title_of(operation)})
    else:
        messages.error(request, _("Too late: it has been sent to OVH."))
    return redirect("operations:detail", request.member.team.slug, pk)


@require_POST
@team_view
def decide(request: TeamRequest, pk: UUID) -> HttpResponse:
    """What became of one nobody could prove: it happened, or it is to be sent again."""
    operation = _find(request, pk)
    decision = request.POST.get("decision", "")
    if decision not in (services.HAPPENED, services.AGAIN):
        raise Http404
    page = reverse("operations:detail", args=[request.member.team.slug, pk])
    is_destruction = decision == services.AGAIN and registry.get(operation.action).destroys
    if is_destruction and (first := recency.demand(request, back=page)):
        return first
    try:
        anew = services.decide(operation, decision, member=request.member, address=address_of(request))
    except services.Busy as busy:
        said = _("Something else is under way there: %(what)s. Wait until it has finished.")
        messages.error(request, said % {"what": shown.title_of(busy.operation)})
        anew = None
    if anew is not None:
        messages.success(request, _("Asked: %(what)s.") % {"what": shown.title_of(anew)})
    return redirect("operations:detail", request.member.team.slug, (anew or operation).pk)


@require_GET
@team_view
def changes(request: TeamRequest) -> HttpResponse:
    """What changed for an open page since its cursor: out-of-band pieces, or 204. A page asks nothing else."""
    name = request.GET.get("page", "")
    renderer = live.renderer_of(name)
    if renderer is None:
        raise Http404
    asked = live.Asked(
        request=request, page=name, service=_service(request), operation=request.GET.get("operation", ""),
        about=clean(request.GET.get("about", ""), 255),
    )  # fmt: skip
    rows = _rows_of(asked)
    is_busy = live.watch(rows)
    since = live.Cursor.read(request.GET.get("since", ""))
    changed, cursor = live.news(rows, since)
    is_read = _is_being_read(request, since)
    if asked.service is not None:
        asked, cursor = _with_freshness(asked, asked.service, since, cursor)
    is_news = bool(changed) or asked.is_fresh
    if not is_news and not is_read:
        return HttpResponse(status=204)
    is_busy = is_busy or is_read
    poller = live.poller(
        request, name, service=asked.service, operation=asked.operation, about=asked.about, is_busy=is_busy,
        cursor=cursor.text,
    )  # fmt: skip
    fragments = [live.Fragment("ui/_poller.html", {"poller": poller}), *(renderer(asked, changed) if is_news else ())]
    if is_read:
        fragments.append(live.Fragment("inventory/_mirror.html", {}))
    return HttpResponse(live.render(fragments, request))


def _with_freshness(
    asked: live.Asked, service: Service, since: live.Cursor, cursor: live.Cursor
) -> tuple[live.Asked, live.Cursor]:
    """Whether the service was read anew since the page was told; the cursor keeps what it knows."""
    stamp = live.mirror_stamp(service)
    known = since.told.get(MIRROR, int(since.at.timestamp() * 1000))
    told = replace(cursor, told={**cursor.told, MIRROR: max(stamp, known)})
    return replace(asked, is_fresh=stamp > known), told


def _is_being_read(request: TeamRequest, since: live.Cursor) -> bool:
    """Whether an account this member sees is being read, or was until a moment ago: then the top bar says so."""
    news = Q(state=SyncRun.State.RUNNING) | Q(finished_at__gte=since.at)
    return SyncRun.objects.filter(news, connection__in=Connection.objects.visible_to(request.member)).exists()


def _rows_of(asked: live.Asked) -> OperationQuerySet:
    """The operations a page is about."""
    rows = Operation.objects.visible_to(asked.request.member)
    if asked.service is not None:
        rows = rows.filter(service=asked.service)
    if asked.operation:
        try:
            rows = rows.filter(pk=UUID(asked.operation))
        except ValueError:
            raise Http404 from None
    return rows


def _service(request: TeamRequest) -> Service | None:
    """The service the page names, if any; Http404 when this member does not see it."""
    name = request.GET.get("service")
    if not name:
        return None
    service = Service.objects.visible_to(request.member).filter(name=name).order_by("pk").first()
    if service is None:
        raise Http404
    return service


def _find(request: TeamRequest, pk: UUID) -> Operation:
    return get_object_or_404(Operation.objects.visible_to(request.member).select_related(*WITH_NAMES), pk=pk)


@live.page("shell")
def _nothing_of_its_own(_asked: live.Asked, _changed: list[Operation]) -> Iterator[live.Fragment]:
    """A page that is told no more than every page is."""
    return iter(())


@live.page("operations.index")
def _list_changed(asked: live.Asked, changed: list[Operation]) -> Iterator[live.Fragment]:
    """The list anew; its filters stand in the address the browser shows, which htmx sends along."""
    request = asked.request
    shown_at = live.address_of(request)
    rows = Operation.objects.visible_to(request.member).select_related(*WITH_NAMES)
    page = paginate_history(shown_at.get("page"), _filtered(rows, shown_at))
    if {row.pk for row in page} & {row.pk for row in changed} or page.number == 1:
        yield live.Fragment("operations/_rows.html", {"page": page, "cards": shown.cards(page.object_list)})


@live.page("operations.detail")
def _detail_changed(asked: live.Asked, changed: list[Operation]) -> Iterator[live.Fragment]:
    """The page's content anew."""
    for operation in changed:
        yield live.Fragment("operations/_detail.html", details.context(operation, asked.request.member))


@live.page("operations.tasks")
def _tasks_changed(asked: live.Asked, _changed: list[Operation]) -> Iterator[live.Fragment]:
    """The column, and the tasks as the page shows them."""
    yield from happening.fragments(asked)
    if asked.service is None:
        return
    listed = tasks_of_service.listed(asked.request, asked.service, live.address_of(asked.request))
    context = {**listed, "service": asked.service, "team": asked.request.member.team}
    yield live.Fragment("operations/_tasks.html", context)


register_tab(Tab(key="tasks", label=gettext_lazy("Tasks"), url_name="operations:tasks", order=90))

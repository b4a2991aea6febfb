"""The backups of a hosting: the dumps of its databases, the snapshots of its files."""

from datetime import datetime
from typing import Any

from django.db.models import Max, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from apps.backups import actions, snapshots
from apps.inventory import frame
from apps.inventory.models import Database, Dump, Service
from apps.inventory.strips import with_strips
from apps.operations import happening
from apps.operations.asking import Step, ask, can
from apps.operations.forms import ActionForm
from apps.operations.registry import Action
from apps.teams.access import TeamRequest, team_view
from apps.ui.asked import clean
from apps.ui.htmx import wants_fragment
from apps.ui.pagination import paginate

TYPES = ("now", "daily.1", "weekly.1")
# What the address may ask for: a parameter of OVH's, the column, the comparison.
DATES = {
    "creationDate.from": "created_at__gte",
    "creationDate.to": "created_at__lt",
    "deletionDate.from": "deletes_at__gte",
    "deletionDate.to": "deletes_at__lt",
}


@team_view
def index(request: TeamRequest, service_name: str) -> HttpResponse:
    """The dumps OVH keeps of this hosting's databases, newest first, as the address narrows them; the snapshots."""
    service = frame.find_service(request.member, service_name)
    context = {
        **frame.of(request, service, "backups"),
        **happening.of(request, service, "backups.index"),
        **listed(request, service),
        "snapshots": snapshots.of(service),
        "checks": snapshots.preflight(service),
        "recipe": snapshots.sftp_recipe(service),
    }
    template = "backups/index.html#list" if wants_fragment(request) else "backups/index.html"
    return render(request, template, context)


def listed(request: TeamRequest, service: Service, asked: Any = None) -> dict[str, object]:
    """What the list shows; `asked`: the parameters of the page it stands on, where that is not this request."""
    asked = request.GET if asked is None else asked
    dumps = service.dumps.filter(_wanted(asked), gone_at=None).select_related("database")
    return {
        "page": paginate(asked.get("page"), dumps),
        "databases": _with_strips(service),
        "types": TYPES,
        "asked": {name.replace(".", "_"): value for name, value in asked.items()},
        "can": can(request, actions.CREATE, actions.RESTORE, actions.RESTORE_DATE, actions.DELETE, actions.SNAPSHOT),
    }


def _with_strips(service: Service) -> list[Database]:
    """The hosting's databases, each with its last thirty days and when it was last backed up."""
    created = Q(dumps__status="created", dumps__gone_at=None)
    rows = service.databases.filter(gone_at=None)
    return with_strips(rows.annotate(last_dump_at=Max("dumps__created_at", filter=created)))


def _wanted(asked: Any) -> Q:
    """The filter of the list, in OVH's names; what makes no sense is left out."""
    wanted = Q()
    if asked.get("database"):
        wanted &= Q(database_name=clean(asked["database"], 128))
    if asked.get("type") in TYPES:
        wanted &= Q(type=asked["type"])
    if asked.get("orphan") in ("true", "false"):
        wanted &= Q(is_orphan=asked["orphan"] == "true")
    for name, column in DATES.items():
        at = _moment(asked.get(name, ""), is_end=name.endswith(".to"))
        if at is not None:
            wanted &= Q(**{column: at})
    return wanted


def _moment(text: str, *, is_end: bool) -> datetime | None:
    """The beginning of that day in the viewer's zone, or its end."""
    try:
        day = parse_date(text)
        at = datetime.combine(day, datetime.max.time() if is_end else datetime.min.time()) if day else None
        return timezone.make_aware(at) if at else None
    except (ValueError, OverflowError):
        return None


@team_view
def create(request: TeamRequest, service_name: str, name: str) -> HttpResponse:
    """Ask for a dump of one database."""
    service, database = _find(request, service_name, name)
    return ask(
        request, actions.CREATE, service=service, target={"name": name}, template="backups/create.html",
        then=_list_of(request, service), context={**frame.of(request, service, "backups"), "database": database},
    )  # fmt: skip


@team_view
def restore(request: TeamRequest, service_name: str, name: str, dump_id: int) -> HttpResponse:
    """Put a database back to one of its dumps: asks for its name, and offers a dump of the present state first."""
    service, database = _find(request, service_name, name)
    dump = get_object_or_404(Dump.objects.filter(database=database, gone_at=None, status="created"), ovh_id=dump_id)
    return ask(
        request, actions.RESTORE, service=service, target={"name": name, "id": dump_id}, expected_name=name,
        template="backups/restore.html", then=_list_of(request, service), plan=_plan(actions.RESTORE),
        context={**frame.of(request, service, "backups"), "database": database, "dump": dump},
    )  # fmt: skip


@team_view
def restore_date(request: TeamRequest, service_name: str, name: str) -> HttpResponse:
    """Put a database back to last night or last Sunday, without a dump of it in the list."""
    service, database = _find(request, service_name, name)
    return ask(
        request, actions.RESTORE_DATE, service=service, target={"name": name}, expected_name=name,
        template="backups/restore.html", then=_list_of(request, service), plan=_plan(actions.RESTORE_DATE),
        context={**frame.of(request, service, "backups"), "database": database, "dump": None},
    )  # fmt: skip


def _plan(action: Action) -> Any:
    """The restore; before it, if ticked, a dump it waits for."""

    def steps(form: ActionForm) -> list[Step]:
        then = Step(action, form.target, form.params(), waits=bool(form.cleaned_data.get("dump_first")))
        if not then.waits:
            return [then]
        name = {"name": form.target["name"]}
        return [Step(actions.CREATE, name, {"date": "now", "sendEmail": False}), then]

    return steps


@team_view
def delete(request: TeamRequest, service_name: str, dump_id: int) -> HttpResponse:
    """Delete a dump before OVH does: asks for the name of its database."""
    service = frame.find_service(request.member, service_name)
    dump = get_object_or_404(service.dumps.filter(gone_at=None, status="created"), ovh_id=dump_id)
    return ask(
        request, actions.DELETE, service=service, target={"id": dump_id}, expected_name=dump.database_name,
        database_name=dump.database_name, template="backups/delete.html", then=_list_of(request, service),
        context={**frame.of(request, service, "backups"), "dump": dump},
    )  # fmt: skip


@team_view
def snapshot(request: TeamRequest, service_name: str) -> HttpResponse:
    """Put all files back to a snapshot: asks for the hosting's name."""
    service = frame.find_service(request.member, service_name)
    return ask(
        request, actions.SNAPSHOT, service=service, expected_name=service.name, template="backups/snapshot.html",
        then=_list_of(request, service),
        context={**frame.of(request, service, "backups"), "checks": snapshots.preflight(service)},
    )  # fmt: skip


def _find(request: TeamRequest, service_name: str, name: str) -> tuple[Service, Database]:
    service = frame.find_service(request.member, service_name)
    return service, get_object_or_404(service.databases.filter(gone_at=None), name=name)


def _list_of(request: TeamRequest, service: Service) -> str:
    return reverse("backups:index", args=[request.member.team.slug, service.name])

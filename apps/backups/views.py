"""The backups of a hosting's databases: the list, one more, and going back to one."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from apps.backups import actions
from apps.inventory import frame
from apps.inventory.models import Database, Dump, Service
from apps.operations import happening
from apps.operations.asking import ask, can
from apps.teams.access import TeamRequest, team_view
from apps.ui.asked import text_of
from apps.ui.htmx import wants_fragment
from apps.ui.pagination import paginate

TYPES = ("now", "daily.1", "weekly.1")


@team_view()
def index(request: TeamRequest, service_name: str) -> HttpResponse:
    """The dumps OVH keeps of this hosting's databases, newest first; `database` and `type` in the address narrow it."""
    service = frame.find_service(request.member, service_name)
    context = {
        **frame.of(request, service, "backups"),
        **happening.of(request, service, "backups.index"),
        **listed(request, service),
    }
    template = "backups/index.html#list" if wants_fragment(request) else "backups/index.html"
    return render(request, template, context)


def listed(request: TeamRequest, service: Service) -> dict[str, object]:
    """What the list shows, as the request asks for it."""
    dumps = service.dumps.filter(gone_at=None).select_related("database")
    if request.GET.get("database"):
        dumps = dumps.filter(database_name=text_of(request, "database"))
    if request.GET.get("type") in TYPES:
        dumps = dumps.filter(type=request.GET["type"])
    return {
        "page": paginate(request.GET.get("page"), dumps),
        "databases": list(service.databases.filter(gone_at=None)),
        "types": TYPES,
        "asked": request.GET,
        "can": can(request, actions.CREATE, actions.RESTORE),
    }


@team_view(needs=actions.CREATE.role)
def create(request: TeamRequest, service_name: str, name: str) -> HttpResponse:
    """Ask for a dump of one database."""
    service = frame.find_service(request.member, service_name)
    database = _database(service, name)
    return ask(
        request, actions.CREATE, service=service, target={"name": name}, template="backups/create.html",
        then=_list_of(request, service), context={**frame.of(request, service, "backups"), "database": database},
    )  # fmt: skip


@team_view(needs=actions.RESTORE.role)
def restore(request: TeamRequest, service_name: str, name: str, dump_id: int) -> HttpResponse:
    """Put a database back to one of its dumps: asks for its name."""
    service = frame.find_service(request.member, service_name)
    database = _database(service, name)
    dump = get_object_or_404(Dump.objects.filter(database=database, gone_at=None, status="created"), ovh_id=dump_id)
    return ask(
        request, actions.RESTORE, service=service, target={"name": name, "id": dump_id}, expected_name=name,
        template="backups/restore.html", then=_list_of(request, service),
        context={**frame.of(request, service, "backups"), "database": database, "dump": dump},
    )  # fmt: skip


def _database(service: Service, name: str) -> Database:
    return get_object_or_404(service.databases.filter(gone_at=None), name=name)


def _list_of(request: TeamRequest, service: Service) -> str:
    return reverse("backups:index", args=[request.member.team.slug, service.name])

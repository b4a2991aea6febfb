"""The databases of a hosting: the list, a new one, and the end of one."""

from django.db.models import Max, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from apps.databases import actions
from apps.inventory import frame
from apps.inventory.models import Database, Service
from apps.inventory.strips import with_strips
from apps.operations import happening
from apps.operations.asking import ask, can
from apps.teams.access import TeamRequest, Verdict, may, team_view
from apps.teams.models import Role


@team_view()
def index(request: TeamRequest, service_name: str) -> HttpResponse:
    """The databases of one hosting, each with its size and thirty days of backups."""
    service = frame.find_service(request.member, service_name)
    context = {
        **frame.of(request, service, "databases"),
        **happening.of(request, service, "databases.index"),
        "databases": rows(service),
        "limits": service.choices.get("databaseCreationCapabilities") or [],
        "can": allowed(request),
    }
    return render(request, "databases/index.html", context)


def allowed(request: TeamRequest) -> dict[str, Verdict]:
    """What this member may do to the databases of the list."""
    backing_up = may(request.member, Role.OPERATOR, team_id=request.member.team_id)
    return {**can(request, actions.CREATE, actions.DELETE), "back_up": backing_up}


def rows(service: Service, **only: object) -> list[Database]:
    """The databases as the list shows them: with `last_dump_at` and `strip`; `only` narrows."""
    created = Q(dumps__status="created", dumps__gone_at=None)
    found = service.databases.filter(gone_at=None, **only).annotate(
        last_dump_at=Max("dumps__created_at", filter=created)
    )
    return with_strips(found)


@team_view(needs=actions.CREATE.role)
def create(request: TeamRequest, service_name: str) -> HttpResponse:
    """The form for a new database, and the asking for it."""
    service = frame.find_service(request.member, service_name)
    frame.want_choices(service)
    return ask(
        request, actions.CREATE, service=service, template="databases/create.html",
        then=_list_of(request, service), context=frame.of(request, service, "databases"),
    )  # fmt: skip


@team_view(needs=actions.DELETE.role)
def delete(request: TeamRequest, service_name: str, name: str) -> HttpResponse:
    """Delete a database and with it, at OVH, its backups: asks for its name."""
    service = frame.find_service(request.member, service_name)
    database = get_object_or_404(service.databases.filter(gone_at=None), name=name)
    dumps = database.dumps.filter(gone_at=None)
    context = {**frame.of(request, service, "databases"), "database": database, "dumps_count": dumps.count()}
    return ask(
        request, actions.DELETE, service=service, target={"name": name}, expected_name=name,
        template="databases/delete.html", then=_list_of(request, service), context=context,
    )  # fmt: skip


def _list_of(request: TeamRequest, service: Service) -> str:
    return reverse("databases:index", args=[request.member.team.slug, service.name])

"""The databases of a hosting: the list, one of them, and what can be done with it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.databases import actions, copies, statistics
from apps.inventory import answers, frame
from apps.inventory.models import Database, Service
from apps.inventory.strips import with_strips
from apps.operations import happening
from apps.operations.asking import ask, can
from apps.operations.registry import Action
from apps.ovhapi.client import path_of
from apps.teams.access import TeamRequest, Verdict, may, team_view
from apps.ui.asked import clean
from apps.ui.htmx import wants_fragment

# OVH's name of what each verb needs.
CAPABILITIES = {"password": "changePassword", "delete": "delete", "back_up": "dump", "measure": "getQuota"}
CAPABILITIES_FRESH = timedelta(days=1)
MODES = ("classic", "besteffort", "module")


@team_view
def index(request: TeamRequest, service_name: str) -> HttpResponse:
    """The databases of one hosting; `q`, `type`, `mode` and `state` in the address narrow the list."""
    service = frame.find_service(request.member, service_name)
    context = {
        **frame.of(request, service, "databases"),
        **happening.of(request, service, "databases.index"),
        **listed(request, service),
        "limits": service.choices.get("databaseCreationCapabilities") or [],
    }
    template = "databases/index.html#list" if wants_fragment(request) else "databases/index.html"
    return render(request, template, context)


def listed(request: TeamRequest, service: Service, asked: Any = None) -> dict[str, Any]:
    """What the list shows, as the address asks for it; `asked`: the parameters of the page it stands on."""
    asked = request.GET if asked is None else asked
    return {
        "databases": rows(service, _narrowed(asked)),
        "types": sorted(set(service.databases.filter(gone_at=None).values_list("type", flat=True))),
        "modes": MODES,
        "asked": asked,
        "can": allowed(request),
    }


def _narrowed(asked: Any) -> Q:
    """The filter of the list, OVH's own of `GET …/database` among them: name, server and user in one field."""
    text, wanted = clean(asked.get("q", "")), Q()
    if text:
        wanted &= Q(name__icontains=text) | Q(user__icontains=text) | Q(server__icontains=text)
    for column in ("type", "mode", "state"):
        value = clean(asked.get(column, ""))
        if value:
            wanted &= Q(**{column: value})
    return wanted


def allowed(request: TeamRequest) -> dict[str, Verdict]:
    """What this member may do to a database."""
    backing_up = may(request.member, "backups.create", team_id=request.member.team_id)
    every = (actions.CREATE, actions.DELETE, actions.PASSWORD, actions.MEASURE, actions.COPY, actions.COPY_RESTORE)
    return {**can(request, *every, actions.DELETE_COPY, actions.IMPORT), "back_up": backing_up}


def rows(service: Service, wanted: Q = Q()) -> list[Database]:  # noqa: B008  # an empty Q never changes
    """The databases as lists show them: with `last_dump_at` and `strip`."""
    created = Q(dumps__status="created", dumps__gone_at=None)
    found = _of(service).filter(wanted).annotate(last_dump_at=Max("dumps__created_at", filter=created))
    return with_strips(found)


def _of(service: Service) -> "QuerySet[Database]":
    return service.databases.filter(gone_at=None)


@team_view
def detail(request: TeamRequest, service_name: str, name: str) -> HttpResponse:
    """One database: how to reach it, how full it is, its backups, its copies, its use over time."""
    service = frame.find_service(request.member, service_name)
    shown = about(request, service, name)
    context = {
        **frame.of(request, service, "databases"),
        **happening.of(request, service, "databases.detail", about=name, is_waiting=shown["is_waiting"]),
        **shown,
    }
    template = "databases/detail.html#use" if wants_fragment(request) else "databases/detail.html"
    return render(request, template, context)


def about(request: TeamRequest, service: Service, name: str, asked: Any = None) -> dict[str, Any]:
    """What the page of one database shows beside its frame."""
    found = rows(service, Q(name=name))
    if not found:
        get_object_or_404(_of(service), name=name)
    database = found[0]
    made, is_read = copies.of(database)
    use = statistics.of(database, request.GET if asked is None else asked)
    others = [each for each in _of(service) if each.type == database.type]
    return {
        "database": database, "copies": made, "copies_read": is_read, "into": others, "use": use,
        "can": _offered(database, allowed(request)), "is_waiting": not is_read or use.is_waiting,
    }  # fmt: skip


def _offered(database: Database, can: dict[str, Verdict]) -> dict[str, Verdict]:
    """What the member may do, less what OVH does not offer for this database (GET …/capabilities)."""
    path = path_of("/database/{name}/capabilities", name=database.name)
    data = answers.of(database.service, path, fresh_for=CAPABILITIES_FRESH).data
    said = data if isinstance(data, dict) else {}
    lacking = Verdict(is_allowed=False, reason=_("OVH does not offer this for this database."))
    return {verb: lacking if said.get(CAPABILITIES.get(verb, "")) is False else it for verb, it in can.items()}


@team_view
def create(request: TeamRequest, service_name: str) -> HttpResponse:
    """The form for a new database, and the asking for it."""
    service = frame.find_service(request.member, service_name)
    frame.want_choices(service)
    return ask(
        request, actions.CREATE, service=service, template="databases/create.html",
        then=_list_of(request, service), context=frame.of(request, service, "databases"),
    )  # fmt: skip


@team_view
def delete(request: TeamRequest, service_name: str, name: str) -> HttpResponse:
    """Delete a database and with it, at OVH, its backups: asks for its name."""
    service, database = _find(request, service_name, name)
    dumps = database.dumps.filter(gone_at=None).order_by("-created_at")
    more = {"dumps_count": dumps.count(), "last_dump": dumps.filter(status="created").first()}
    return _ask(request, actions.DELETE, database, "databases/delete.html", then=_list_of(request, service),
                expected_name=name, more=more)  # fmt: skip


@team_view
def password(request: TeamRequest, service_name: str, name: str) -> HttpResponse:
    """A new password for a database."""
    _, database = _find(request, service_name, name)
    return _ask(request, actions.PASSWORD, database, "databases/password.html")


@team_view
def measure(request: TeamRequest, service_name: str, name: str) -> HttpResponse:
    """Have OVH measure its size, which also ends *read-only* once there is room again."""
    _, database = _find(request, service_name, name)
    return _ask(request, actions.MEASURE, database, "databases/button.html")


@team_view
def copy(request: TeamRequest, service_name: str, name: str) -> HttpResponse:
    """Have OVH make a copy of it."""
    _, database = _find(request, service_name, name)
    return _ask(request, actions.COPY, database, "databases/button.html")


@team_view
def delete_copy(request: TeamRequest, service_name: str, name: str, copy_id: UUID) -> HttpResponse:
    """Delete a copy before OVH does."""
    _, database = _find(request, service_name, name)
    return _ask(request, actions.DELETE_COPY, database, "databases/button.html", id=str(copy_id))


@team_view
def copy_restore(request: TeamRequest, service_name: str, name: str, copy_id: UUID) -> HttpResponse:
    """Put a copy, of this database or another, into this one: asks for its name."""
    _, database = _find(request, service_name, name)
    return _ask(request, actions.COPY_RESTORE, database, "databases/copy_restore.html", expected_name=name,
                copy_id=str(copy_id))  # fmt: skip


@team_view
def import_file(request: TeamRequest, service_name: str, name: str) -> HttpResponse:
    """Carry out a dump file on a database: asks for its name."""
    _, database = _find(request, service_name, name)
    return _ask(request, actions.IMPORT, database, "databases/import.html", expected_name=name)


def _find(request: TeamRequest, service_name: str, name: str) -> tuple[Service, Database]:
    service = frame.find_service(request.member, service_name)
    return service, get_object_or_404(_of(service), name=name)


def _ask(
    request: TeamRequest, action: Action, database: Database, template: str, *, then: str = "",
    more: dict[str, Any] | None = None, id: str | None = None, **form_options: Any,  # noqa: A002  # OVH's name
) -> HttpResponse:  # fmt: skip
    """Ask for `action` on one database, and go to its page unless `then` says where."""
    service = database.service
    target = {"name": database.name, **({"id": id} if id else {})}
    context = {**frame.of(request, service, "databases"), "database": database, **(more or {})}
    here = reverse("databases:detail", args=[request.member.team.slug, service.name, database.name])
    return ask(
        request, action, service=service, target=target, template=template, then=then or here, context=context,
        **form_options,
    )  # fmt: skip


def _list_of(request: TeamRequest, service: Service) -> str:
    return reverse("databases:index", args=[request.member.team.slug, service.name])

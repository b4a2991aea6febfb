"""The modules of a hosting: what is installed, OVH's catalogue, installing and deleting."""

from typing import Any

from django.contrib import messages
from django.db.models import Case, Q, QuerySet, Value, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.inventory import catalogue as offered
from apps.inventory import frame
from apps.inventory.models import Module, ModuleOffer, Service
from apps.modules import actions
from apps.operations import happening
from apps.operations.asking import again_of, ask, can
from apps.teams.access import TeamRequest, team_view
from apps.ui.htmx import wants_fragment
from apps.ui.pagination import paginate

BRANCHES = ("stable", "testing", "old")
ANY = "any"
# What the catalogue shows unless the address says otherwise, and what it may say.
USUAL = {"active": "true", "branch": "stable", "latest": "true"}
POSSIBLE = {"active": ("true", "false", ANY), "branch": (*BRANCHES, ANY), "latest": ("true", "false", ANY)}


@team_view
def index(request: TeamRequest, service_name: str) -> HttpResponse:
    """The modules installed on one hosting."""
    service = frame.find_service(request.member, service_name)
    offered.want(service.connection.endpoint)
    context = {
        **frame.of(request, service, "modules"),
        **happening.of(request, service, "modules.index"),
        **listed(request, service),
    }
    return render(request, "modules/index.html", context)


def listed(request: TeamRequest, service: Service, asked: Any = None) -> dict[str, Any]:
    """What the list shows; `asked`: the parameters of the page it stands on."""
    asked = request.GET if asked is None else asked
    page = paginate(asked.get("page"), service.modules.filter(gone_at=None))
    offers = {offer.ovh_id: offer for offer in _offers(service).filter(ovh_id__in=[row.module_id for row in page])}
    rows = [{"module": row, "offer": offers.get(row.module_id), "admin_url": _admin_url(row)} for row in page]
    return {"page": page, "rows": rows, "can": can(request, actions.INSTALL, actions.DELETE)}


def _admin_url(module: Module) -> str:
    """Where one signs in; empty where OVH has not told the site's address."""
    return f"{module.target_url.rstrip('/')}/{module.admin_folder.strip('/')}" if module.target_url else ""


@team_view
def catalogue(request: TeamRequest, service_name: str) -> HttpResponse:
    """What OVH can install; `active`, `branch` and `latest` in the address narrow it."""
    service = frame.find_service(request.member, service_name)
    shown = on_offer(request, service)
    context = {
        **frame.of(request, service, "modules"),
        **happening.of(request, service, "modules.catalogue", is_waiting=shown["is_waiting"]),
        **shown,
        "branches": BRANCHES,
    }
    template = "modules/catalogue.html#list" if wants_fragment(request) else "modules/catalogue.html"
    return render(request, template, context)


def on_offer(request: TeamRequest, service: Service, asked: Any = None) -> dict[str, Any]:
    """What the catalogue shows, as the address asks for it; asks for it when it is old."""
    asked = request.GET if asked is None else asked
    wanted = {name: asked.get(name) if asked.get(name) in values else USUAL[name] for name, values in POSSIBLE.items()}
    known = offered.want(service.connection.endpoint)
    return {
        "offers": list(_offers(service).filter(_narrowed(wanted))),
        "asked": wanted,
        "read_at": known.read_at,
        "is_waiting": known.read_at is None,
        "can": can(request, actions.INSTALL),
    }


def _narrowed(wanted: dict[str, str]) -> Q:
    narrowed = Q() if wanted["branch"] == ANY else Q(branch=wanted["branch"])
    for name in ("active", "latest"):
        narrowed &= Q() if wanted[name] == ANY else Q(**{name: wanted[name] == "true"})
    return narrowed


def _offers(service: Service) -> "QuerySet[ModuleOffer]":
    return ModuleOffer.objects.filter(endpoint=service.connection.endpoint)


@team_view
def install(request: TeamRequest, service_name: str) -> HttpResponse:
    """The form for a module of the catalogue (`module` in the address), and the asking for it."""
    service = frame.find_service(request.member, service_name)
    chosen = _chosen(request, service)
    offers = _versions(service, chosen) if chosen else []
    if chosen is None or not offers:
        messages.error(request, _("OVH does not install this one any more; choose another."))
        return redirect("modules:catalogue", request.member.team.slug, service.name)
    frame.want_choices(service)
    context = {**frame.of(request, service, "modules"), "offer": chosen}
    return ask(
        request, actions.INSTALL, service=service, template="modules/install.html", then=_list_of(request, service),
        context=context, offers=offers, chosen=chosen if chosen in offers else offers[0],
    )  # fmt: skip


def _chosen(request: TeamRequest, service: Service) -> ModuleOffer | None:
    """The entry of the catalogue the form is about: what was sent, clicked, or asked for the last time."""
    number = request.POST.get("moduleId") or request.GET.get("module") or ""
    again = again_of(request, actions.INSTALL, service)
    if not number and again is not None:
        number = str(again.params.get("moduleId"))
    is_number = number.isascii() and number.isdigit() and len(number) <= 18  # noqa: PLR2004  # fits into the column
    return _offers(service).filter(ovh_id=int(number)).first() if is_number else None


def _versions(service: Service, chosen: ModuleOffer) -> list[ModuleOffer]:
    """What can be installed of the same module: stable first, the newest first."""
    place = Case(*(When(branch=branch, then=Value(n)) for n, branch in enumerate(BRANCHES)), default=Value(9))
    return list(_offers(service).filter(name=chosen.name, active=True).order_by(place, "-latest", "-ovh_id"))


@team_view
def delete(request: TeamRequest, service_name: str, module_id: int) -> HttpResponse:
    """Delete a module and its files: asks for its folder."""
    service = frame.find_service(request.member, service_name)
    module = get_object_or_404(service.modules.filter(gone_at=None), ovh_id=module_id)
    context = {
        **frame.of(request, service, "modules"),
        "module": module,
        "offer": _offers(service).filter(ovh_id=module.module_id or 0).first(),
        "databases": _databases_of(service, module),
    }
    return ask(
        request, actions.DELETE, service=service, target={"id": module.ovh_id}, template="modules/delete.html",
        then=_list_of(request, service), context=context, expected_name=module.path or "/",
    )  # fmt: skip


def _databases_of(service: Service, module: Module) -> list[Any]:
    """The databases of this hosting that the module uses."""
    needed = module.raw.get("dependencies") or []
    names = [str(each.get("name") or "") for each in needed if isinstance(each, dict)]
    return list(service.databases.filter(Q(user__in=names) | Q(name__in=names), gone_at=None))


def _list_of(request: TeamRequest, service: Service) -> str:
    return reverse("modules:index", args=[request.member.team.slug, service.name])

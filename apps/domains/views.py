"""The attached domains of a hosting: the list, one of them, and what can be done with it."""

from datetime import timedelta
from typing import Any, cast

from django import forms as django_forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apps.domains import actions, dns, forms, pointing
from apps.inventory import answers, frame
from apps.inventory.models import AttachedDomain, Service
from apps.operations import happening
from apps.operations.asking import Step, ask, can
from apps.operations.forms import ActionForm
from apps.operations.registry import Action
from apps.teams.access import TeamRequest, team_view
from apps.ui.asked import clean

EVERY = (actions.ATTACH, actions.DETACH, actions.EDIT, actions.RESTART, actions.PURGE)
TOKEN_FRESH = timedelta(days=1)


@team_view
def index(request: TeamRequest, service_name: str) -> HttpResponse:
    """The domains this hosting answers for, and whether they point to it."""
    service = frame.find_service(request.member, service_name)
    context = {
        **frame.of(request, service, "domains"),
        **happening.of(request, service, "domains.index"),
        **listed(request, service),
    }
    return render(request, "domains/index.html", context)


def listed(request: TeamRequest, service: Service) -> dict[str, Any]:
    """What the list shows: each domain with `pointing`, None where that is not known."""
    domains = list(service.attacheddomains.filter(gone_at=None))
    found = pointing.of_all(service, domains)
    for domain in domains:
        domain.pointing = found.get(domain.domain)  # type: ignore[attr-defined]  # read by the template
    return {"domains": domains, "can": can(request, *EVERY)}


@team_view
def detail(request: TeamRequest, service_name: str, domain: str) -> HttpResponse:
    """One domain: its settings, and where it points."""
    service = frame.find_service(request.member, service_name)
    shown = about(request, service, domain)
    context = {
        **frame.of(request, service, "domains"),
        **happening.of(request, service, "domains.detail", about=domain, is_waiting=not shown["is_read"]),
        **shown,
    }
    return render(request, "domains/detail.html", context)


def about(request: TeamRequest, service: Service, name: str) -> dict[str, Any]:
    """What the page of one domain shows beside its frame."""
    domain = get_object_or_404(service.attacheddomains.filter(gone_at=None), domain=name)
    domain.service = service
    points, is_read = pointing.of_one(domain)
    return {"domain": domain, "points": points, "is_read": is_read, "can": can(request, *EVERY)}


@team_view
def attach(request: TeamRequest, service_name: str) -> HttpResponse:
    """The form that attaches a domain, with or without its www, and the asking for it."""
    service = frame.find_service(request.member, service_name)
    return ask(
        request, actions.ATTACH, service=service, template="domains/attach.html", plan=_attaching,
        then=_list_of(request, service), context={**frame.of(request, service, "domains"), "token": _token(service)},
    )  # fmt: skip


def _attaching(form: ActionForm) -> list[Step]:
    """The domain, and its www with the same settings."""
    form = cast("forms.DomainAttachForm", form)
    params = form.params()
    twin = [Step(actions.ATTACH, {}, {**params, "domain": form.twin})] if form.twin else []
    return [Step(actions.ATTACH, {}, params), *twin]


@require_GET
@team_view
def check(request: TeamRequest, service_name: str) -> HttpResponse:
    """What the DNS says of the domain that is being typed: a part of the form, asked for again while it is wrong."""
    service = frame.find_service(request.member, service_name)
    context: dict[str, Any] = {"service": service, "team": request.member.team}
    try:
        domain = forms.ascii_name(clean(request.GET.get("domain", ""), 253))
    except django_forms.ValidationError:
        return render(request, "domains/_dns.html", context)
    names = [domain]
    if request.GET.get("with_www") and not domain.startswith(("www.", "*.")):
        names.append(f"www.{domain}")
    standings = [dns.standing(service, name, token=_token(service)) for name in names]
    is_right = all(each.is_right for each in standings)
    return render(request, "domains/_dns.html", {**context, "standings": standings, "is_right": is_right})


def _token(service: Service) -> str:
    """What the TXT record `ovhcontrol` must hold (GET …/token); empty until it was read."""
    answer = answers.of(service, "/token", fresh_for=TOKEN_FRESH)
    return answer.data if isinstance(answer.data, str) else ""


@team_view
def edit(request: TeamRequest, service_name: str, domain: str) -> HttpResponse:
    """Other settings for a domain."""
    attached = _find(request, service_name, domain)
    initial = {name: attached.raw.get(name) for name in ("path", *actions.SHOWN)}
    return _ask(request, actions.EDIT, attached, "domains/edit.html", initial=initial)


@team_view
def restart(request: TeamRequest, service_name: str, domain: str) -> HttpResponse:
    """Restart what runs the domain's site."""
    return _ask(request, actions.RESTART, _find(request, service_name, domain), "domains/button.html")


@team_view
def purge(request: TeamRequest, service_name: str, domain: str) -> HttpResponse:
    """Empty the domain's cache."""
    return _ask(request, actions.PURGE, _find(request, service_name, domain), "domains/button.html")


@team_view
def detach(request: TeamRequest, service_name: str, domain: str) -> HttpResponse:
    """Detach a domain, with its www if wanted; the files stay. Asks for its name."""
    attached = _find(request, service_name, domain)
    twin = f"www.{domain}"
    is_twin = attached.service.attacheddomains.filter(gone_at=None, domain=twin).exists()
    return _ask(
        request, actions.DETACH, attached, "domains/detach.html", then=_list_of(request, attached.service),
        plan=_detaching, expected_name=domain, twin=twin if is_twin else "",
    )  # fmt: skip


def _detaching(form: ActionForm) -> list[Step]:
    form = cast("forms.DomainDetachForm", form)
    params = form.params()
    twin = [Step(actions.DETACH, {"domain": form.twin}, params)] if form.cleaned_data.get("with_www") else []
    return [Step(actions.DETACH, form.target, params), *twin]


def _find(request: TeamRequest, service_name: str, domain: str) -> AttachedDomain:
    service = frame.find_service(request.member, service_name)
    attached = get_object_or_404(service.attacheddomains.filter(gone_at=None), domain=domain)
    attached.service = service
    return attached


def _ask(
    request: TeamRequest, action: Action, domain: AttachedDomain, template: str, *, then: str = "", **options: Any
) -> HttpResponse:
    """Ask for `action` on one domain, and go to its page unless `then` says where."""
    service = domain.service
    here = reverse("domains:detail", args=[request.member.team.slug, service.name, domain.domain])
    return ask(
        request, action, service=service, target={"domain": domain.domain}, template=template, then=then or here,
        context={**frame.of(request, service, "domains"), "domain": domain}, **options,
    )  # fmt: skip


def _list_of(request: TeamRequest, service: Service) -> str:
    return reverse("domains:index", args=[request.member.team.slug, service.name])

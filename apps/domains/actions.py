"""What can be done with the attached domains of a hosting."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.domains import forms
from apps.inventory import reading
from apps.inventory.frame import Tab, register_tab
from apps.inventory.models import AttachedDomain
from apps.operations.models import Operation
from apps.operations.registry import Action, Found, Params, Verdict, register
from apps.ovhapi.client import Client
from apps.teams.models import Role


def _attached(client: Client, operation: Operation) -> Found:
    """GET …/attachedDomain/{domain}: there, finished, and in the folder that was asked for."""
    domain = reading.read_domain(client, operation.service, operation.params["domain"])
    if domain is None:
        return Found(Verdict.OTHERWISE)
    facts = _facts(domain)
    if domain.status in ("creating", "updating"):
        return Found(Verdict.UNDER_WAY, facts)
    is_there = _folder(domain.path) == _folder(str(operation.params.get("path", "")))
    return Found(Verdict.AS_ASKED if is_there else Verdict.OTHERWISE, facts)


def _detached(client: Client, operation: Operation) -> Found:
    """GET …/attachedDomain/{domain}: 404 is what was asked for."""
    domain = reading.read_domain(client, operation.service, operation.target["domain"])
    if domain is None:
        return Found(Verdict.AS_ASKED)
    return Found(Verdict.UNDER_WAY if domain.status == "deleting" else Verdict.OTHERWISE, _facts(domain))


def _facts(domain: AttachedDomain) -> dict[str, Any]:
    return {"path": domain.path, "ssl": domain.ssl, "status": domain.status}


def _folder(path: str) -> str:
    """OVH writes the same folder as `www`, `./www` and `/www/`."""
    return path.removeprefix(".").strip("/")


def _domain_of(target: Params, params: Params) -> str:
    return str(target.get("domain") or params.get("domain"))


def _conflict(target: Params, params: Params) -> str:
    return f"domain:{_domain_of(target, params)}"


ATTACH = register(
    Action(
        key="domains.attach",
        title=_("Attach a domain"),
        sentence=_("Attach %(label)s"),
        method="POST",
        path="/hosting/web/{serviceName}/attachedDomain",
        form=forms.DomainAttachForm,
        role=Role.OPERATOR,
        function="attachedDomain/create",
        label=_domain_of,
        conflict=_conflict,
        read_back=_attached,
        usual=timedelta(minutes=2),
        once_done=_("DNS and certificate can take some hours more."),
    )
)

DETACH = register(
    Action(
        key="domains.detach",
        title=_("Detach"),
        sentence=_("Detach %(label)s"),
        method="DELETE",
        path="/hosting/web/{serviceName}/attachedDomain/{domain}",
        form=forms.DomainDetachForm,
        role=Role.OPERATOR,
        function="attachedDomain/delete",
        query=frozenset({"bypassDNSConfiguration"}),
        has_body=False,
        destroys=True,
        label=_domain_of,
        conflict=_conflict,
        read_back=_detached,
        usual=timedelta(minutes=1),
    )
)

register_tab(
    Tab(
        key="domains",
        label=_("Domains"),
        url_name="domains:index",
        order=20,
        count=lambda service: service.attacheddomains.filter(gone_at=None).count(),
    )
)

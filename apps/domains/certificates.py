"""What can be done with certificates: the hosting's, and those single domains have for themselves.

OVH answers each call with the certificate, which shows the task; its own state and provider prove the outcome.
"""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.domains import certificate_forms as forms
from apps.domains import coverage, handshake, probes
from apps.inventory import answers, reading
from apps.inventory.frame import Tab, register_tab
from apps.inventory.models import Service
from apps.operations.models import Operation
from apps.operations.registry import Action, Answers, Found, Params, Resend, Verdict, register
from apps.ovhapi.client import Client, path_of
from apps.ovhapi.errors import Missing

SSL = "/hosting/web/{serviceName}/ssl"
DOMAIN_SSL = "/hosting/web/{serviceName}/attachedDomain/{domain}/ssl"
OWN = "CUSTOM"


def _ordered(client: Client, operation: Operation) -> Found:
    """GET …/ssl: there, made by OVH and at rest. There was none before."""
    service = _read(client, operation)
    return _told(operation, service.raw_ssl, is_right=service.ssl_provider != OWN, **_facts(service))


def _imported(client: Client, operation: Operation) -> Found:
    """GET …/ssl: there, one of one's own and at rest. There was none before."""
    service = _read(client, operation)
    return _told(operation, service.raw_ssl, is_right=service.ssl_provider == OWN, **_facts(service))


def _regenerated(client: Client, operation: Operation) -> Found:
    """GET …/ssl and …/ssl/domains: at rest, with the domains that had to be in it. Only its task tells it is new."""
    service = _read(client, operation)
    missing = [
        name for name in operation.params.get("expected") or () if not handshake.covers(service.ssl_domains, name)
    ]
    facts = _facts(service) | ({"missing": ", ".join(missing)} if missing else {})
    return _told(operation, service.raw_ssl, is_right=not missing, **facts)


def _deleted(client: Client, operation: Operation) -> Found:
    """GET …/ssl: 404 is what was asked for."""
    return _gone(operation, _read(client, operation).raw_ssl)


def _domain_at_rest(client: Client, operation: Operation) -> Found:
    """GET …/attachedDomain/{domain}/ssl: there and at rest."""
    raw = _read_own(client, operation)
    return _told(operation, raw, is_right=True, provider=raw.get("provider"), status=raw.get("status"))


def _domain_deleted(client: Client, operation: Operation) -> Found:
    """GET …/attachedDomain/{domain}/ssl: 404 is what was asked for."""
    return _gone(operation, _read_own(client, operation))


def _told(operation: Operation, raw: dict[str, Any], *, is_right: bool, **facts: Any) -> Found:
    """What a certificate's state says; none at all is not what was asked for."""
    if not raw:
        return Found(Verdict.OTHERWISE)
    if raw.get("status") != "created":
        return Found(Verdict.OTHERWISE if raw.get("status") == "deleting" else Verdict.UNDER_WAY, facts)
    return _proven(operation, facts) if is_right else Found(Verdict.OTHERWISE, facts)


def _gone(operation: Operation, raw: dict[str, Any]) -> Found:
    if not raw:
        return _proven(operation, {})
    verdict = Verdict.UNDER_WAY if raw.get("status") == "deleting" else Verdict.OTHERWISE
    return Found(verdict, {"status": raw.get("status")})


def _proven(operation: Operation, facts: dict[str, Any]) -> Found:
    """It is as asked: see what browsers see of it now."""
    domains, name = coverage.attached(operation.service).exclude(ssl=False), operation.target.get("domain")
    if name:
        domains = domains.filter(domain=name)
    answers.forget(operation.service, (coverage.path(name) if name else "/ssl") + "/report")
    probes.want(domains[: coverage.PER_PAGE], fresh_for=probes.AT_ONCE)
    return Found(Verdict.AS_ASKED, facts)


def _read(client: Client, operation: Operation) -> Service:
    return reading.read_certificate(client, operation.service)


def _facts(service: Service) -> dict[str, Any]:
    facts = {"provider": service.ssl_provider, "status": service.ssl_status, "domains": len(service.ssl_domains)}
    return facts if service.ssl_provider else {}


def _read_own(client: Client, operation: Operation) -> dict[str, Any]:
    """A domain's own certificate, and what pages are told of it; empty when it has none."""
    service, domain = operation.service, operation.target["domain"]
    below = coverage.path(domain)
    try:
        raw = client.get(path_of("/hosting/web/{serviceName}", serviceName=service.name) + below)
    except Missing:
        raw = None
    answers.learnt(service, below, raw)
    return raw if isinstance(raw, dict) else {}


def _domain(target: Params, _params: Params) -> str:
    return str(target["domain"])


def _whole(_target: Params, params: Params) -> str:
    """An operation on the hosting's certificate is about no domain, an import about the first it names."""
    return str(next(iter(params.get("names") or ()), "SSL"))


def _conflict(target: Params, _params: Params) -> str:
    """One at a time for a certificate."""
    return f"certificate:{target.get('domain', '')}"


LATER = _("Until browsers see it everywhere some hours can pass.")

ORDER = register(
    Action(
        key="domains.ssl_order",
        title=_("Get a free certificate"),
        sentence=_("Get a free certificate for the hosting"),
        method="POST",
        path=SSL,
        form=forms.CertificateOrderForm,
        function="hostedssl/create",
        answers=Answers.OBJECT,
        label=_whole,
        conflict=_conflict,
        read_back=_ordered,
        usual=timedelta(minutes=2),
        once_done=LATER,
    )
)

IMPORT = register(
    Action(
        key="domains.ssl_import",
        title=_("Import a certificate"),
        sentence=_("Import a certificate for %(label)s"),
        method="POST",
        path=SSL,
        form=forms.CertificateImportForm,
        function="hostedssl/import",
        secrets=frozenset({"key"}),
        panel_only=frozenset({"names", "until"}),
        answers=Answers.OBJECT,
        label=_whole,
        conflict=_conflict,
        read_back=_imported,
        usual=timedelta(minutes=2),
        once_done=_("OVH does not renew it: import the next one before it expires."),
    )
)

REGENERATE = register(
    Action(
        key="domains.ssl_regenerate",
        title=_("Regenerate the certificate"),
        sentence=_("Regenerate the hosting's certificate"),
        method="POST",
        path=SSL + "/regenerate",
        form=forms.CertificateRegenerateForm,
        function="hostedssl/regenerate",
        panel_only=frozenset({"expected"}),
        has_body=False,
        answers=Answers.OBJECT,
        resend=Resend.NEVER,
        is_about_service=True,
        label=_whole,
        conflict=_conflict,
        read_back=_regenerated,
        usual=timedelta(minutes=2),
        once_done=LATER,
    )
)

DELETE = register(
    Action(
        key="domains.ssl_delete",
        title=_("Delete the certificate"),
        sentence=_("Delete the hosting's certificate"),
        method="DELETE",
        path=SSL,
        form=forms.CertificateDeleteForm,
        function="hostedssl/delete",
        has_body=False,
        answers=Answers.OBJECT,
        destroys=True,
        label=_whole,
        conflict=_conflict,
        read_back=_deleted,
        usual=timedelta(minutes=1),
    )
)

DOMAIN_ORDER = register(
    Action(
        key="domains.domain_ssl_order",
        title=_("Get a certificate of its own"),
        sentence=_("Get a certificate of its own for %(label)s"),
        method="POST",
        path=DOMAIN_SSL,
        form=forms.DomainCertificateForm,
        function="hostedssl/create",
        has_body=False,
        answers=Answers.OBJECT,
        label=_domain,
        conflict=_conflict,
        read_back=_domain_at_rest,
        usual=timedelta(minutes=2),
        once_done=LATER,
    )
)

DOMAIN_REGENERATE = register(
    Action(
        key="domains.domain_ssl_regenerate",
        title=_("Regenerate its certificate"),
        sentence=_("Regenerate the certificate of %(label)s"),
        method="POST",
        path=DOMAIN_SSL + "/regenerate",
        form=forms.DomainCertificateForm,
        function="hostedssl/regenerate",
        has_body=False,
        answers=Answers.OBJECT,
        resend=Resend.NEVER,
        is_about_service=True,
        label=_domain,
        conflict=_conflict,
        read_back=_domain_at_rest,
        usual=timedelta(minutes=2),
        once_done=LATER,
    )
)

DOMAIN_DELETE = register(
    Action(
        key="domains.domain_ssl_delete",
        title=_("Delete its certificate"),
        sentence=_("Delete the certificate of %(label)s"),
        method="DELETE",
        path=DOMAIN_SSL,
        form=forms.DomainCertificateDeleteForm,
        function="hostedssl/delete",
        has_body=False,
        answers=Answers.OBJECT,
        destroys=True,
        label=_domain,
        conflict=_conflict,
        read_back=_domain_deleted,
        usual=timedelta(minutes=1),
    )
)

register_tab(Tab(key="ssl", label=_("SSL"), url_name="domains:ssl", order=30))

"""What can be done with the attached domains of a hosting."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.domains import certificates, dns, forms  # noqa: F401  # `certificates` registers actions of its own
from apps.inventory import answers, reading
from apps.inventory.frame import Tab, register_tab
from apps.inventory.models import AttachedDomain
from apps.operations.models import Operation
from apps.operations.registry import Action, Answers, Found, Params, Ready, Resend, Verdict, register
from apps.ovhapi.client import Client, path_of


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


def _edited(client: Client, operation: Operation) -> Found:
    """GET …/attachedDomain/{domain}: at rest, and each setting as asked."""
    domain = reading.read_domain(client, operation.service, operation.target["domain"])
    if domain is None:
        return Found(Verdict.OTHERWISE)
    facts = _facts(domain)
    if domain.status != "created":
        return Found(Verdict.UNDER_WAY, facts)
    answers.forget(operation.service, path_of("/attachedDomain/{domain}", domain=domain.domain))
    is_so = all(_is_as_asked(domain, name, value) for name, value in operation.params.items())
    return Found(Verdict.AS_ASKED if is_so else Verdict.OTHERWISE, facts)


def _is_as_asked(domain: AttachedDomain, name: str, value: Any) -> bool:
    """Whether one setting is what was asked for; what OVH does not show again is not asked."""
    if name == "path":
        return _folder(domain.path) == _folder(str(value))
    if name not in SHOWN or (value in ("", None) and name not in CLEARED):
        return True
    return (domain.raw.get(name) or None) == (value or None)


def _at_rest(client: Client, operation: Operation) -> Found:
    """GET …/attachedDomain/{domain}: nothing is done to it any more. What was done only the task tells."""
    domain = reading.read_domain(client, operation.service, operation.target["domain"])
    if domain is None:
        return Found(Verdict.OTHERWISE)
    return Found(Verdict.AS_ASKED if domain.status == "created" else Verdict.UNDER_WAY, _facts(domain))


def _dns_is_right(operation: Operation) -> bool:
    """Whether the domain points to the hosting and, where it must be, the TXT record is there."""
    kept = operation.service.answers.filter(path="/token", query="").first()
    token = str(kept.data) if kept is not None and kept.data else ""
    return dns.standing(operation.service, operation.params["domain"], token=token).is_right


# What GET shows of what PUT sets.
CLEARED = frozenset({"ipLocation", "ownLog", "runtimeId"})
SHOWN = frozenset({"ssl", "cdn", "firewall", "ipLocation", "ownLog", "runtimeId"})

ATTACH = register(
    Action(
        key="domains.attach",
        title=_("Attach a domain"),
        sentence=_("Attach %(label)s"),
        method="POST",
        path="/hosting/web/{serviceName}/attachedDomain",
        form=forms.DomainAttachForm,
        function="attachedDomain/create",
        label=_domain_of,
        conflict=_conflict,
        read_back=_attached,
        usual=timedelta(minutes=2),
        panel_only=frozenset({"when_dns_is_right"}),
        ready=Ready(
            field="when_dns_is_right",
            holds=_dns_is_right,
            waiting="dns",
            every=timedelta(minutes=1),
            at_most=timedelta(days=7),
        ),
        once_done=_("DNS and certificate can take some hours more."),
    )
)

EDIT = register(
    Action(
        key="domains.edit",
        title=_("Edit"),
        sentence=_("Edit %(label)s"),
        method="PUT",
        path="/hosting/web/{serviceName}/attachedDomain/{domain}",
        form=forms.DomainEditForm,
        function="attachedDomain/update",
        answers=Answers.NOTHING,
        clears=CLEARED,
        label=_domain_of,
        conflict=_conflict,
        read_back=_edited,
        usual=timedelta(seconds=30),
        once_done=_("OVH's servers can need some minutes more to follow."),
    )
)

RESTART = register(
    Action(
        key="domains.restart",
        title=_("Restart"),
        sentence=_("Restart %(label)s"),
        method="POST",
        path="/hosting/web/{serviceName}/attachedDomain/{domain}/restart",
        form=forms.DomainButtonForm,
        function="attachedDomain/restart",
        has_body=False,
        resend=Resend.HARMLESS,
        label=_domain_of,
        conflict=_conflict,
        read_back=_at_rest,
        usual=timedelta(seconds=30),
    )
)

PURGE = register(
    Action(
        key="domains.purge",
        title=_("Empty the cache"),
        sentence=_("Empty the cache of %(label)s"),
        method="POST",
        path="/hosting/web/{serviceName}/attachedDomain/{domain}/purgeCache",
        form=forms.DomainButtonForm,
        function="cdn/domain/flush",
        has_body=False,
        resend=Resend.HARMLESS,
        label=_domain_of,
        conflict=_conflict,
        read_back=_at_rest,
        usual=timedelta(seconds=30),
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

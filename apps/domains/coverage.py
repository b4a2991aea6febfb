"""Which attached domains have a certificate, from what is known here, and whether it is the time to ask for one."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.domains import dns, handshake, pointing, probes
from apps.domains.probes import Look
from apps.inventory import answers
from apps.inventory.models import AttachedDomain, Probe, Service
from apps.operations.models import Operation, State
from apps.ovhapi.client import path_of
from apps.ui.templatetags.ui import idna

FRESH = timedelta(hours=6)
REPORT_FRESH = timedelta(hours=1)
PER_PAGE = 30
# Let's Encrypt's limit, as OVH says it; not exact, for it also counts what other hostings ask for the same names.
MOST_A_WEEK = 5
WEEK = timedelta(days=7)
# OVH leaves out what was attached so lately.
LATELY = timedelta(hours=2)
# After a change OVH's servers show the new certificate some time later: look more often for a while.
CHANGING, LOOK_OFTEN = timedelta(hours=6), timedelta(minutes=15)
ISSUING = (
    "domains.ssl_order", "domains.ssl_regenerate", "domains.domain_ssl_order", "domains.domain_ssl_regenerate",
)  # fmt: skip
ISSUING_TASKS = ("hostedssl/create", "hostedssl/regenerate")
IN_PLACE = ("created", "regenerating")
# How many domains a sentence names.
NAMED = 5
REPORT = {
    "certificateSigningRequestStatus": gettext_lazy("Signing request"),
    "domainControlValidationStatus": gettext_lazy("Control of the domain"),
    "organizationValidationStatus": gettext_lazy("Organisation"),
    "tradeNameVerificationStatus": gettext_lazy("Trade name"),
    "phoneCallApprovalStatus": gettext_lazy("Phone call"),
    "termsAndConditionsAcceptanceStatus": gettext_lazy("Terms and conditions"),
}
REPORT_STATES = {
    "completed": ("good", gettext_lazy("done")),
    "in-progress": ("run", gettext_lazy("under way")),
    "non-completed": ("warn", gettext_lazy("not done yet")),
    "not-provided": ("warn", gettext_lazy("something is missing from you")),
    "non-required": ("", gettext_lazy("not needed")),
    "not-applicable": ("", gettext_lazy("does not apply")),
}


@dataclass(frozen=True)
class Own:
    """The certificate a domain has for itself. `state`: own, none, or unknown while it has not been read."""

    state: str
    raw: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One check of an authority. `tone`: good, run, warn or none."""

    label: str
    tone: str
    words: str


@dataclass(frozen=True)
class Row:
    """One attached domain. `by`: hosting, own, none, off (its SSL is off) or unknown."""

    domain: AttachedDomain
    by: str
    own: Own
    look: Look | None
    report: list[Step]


@dataclass(frozen=True)
class Check:
    """Something that should be so before OVH is asked. `tone`: good, warn or bad."""

    tone: str
    words: str


def path(domain: str) -> str:
    """A domain's own certificate, below the service."""
    return path_of("/attachedDomain/{domain}/ssl", domain=domain)


def attached(service: Service) -> Any:
    """The domains of the hosting."""
    return service.attacheddomains.filter(gone_at=None)


def with_ssl(service: Service) -> list[AttachedDomain]:
    """Those that are to have a certificate."""
    return list(attached(service).filter(ssl=True).exclude(status="deleting"))


def by_hosting(service: Service, domain: str) -> bool:
    """Whether the hosting's certificate covers `domain`, as OVH says."""
    return service.ssl_status in IN_PLACE and handshake.covers(service.ssl_domains, domain)


def owns(service: Service, domains: Iterable[AttachedDomain]) -> dict[str, Own]:
    """The certificate of its own each domain has, by name; asks OVH for what is not known."""
    paths = {each.domain: path(each.domain) for each in domains}
    found = answers.of_many(service, sorted(set(paths.values())), fresh_for=FRESH)
    return {name: _own(found.get(below)) for name, below in paths.items()}


def _own(answer: Any) -> Own:
    raw = answer.data if answer is not None and isinstance(answer.data, dict) else {}
    if raw.get("provider"):
        return Own("own", raw)
    return Own("none" if answer is not None and answer.read_at else "unknown")


def rows(service: Service, domains: list[AttachedDomain], own: dict[str, Own]) -> list[Row]:
    """The domains of one page as it shows them; asks for looks that are old."""
    looks = probes.want([each for each in domains if each.ssl is not False], fresh_for=_fresh(service))
    reportable = [name for name, each in own.items() if each.raw.get("isReportable")]
    paths = {name: path(name) + "/report" for name in reportable}
    found = answers.of_many(service, paths.values(), fresh_for=REPORT_FRESH) if paths else {}
    reports = {name: report(found[below].data) for name, below in paths.items() if below in found}
    return [
        Row(each, _by(service, each, own), own[each.domain], looks.get(each.pk), reports.get(each.domain, []))
        for each in domains
    ]


def _by(service: Service, domain: AttachedDomain, own: dict[str, Own]) -> str:
    if own[domain.domain].state == "own":
        return "own"
    if domain.ssl is False:
        return "off"
    return "hosting" if by_hosting(service, domain.domain) else own[domain.domain].state


def _fresh(service: Service) -> timedelta:
    """How old a look may be: less while a change of a certificate takes effect."""
    changed = Operation.objects.filter(
        service=service, action__contains="ssl_", finished_at__gte=timezone.now() - CHANGING, state=State.SUCCEEDED
    )
    return LOOK_OFTEN if changed.exists() else probes.FRESH


def uncovered(service: Service) -> list[AttachedDomain]:
    """Domains with SSL on that the hosting's certificate does not cover, as many as a page has."""
    return [each for each in with_ssl(service) if not by_hosting(service, each.domain)][:PER_PAGE]


def waiting(service: Service) -> list[str]:
    """Domains with SSL on and, as far as is known, no certificate at all."""
    missing = uncovered(service)
    own = owns(service, missing) if missing else {}
    return [each.domain for each in missing if own[each.domain].state == "none"]


def lately(service: Service) -> set[str]:
    """The domains attached less than two hours ago, here or in OVH's Manager."""
    since = timezone.now() - LATELY
    ours = Operation.objects.filter(
        service=service, action="domains.attach", state=State.SUCCEEDED, finished_at__gte=since
    )
    tasks = service.servicetasks.filter(
        Q(done_at__gte=since) | Q(started_at__gte=since), function="attachedDomain/create"
    )
    return {*ours.values_list("label", flat=True), *tasks.values_list("object_id", flat=True)}


def issued(service: Service) -> int:
    """How many certificates were asked for here in the last seven days, those asked for in OVH's Manager among them."""
    since = timezone.now() - WEEK
    ours = Operation.objects.filter(service=service, action__in=ISSUING, requested_at__gte=since)
    counted = ours.exclude(state=State.CANCELLED).exclude(state=State.FAILED, accepted_at=None)
    mine = [number for number in counted.values_list("task_id", flat=True) if number]
    tasks = service.servicetasks.filter(function__in=ISSUING_TASKS, started_at__gte=since).exclude(ovh_id__in=mine)
    return int(counted.count() + tasks.count())


def points(service: Service, domains: list[AttachedDomain]) -> dict[str, str]:
    """right, wrong, none or unknown of each domain: as OVH sees it, else as the panel itself last saw it."""
    seen = {name: each.state for name, each in pointing.of_all(service, domains).items()}
    records = dict(Probe.objects.filter(domain__in=domains).values_list("domain__domain", "dns"))
    ours = {value for values in dns.addresses_of(service).values() for value in values}
    for each in domains:
        found = [value for kind in ("A", "AAAA") for value in records.get(each.domain, {}).get(kind, [])]
        if seen.get(each.domain, "unknown") == "unknown" and found:
            seen[each.domain] = "right" if set(found) <= ours else "wrong"
    return {each.domain: seen.get(each.domain, "unknown") for each in domains}


def expected(service: Service) -> list[str]:
    """The domains a new certificate must cover: with SSL, known to point here, and not attached just now."""
    domains, recent = with_ssl(service), lately(service)
    known = points(service, domains)
    return [name for name, state in known.items() if state == "right" and name not in recent]


def checks(service: Service, domains: list[AttachedDomain] | None = None) -> list[Check]:
    """What speaks for and against asking OVH for a certificate now, for all of the hosting or only `domains`."""
    domains = with_ssl(service) if domains is None else domains
    found = [_has_ssl(domains)]
    if domains:
        found += _pointing(points(service, domains))
    found.append(_limit(issued(service)))
    recent = sorted(lately(service) & {each.domain for each in domains})
    if recent:
        said = _("Attached less than two hours ago, so OVH may leave it out: %(names)s. Waiting saves a second try.")
        found.append(Check("warn", said % {"names": named(recent)}))
    return found


def _has_ssl(domains: list[AttachedDomain]) -> Check:
    if not domains:
        return Check("bad", _("No attached domain has SSL on: OVH would have nothing to make a certificate for."))
    count = len(domains)
    words = ngettext("%(count)s domain has SSL on.", "%(count)s domains have SSL on.", count)
    return Check("good", words % {"count": count})


def _pointing(known: dict[str, str]) -> list[Check]:
    groups: dict[str, list[str]] = {"right": [], "wrong": [], "unknown": []}
    for name, state in known.items():
        groups["wrong" if state == "none" else state].append(name)
    found = []
    if groups["right"]:
        found.append(Check("good", _("These point to this hosting: %(names)s.") % {"names": named(groups["right"])}))
    if groups["wrong"]:
        tone = "warn" if groups["right"] or groups["unknown"] else "bad"
        said = _("Do not point to this hosting, or not only, so OVH may leave them out: %(names)s.")
        found.append(Check(tone, said % {"names": named(groups["wrong"])}))
    if groups["unknown"]:
        said = _("Where they point is not known yet: %(names)s.")
        found.append(Check("warn", said % {"names": named(groups["unknown"])}))
    return found


def _limit(count: int) -> Check:
    words = {"count": count, "most": MOST_A_WEEK}
    if count >= MOST_A_WEEK:
        said = _("%(count)s asked for in the last seven days; Let’s Encrypt gives about %(most)s. OVH may refuse this.")
        return Check("warn", said % words)
    return Check("good", _("%(count)s of about %(most)s a week asked for in the last seven days.") % words)


def named(names: list[str]) -> str:
    """Some domains in a sentence: the first few by name, the rest by number."""
    first, more = [idna(name) for name in names[:NAMED]], len(names) - NAMED
    rest = [ngettext("%(count)s more", "%(count)s more", more) % {"count": more}] if more > 0 else []
    return ", ".join([*first, *rest])


def report(data: Any) -> list[Step]:
    """`ssl.Report` in words; nothing while it has not been read."""
    if not isinstance(data, dict):
        return []
    steps = []
    for name, label in REPORT.items():
        state = str(data.get(name) or "")
        tone, words = REPORT_STATES.get(state, ("", state))
        if state:
            steps.append(Step(str(label), tone, str(words)))
    return steps

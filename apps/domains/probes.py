"""The panel's own look at what each domain shows: asked for by pages, taken by a worker, kept beside the domain."""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from apps.domains import handshake
from apps.domains.handshake import Seen
from apps.inventory.models import AttachedDomain, Probe
from hostpanel.nudging import nudge

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

FRESH = timedelta(hours=6)
ASKED_LATELY = timedelta(minutes=1)
# So many at a time, each in a thread of its own; what hangs longer than that is looked at another time.
A_TASK = 10
LONGEST_S = 25.0
AMBER, RED = timedelta(days=21), timedelta(days=7)
AT_ONCE = timedelta(0)
NEVER = "never"

PROBLEMS: "dict[str, tuple[_StrPromise, _StrPromise]]" = {
    "dns": (_("The DNS did not answer"), _("The panel looks again later.")),
    "no_address": (_("It points nowhere"), _("The domain has no A or AAAA record.")),
    "private": (_("It points to a private address"), _("Nobody outside can reach it; the panel does not try.")),
    "no_answer": (_("No answer"), _("Nothing answers at its address on port 443.")),
    "no_tls": (_("No certificate"), _("What answers there does not speak TLS as browsers do.")),
    "unreadable": (_("Not readable"), _("What it shows is not a certificate.")),
    "expired": (_("Expired"), _("Browsers warn every visitor.")),
    "not_yet": (_("Not valid yet"), _("Browsers warn every visitor until it begins.")),
    "name": (_("Not for this name"), _("The certificate it shows is for other names; browsers warn every visitor.")),
    "self_signed": (_("Self-signed"), _("No authority vouches for it; browsers warn every visitor.")),
    "untrusted": (_("Not trusted"), _("Its chain leads to no authority that browsers know.")),
}


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the page shows of a look. `state`: ok, soon (amber), bad, waiting or never."""

    state: str
    problem: "tuple[_StrPromise, _StrPromise] | None" = None
    issuer: str = ""
    names: tuple[str, ...] = ()
    address: str = ""
    ends_at: datetime | None = None
    at: datetime | None = None

    @property
    def more(self) -> int:
        """How many names it has beside the first."""
        return max(len(self.names) - 1, 0)

    @property
    def days(self) -> int:
        """Whole days until it ends; negative once it has."""
        return (self.ends_at - timezone.now()).days if self.ends_at else 0


def want(domains: Iterable[AttachedDomain], *, fresh_for: timedelta = FRESH) -> dict[int, Look]:
    """The last look at each domain, by its row's id; asks for those never taken or older than `fresh_for`.

    Two queries where all is fresh, three where something is asked for, however many domains. Wildcards are left out:
    there is no such host.
    """
    pks = [each.pk for each in domains if not each.domain.startswith("*.")]
    if not settings.PROBE or not pks:
        return {}
    Probe.objects.bulk_create([Probe(domain_id=pk) for pk in pks], ignore_conflicts=True)
    found = list(Probe.objects.filter(domain__in=pks))
    now = timezone.now()
    old = [each for each in found if each.probed_at is None or now - each.probed_at > fresh_for]
    asked = [each for each in old if not _is_awaited(each, now)]
    Probe.objects.filter(pk__in=[each.pk for each in asked]).update(asked_at=now)
    for start in range(0, len(asked), A_TASK):
        nudge("domains.probe", *(each.domain_id for each in asked[start : start + A_TASK]), expires_s=120)
    for each in asked:
        each.asked_at = now
    return {each.domain_id: _shown(each, now) for each in found}


def carry_out(pks: Iterable[int]) -> None:
    """Look at these domains, all at once, and keep what is seen."""
    if not settings.PROBE:
        return
    rows = AttachedDomain.objects.filter(pk__in=list(pks)[:A_TASK], gone_at=None)
    pool = ThreadPoolExecutor(max_workers=A_TASK)
    looks = {pool.submit(handshake.look, row.domain): row for row in rows}
    try:
        for look in as_completed(looks, timeout=LONGEST_S):
            _keep(looks[look], look)
    except TimeoutError:
        pass  # asked for again when somebody looks
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _keep(domain: AttachedDomain, look: "Future[Seen]") -> None:
    seen = look.result()
    tls = {
        "error": seen.error, "issuer": seen.issuer, "names": seen.names, "address": seen.address,
        "begins": seen.begins_at.isoformat() if seen.begins_at else "",
    }  # fmt: skip
    dns = {**seen.records, **({"error": "dns"} if seen.error == "dns" else {})}
    fields = {"tls": tls, "dns": dns, "tls_expires_at": seen.ends_at, "probed_at": timezone.now()}
    Probe.objects.update_or_create(domain=domain, defaults=fields)


def _is_awaited(probe: Probe, now: datetime) -> bool:
    """Whether a look was asked for a moment ago and has not been taken yet."""
    if probe.asked_at is None or now - probe.asked_at > ASKED_LATELY:
        return False
    return probe.probed_at is None or probe.asked_at > probe.probed_at


def _shown(probe: Probe, now: datetime) -> Look:
    if _is_awaited(probe, now):
        return Look(state="waiting")
    if probe.probed_at is None:
        return Look(state=NEVER)
    tls = probe.tls
    # It may have expired, or begun, since it was seen.
    error, begins = tls.get("error", ""), parse_datetime(tls.get("begins") or "")
    if error in ("", "not_yet") and begins:
        error = "not_yet" if begins > now else ""
    if not error and probe.tls_expires_at and probe.tls_expires_at < now:
        error = "expired"
    problem = PROBLEMS.get(error, PROBLEMS["untrusted"]) if error else None
    return Look(
        state="bad" if problem else _state(probe.tls_expires_at, now), problem=problem, issuer=tls.get("issuer", ""),
        names=tuple(tls.get("names", ())), address=tls.get("address", ""), ends_at=probe.tls_expires_at,
        at=probe.probed_at,
    )  # fmt: skip


def _state(ends_at: datetime | None, now: datetime) -> str:
    if ends_at is None or ends_at - now < RED:
        return "bad"
    return "soon" if ends_at - now < AMBER else "ok"

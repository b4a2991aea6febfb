"""Before and after each call of an account: the breaker, and the health people see.

Both live on the row and change by conditional updates only, so that workers need not agree and nothing is written
while all is well.
"""

from dataclasses import dataclass

import structlog
from django.db import transaction
from django.utils import timezone

from apps.audit.services import record
from apps.connections.models import BLOCKED_BY, BLOCKING, Connection, Health
from apps.ovhapi import breaker
from apps.ovhapi.breaker import Breaker, Door
from apps.ovhapi.errors import NotGranted, NotNow, OvhError

log = structlog.get_logger(__name__)

# One answer that does not come is nobody's business; three in a row are.
TROUBLE_AFTER = 3
# What a call that comes back proves wrong. Missing rights are only given by a person, with a new key.
PASSING = (*BLOCKING, Health.UNREACHABLE, Health.RATE_LIMITED)


@dataclass(frozen=True)
class Gate:
    """What a client asks before each call of the account `pk`, and tells after it.

    `sealed`: the credential it calls with; what it proves says nothing about another one.
    """

    pk: int
    sealed: str

    def before(self) -> None:
        """Raise NotNow while the account is paused; let one call through to try when the pause is over."""
        now = timezone.now()
        state = self._breaker()
        door = breaker.door(state, now=now)
        if door is Door.OPEN or (door is Door.PROBE and self._takes_probe(state)):
            return
        msg = "OVH has failed several times in a row; the panel pauses."
        raise NotNow(msg, reason="paused", seconds=breaker.seconds_shut(state, now=now))

    def after(self, error: OvhError | None) -> None:
        """Book how the call ended."""
        failures = self._count(error)
        if error is None:
            self._recovered()
        elif (health := _health_for(error, failures)) is not None:
            fell_ill(self.pk, health, error, sealed=self.sealed)

    def _breaker(self) -> Breaker:
        columns = ("failures", "paused_until", "probe_until")
        return Breaker(*Connection.objects.values_list(*columns).get(pk=self.pk))

    def _takes_probe(self, state: Breaker) -> bool:
        """Whether this call is the one that tries."""
        mine = Connection.objects.filter(pk=self.pk, paused_until=state.paused_until, probe_until=state.probe_until)
        return bool(mine.update(probe_until=breaker.probing(state, now=timezone.now()).probe_until))

    def _count(self, error: OvhError | None) -> int:
        """Move the breaker; how many failures there are in a row now."""
        if error is not None and breaker.counts(error):
            state = breaker.failed(self._breaker(), now=timezone.now())
        elif error is None or error.status is not None:
            state = breaker.worked()
        else:
            return 0
        changes = {"failures": state.failures, "paused_until": state.paused_until, "probe_until": None}
        row = Connection.objects.filter(pk=self.pk)
        if state == breaker.CLOSED:
            row = row.exclude(failures=0, paused_until=None, probe_until=None)
        row.update(**changes)
        return state.failures

    def _recovered(self) -> None:
        """A call came back well: what it proves wrong is over."""
        ill = Connection.objects.filter(pk=self.pk, sealed=self.sealed, health__in=PASSING)
        if ill.exists():
            now = timezone.now()
            rights = ill.exclude(missing_rules=[])
            words = {"health_since": now, "health_message": "", "health_query_id": ""}
            _ = rights.update(health=Health.MISSING_RIGHTS, **words) or ill.update(health=Health.OK, **words)
            log.info("account recovered", connection=self.pk)


def _health_for(error: OvhError, failures: int) -> Health | None:
    """What the error says about the account; None when it says nothing."""
    if isinstance(error, NotGranted):
        return Health.MISSING_RIGHTS
    reason = error.reason if isinstance(error, NotNow) else ""
    if reason in OF_REASON:
        return OF_REASON[reason]
    return Health.UNREACHABLE if breaker.counts(error) and failures >= TROUBLE_AFTER else None


OF_REASON = {**BLOCKED_BY, "rate_limited": Health.RATE_LIMITED}
# What is worse stays: a slow answer does not hide that the key is gone.
HIDES: dict[Health, tuple[Health, ...]] = {
    Health.MISSING_RIGHTS: (Health.LAPSED,),
    Health.RATE_LIMITED: (Health.LAPSED, Health.CLOCK, Health.MISSING_RIGHTS),
    Health.UNREACHABLE: (Health.LAPSED, Health.CLOCK, Health.MISSING_RIGHTS),
}


@transaction.atomic
def fell_ill(pk: int, health: Health, error: OvhError, *, sealed: str) -> bool:
    """Note that an account does not work, since now, in OVH's words; whether that is news."""
    rows = Connection.objects.filter(pk=pk, sealed=sealed, removed_at=None).exclude(health=health)
    is_news = rows.exclude(health__in=HIDES.get(health, ())).update(
        health=health,
        health_since=timezone.now(),
        health_message=error.message[:500],
        health_query_id=error.query_id[:120],
    )
    if isinstance(error, NotGranted):
        _add_missing(pk, error.missing, sealed)
    if is_news and health in (Health.LAPSED, Health.MISSING_RIGHTS):
        connection = Connection.objects.get(pk=pk)
        record(f"connections.{health.value}", team_id=connection.team_id, target=connection.name, account_id=pk)
    if is_news:
        log.warning("account fell ill", connection=pk, health=health.value)
    return bool(is_news)


def _add_missing(pk: int, missing: list[str], sealed: str) -> None:
    """Name the rights a call was refused for, beside those known to be missing."""
    connection = Connection.objects.filter(pk=pk, sealed=sealed).first()
    if connection is None or set(missing) <= set(connection.missing_rules):
        return
    connection.missing_rules = [*connection.missing_rules, *sorted(set(missing) - set(connection.missing_rules))][:50]
    connection.save(update_fields=["missing_rules"])

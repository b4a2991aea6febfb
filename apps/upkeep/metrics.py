"""The figures for Prometheus: read from the database and Redis when they are asked for, so that processes agree."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime

import redis
import structlog
from django.db import DatabaseError
from django.db.models import Count, Max, Q
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from apps.connections.models import Connection
from apps.inventory.models import SyncRun
from apps.operations import readiness
from apps.operations.models import Operation
from apps.ovhapi import counting
from apps.upkeep import health, tallies

log = structlog.get_logger(__name__)


def page() -> bytes:
    """All figures as Prometheus reads them."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Panel())
    return generate_latest(registry)


class _Panel(Collector):
    """What one scrape sees. A part that cannot be read is left out: the others still tell."""

    def collect(self) -> Iterator[Metric]:
        """Each figure, and which parts could be read."""
        read = GaugeMetricFamily("hostpanel_scrape_ok", "Whether this part of the figures could be read", labels=["of"])
        for name, part in PARTS.items():
            found: list[Metric] = []
            with suppress(DatabaseError, redis.RedisError, OSError):
                found = list(part(timezone.now()))
            yield from found
            read.add_metric([name], bool(found))
        yield read


def _operations(now: datetime) -> Iterator[Metric]:
    unfinished = GaugeMetricFamily(
        "hostpanel_operations", "Unfinished operations", labels=["action", "state"]
    )  # fmt: skip
    rows = Operation.objects.unfinished().values_list("action", "state").annotate(Count("pk")).order_by()
    for action, state, number in rows:
        unfinished.add_metric([action, state], number)
    yield unfinished
    finished = CounterMetricFamily(
        "hostpanel_operations_finished", "Operations that have ended", labels=["action", "state"]
    )  # fmt: skip
    for (action, state), number in sorted(tallies.totals().items()):
        if number:
            finished.add_metric([action, state], number)
    yield finished
    lag = GaugeMetricFamily("hostpanel_lag_seconds", "How long the oldest due operation waits", labels=["for"])
    for what, seconds in readiness.oldest_due_s(now).items():
        lag.add_metric([what], seconds)
    yield lag


def _accounts(now: datetime) -> Iterator[Metric]:
    labels = ["account", "name", "team", "health"]
    known = GaugeMetricFamily("hostpanel_account_info", "OVH accounts, and how each is", labels=labels)
    age = GaugeMetricFamily("hostpanel_sync_age_seconds", "Since the account was last read whole", labels=["account"])
    whole = Q(sync_runs__state__in=[SyncRun.State.FINISHED, SyncRun.State.PARTIAL])
    rows = Connection.objects.connected().annotate(read_at=Max("sync_runs__finished_at", filter=whole))
    for row in rows.order_by("pk").values_list("pk", "name", "team__slug", "health", "read_at"):
        pk, name, team, state, read_at = row
        known.add_metric([str(pk), name, team, state], 1)
        if read_at is not None:
            age.add_metric([str(pk)], (now - read_at).total_seconds())
    yield known
    yield age


def _calls(_now: datetime) -> Iterator[Metric]:
    labels = ["account", "method", "status", "outcome"]
    made = CounterMetricFamily("hostpanel_ovh_calls", "Calls to OVH", labels=labels)
    for each in counting.calls():
        made.add_metric([_account(each.account), each.method, each.status, each.outcome], each.count)
    yield made
    took = HistogramMetricFamily("hostpanel_ovh_call_seconds", "How long calls to OVH took", labels=["account"])
    for account, latency in sorted(counting.latencies().items()):
        buckets = [
            ("+Inf" if bound == float("inf") else str(bound), number) for bound, number in latency.within.items()
        ]
        took.add_metric([_account(account)], buckets, latency.total_s)
    yield took


def _queues(_now: datetime) -> Iterator[Metric]:
    depth = GaugeMetricFamily("hostpanel_queue_messages", "Messages waiting in Redis", labels=["queue"])
    for name, number in health.queue_depths().items():
        depth.add_metric([name], number)
    yield depth


def _checks(_now: datetime) -> Iterator[Metric]:
    ok = GaugeMetricFamily("hostpanel_check_ok", "The checks of /health/ready: 1 well, 0 not", labels=["check"])
    for name, check in health.look().items():
        ok.add_metric([name], check.ok)
    yield ok


def _account(bucket: str) -> str:
    """The account's number, by the name of its bucket; empty for calls before there is an account."""
    return bucket.removeprefix("connection:")


PARTS: dict[str, Callable[[datetime], Iterator[Metric]]] = {
    "operations": _operations,
    "accounts": _accounts,
    "calls": _calls,
    "queues": _queues,
    "checks": _checks,
}

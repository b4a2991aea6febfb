"""The figures, and who may read them."""

import re
from datetime import timedelta

import pytest
import yaml
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from apps.connections.client import client_for
from apps.operations.models import Operation, State
from apps.ovhapi import counting
from apps.upkeep import metrics, tallies
from apps.upkeep.models import Tally
from hostpanel import environment
from tests.factories import OperationFactory


def samples():
    """{(name, labels): value} of one scrape, as Prometheus reads it."""
    families = text_string_to_metric_families(metrics.page().decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def of(name, /, **labels):
    return samples().get((name, tuple(sorted(labels.items()))))


@pytest.mark.django_db
def test_this_machine_reads_them_and_others_find_nothing(client, working):
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404
    assert client.get("/metrics", headers={"x-forwarded-for": "192.0.2.7"}).status_code == 404


@pytest.mark.django_db
def test_with_a_token_only_who_has_it(client, settings, working):
    settings.METRICS_TOKEN = "right"

    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 404
    given = {"authorization": "Bearer right"}
    assert client.get("/metrics", headers=given, REMOTE_ADDR="192.0.2.7").status_code == 200


@pytest.mark.django_db
def test_operations_are_counted_by_state_and_action(working):
    OperationFactory.create(running=True)
    OperationFactory.create(next_at=timezone.now() - timedelta(seconds=40))

    assert of("hostpanel_operations", action="domains.attach", state="running") == 1
    assert of("hostpanel_operations", action="domains.attach", state="queued") == 1
    assert 39 < of("hostpanel_lag_seconds", **{"for": "send"}) < 60


@pytest.mark.django_db
def test_what_has_ended_only_grows_though_rows_go(working):
    old = timezone.now() - timedelta(days=3)
    OperationFactory.create_batch(3, state=State.SUCCEEDED, finished_at=old, next_at=None)
    OperationFactory.create(state=State.SUCCEEDED, finished_at=timezone.now(), next_at=None)
    ended = {"action": "domains.attach", "state": "succeeded"}
    assert of("hostpanel_operations_finished_total", **ended) == 4

    assert tallies.count_days(timezone.now()) == 3
    assert of("hostpanel_operations_finished_total", **ended) == 4
    Operation.objects.filter(finished_at=old).delete()
    assert tallies.count_days(timezone.now()) == 0

    assert of("hostpanel_operations_finished_total", **ended) == 4
    assert Tally.objects.filter(state="succeeded").get().count == 3


@pytest.mark.django_db
def test_calls_are_counted_by_account_status_and_latency(connection, working, settings):
    before = samples()
    assert ("hostpanel_ovh_calls_total", ()) not in before

    client_for(connection).get("/me")

    account = str(connection.pk)
    told = {"account": account, "method": "GET", "outcome": "answered", "status": "200"}
    assert of("hostpanel_ovh_calls_total", **told) == 1
    assert of("hostpanel_ovh_call_seconds_count", account=account) == 1
    assert of("hostpanel_account_info", account=account, name="Brasserie", team="acme", health="ok") == 1
    assert of("hostpanel_sync_age_seconds", account=account) < 60


@pytest.mark.django_db
def test_messages_that_wait_are_counted_by_queue(working, settings):
    working.rpush(f"{settings.REDIS_PREFIX}send", "a", "b")

    assert of("hostpanel_queue_messages", queue="send") == 2
    assert of("hostpanel_queue_messages", queue="poll") == 0


@pytest.mark.django_db
def test_without_redis_the_database_still_tells():
    OperationFactory.create(running=True)

    assert of("hostpanel_operations", action="domains.attach", state="running") == 1
    assert of("hostpanel_scrape_ok", of="calls") == 0
    assert of("hostpanel_scrape_ok", of="operations") == 1


def test_a_call_falls_into_every_bucket_it_is_below(counted):
    counting.count("connection:7", method="GET", status=200, outcome="answered", seconds=0.3)
    counting.count("connection:7", method="GET", status=None, outcome="NotNow", seconds=31)

    latency = counting.latencies()["connection:7"]

    assert (latency.within[0.25], latency.within[0.5], latency.within[30.0], latency.within[float("inf")]) == (
        0,
        1,
        1,
        2,
    )
    assert latency.total_s == pytest.approx(31.3)


@pytest.mark.django_db
def test_the_alerts_ask_for_figures_there_are(connection, working):
    counting.count("connection:7", method="GET", status=200, outcome="answered", seconds=0.3)
    alerts = yaml.safe_load((environment.BASE_DIR / "deploy/prometheus/alerts.yml").read_text())
    expressions = " ".join(rule["expr"] for group in alerts["groups"] for rule in group["rules"])

    asked = set(re.findall(r"hostpanel_[a-z_]+", expressions))

    assert asked <= {name for name, _labels in samples()}
    assert len(asked) > 3

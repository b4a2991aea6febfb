"""What a monitor is told."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from apps.connections.models import Connection
from apps.operations import tasks as operation_tasks
from apps.operations.models import Operation, State
from apps.upkeep import health
from hostpanel import pulse
from tests.factories import ConnectionFactory, OperationFactory


def ready(client):
    answer = client.get("/health/ready")
    return answer.status_code, answer.json()


def test_live_asks_nothing_of_others(client):  # without a database: asking it would fail
    assert client.get("/health/live").json() == {"status": "ok"}


@pytest.mark.django_db
def test_a_panel_that_works_is_ready(client, working):
    status, said = ready(client)

    assert (status, said["status"]) == (200, "ok")
    assert all("todo" not in check for check in said["checks"].values())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("silent", "red", "todo"),
    [
        ("beat", "beat", "start `celery -A hostpanel beat`"),
        ("tick", "workers", "restart the workers of the queues ticks,send,poll"),
        ("mirror", "mirror", "start or restart the workers of the queues look,mirror"),
    ],
)
def test_who_did_nothing_lately_is_named_with_what_to_do(client, working, settings, silent, red, todo):
    working.hset(pulse._key(), silent, "1700000000.0")

    status, said = ready(client)

    assert status == 503
    assert [name for name, check in said["checks"].items() if not check["ok"]] == [red]
    assert todo in said["checks"][red]["todo"]


@pytest.mark.django_db
def test_without_beat_nobody_blames_the_workers(client, working):
    working.delete(pulse._key())

    _status, said = ready(client)

    assert "start beat first" in said["checks"]["workers"]["todo"]


@pytest.mark.django_db
def test_a_redis_that_is_away_is_one_fault_not_four(client):
    status, said = ready(client)

    assert status == 503
    assert "start it, and check REDIS_URL" in said["checks"]["redis"]["todo"]
    assert "Nobody can say while Redis" in said["checks"]["beat"]["todo"]
    assert said["checks"]["database"]["ok"]


@pytest.mark.django_db
def test_a_tick_a_worker_ran_is_its_sign_of_life(counted, hints):
    assert pulse.ages()["tick"] is None

    operation_tasks.tick()

    age = pulse.ages()["tick"]
    assert age is not None
    assert 0 <= age < 5


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "figure"), [(State.QUEUED, "oldest_send_s"), (State.RUNNING, "oldest_poll_s")])
def test_a_queue_that_stands_still_is_red(client, working, state, figure):
    OperationFactory.create(state=state, next_at=timezone.now() - timedelta(minutes=9))

    status, said = ready(client)

    assert status == 503
    assert 530 < said["checks"]["queue"][figure] < 600


@pytest.mark.django_db
def test_a_database_of_an_older_release_is_said(client, working):
    MigrationRecorder(database).record_unapplied("upkeep", "0001_initial")

    status, said = ready(client)

    assert status == 503
    assert "manage.py upgrade" in said["checks"]["migrations"]["todo"]


@pytest.mark.django_db
def test_a_full_disk_is_red(client, working, monkeypatch):
    monkeypatch.setattr(health, "LEAST_FREE_BYTES", 2**60)

    status, said = ready(client)

    assert status == 503
    assert "make room" in said["checks"]["disk"]["todo"]


@pytest.mark.django_db
def test_a_lapsed_key_is_a_warning_without_a_name(client, working):
    ConnectionFactory.create(name="Brasserie", health="lapsed")

    status, said = ready(client)

    assert status == 200
    assert "needs a new key" in said["warnings"][0]
    assert "Brasserie" not in str(said)
    Connection.objects.update(removed_at=timezone.now())
    assert ready(client)[1]["warnings"] == []


@pytest.mark.django_db
def test_a_monitor_may_come_by_address(client, working, settings):
    settings.ALLOWED_HOSTS = [".panel.example.com"]

    assert client.get("/health/ready", headers={"host": "10.0.0.7:8000"}).status_code == 200
    assert client.get("/auth/login/", headers={"host": "10.0.0.7:8000"}).status_code == 400


@pytest.mark.django_db
def test_what_is_over_or_not_due_is_nobodys_lag():
    OperationFactory.create(failed=True)
    OperationFactory.create(next_at=timezone.now() + timedelta(hours=1))

    assert Operation.objects.count() == 2
    assert health.CHECKS["queue"](health.Seen("", {})).ok

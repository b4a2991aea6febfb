"""Faults of the API that last: an hour without it, a task that never ends, an object somebody else is busy with."""

import time
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.connections.models import Connection
from apps.operations import engine, registry, services
from apps.operations.models import Duration, Operation, State
from apps.operations.tasks import tick
from apps.ovhapi import wire
from apps.ovhapi.bucket import BURST
from tests import actions

QUEUED_MEANWHILE = 200


@pytest.fixture
def ask(service, owner):
    def asked(domain="new.example.com"):
        params = {"domain": domain, "path": "www", "ssl": False, "bypassDNSConfiguration": False}
        return services.request(
            registry.get("domains.attach"), service=service, target={}, params=params, member=owner,
            key=uuid.uuid4().hex,
        )  # fmt: skip

    return asked


def later(**by):
    """As if so much time had passed for every operation and account."""
    earlier = timezone.now() - timedelta(**by)
    Operation.objects.exclude(next_at=None).update(next_at=earlier, lease_until=None)
    Connection.objects.update(paused_until=None, probe_until=None)


def work(hints, *, rounds=1):
    """What the tick asks for, done as workers would; in the order of its asking."""
    for _ in range(rounds):
        hints.clear()
        tick()
        for task, given in list(hints):
            if task == "operations.submit":
                engine.submit(given)
            else:
                engine.poll(given)


@pytest.mark.fault(20)
def test_an_hour_without_the_api_loses_nothing_doubles_nothing_and_keeps_the_order(
    ask, ovh, hints, connection, settings
):
    there = settings.OVH_ENDPOINTS
    settings.OVH_ENDPOINTS = {"sandbox": "http://127.0.0.1:9/1.0"}
    wire._local.__dict__.clear()
    for number in range(QUEUED_MEANWHILE):
        ask(f"d{number:03}.example.com")
    for _ in range(12):  # an hour, five minutes at a time
        work(hints, rounds=3)
        Operation.objects.update(next_at=timezone.now() - timedelta(minutes=5))
        Connection.objects.exclude(paused_until=None).update(paused_until=timezone.now() - timedelta(seconds=1))

    connection.refresh_from_db()
    assert (connection.health, connection.health_since is not None) == ("unreachable", True)
    assert set(Operation.objects.values_list("state", flat=True)) == {State.QUEUED}
    settings.OVH_ENDPOINTS = there
    wire._local.__dict__.clear()
    later(minutes=1)
    rounds = 0
    while Operation.objects.unfinished().exists() and rounds < 400:
        work(hints)
        ovh.finish_tasks()
        later(seconds=1)
        rounds += 1

    assert set(Operation.objects.values_list("state", flat=True)) == {State.SUCCEEDED}
    sent = [effect["values"]["domain"] for effect in ovh.effects("POST", "/attachedDomain")]
    assert sent == [f"d{number:03}.example.com" for number in range(QUEUED_MEANWHILE)]
    connection.refresh_from_db()
    assert connection.health == "ok"


@pytest.mark.fault(20)
def test_the_many_that_have_waited_make_no_more_calls_than_the_account_may(ask, ovh, hints, connection, real_redis):
    a_second = 10
    Connection.objects.update(rate_per_minute=a_second * 60)
    for number in range(60):
        ask(f"d{number:03}.example.com")
    before, began = len(ovh.control("GET", "calls")), time.monotonic()

    while time.monotonic() - began < 4:
        work(hints)
        later(seconds=1)

    made, seconds = len(ovh.control("GET", "calls")) - before, time.monotonic() - began
    assert BURST < made <= BURST + a_second * seconds + 1


@pytest.mark.fault(18)
def test_a_task_that_never_ends_is_shown_as_stuck_and_asked_for_on(ask, ovh, owner, browser_of, time_passes):
    Duration.objects.create(action="domains.attach", seconds=[20, 20, 20])
    ovh.fault("task_never_ends", function="attachedDomain/create")
    operation = ask()
    engine.submit(operation.pk)
    for _ in range(5):
        time_passes(operation, minutes=10)
        calls = len(ovh.control("GET", "calls"))
        engine.poll(operation.connection_id)
        assert len(ovh.control("GET", "calls")) == calls + 1

    operation.refresh_from_db()
    assert operation.state == State.RUNNING
    assert operation.next_at - timezone.now() > timedelta(seconds=60), "slowly"
    browser = browser_of(owner)
    overview = browser.get("/t/acme/").content.decode()
    assert "takes much longer than usual" in overview
    listed = browser.get(reverse("operations:index", args=["acme"]), {"state": "slow"}).content.decode()
    assert operation.label in listed


@pytest.mark.fault(12)
def test_an_object_another_task_is_busy_with_is_waited_for(ask, ovh, service, settled):
    running = ovh.control(
        "POST", "start_task", service=service.name, function="attachedDomain/update", object_id="new.example.com",
        object_type="AttachedDomain",
    )  # fmt: skip
    ovh.fault("conflict_409", method="POST", path="/attachedDomain")
    operation = ask()
    engine.submit(operation.pk)

    operation.refresh_from_db()
    assert (operation.state, operation.waiting) == (State.QUEUED, "busy")
    ovh.control("POST", f"tasks/{running['id']}", finish="done")
    later(seconds=30)
    assert settled(operation).state == State.SUCCEEDED
    assert len(ovh.effects("POST", "/attachedDomain")) == 1


@pytest.mark.fault(11)
@pytest.mark.parametrize(("kind", "reason"), [("http_404", "not_found"), ("expired_460", "expired")])
def test_a_service_that_is_gone_or_expired_fails_its_own_change_alone(ask, ovh, settled, kind, reason):
    ovh.fault(kind, method="POST", path="/attachedDomain")
    gone, other = ask("one.example.com"), ask("two.example.com")
    engine.submit(gone.pk)

    gone.refresh_from_db()
    assert (gone.state, gone.reason) == (State.FAILED, reason)
    assert settled(other).state == State.SUCCEEDED


@pytest.mark.fault(14)
@pytest.mark.parametrize(
    ("key", "outcome"), [("backups.restore", (State.FAILED, "not_known")), ("domains.restart", (State.QUEUED, ""))]
)
def test_a_task_nobody_saw_end_is_no_success_where_no_object_tells(key, outcome, ovh, service, owner, time_passes):
    target, params = actions.make(key, ovh, service)
    operation = services.request(
        registry.get(key), service=service, target=target, params=params, member=owner, key=uuid.uuid4().hex
    )
    engine.submit(operation.pk)
    ovh.finish_tasks()
    ovh.running.world.tasks.clear()
    time_passes(operation, minutes=3)

    engine.poll(operation.connection_id)

    operation.refresh_from_db()
    assert (operation.state, operation.reason) == outcome

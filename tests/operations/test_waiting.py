"""Waiting is not failing: however long it lasts and however often it was tried."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.connections.models import Connection, Health
from apps.operations import engine, turns
from apps.operations.models import Operation, State
from apps.ovhapi import wire
from tests import actions


@pytest.fixture
def ask(service, owner, ovh):
    def asked(key):
        return actions.ask(key, ovh, service, owner)

    return asked


def try_often(operation, times=9):
    """Workers try again and again, whatever pauses there should be."""
    for _ in range(times):
        Operation.objects.filter(pk=operation.pk).exclude(next_at=None).update(next_at=timezone.now())
        Connection.objects.update(paused_until=None, probe_until=None, health=Health.OK)
        engine.submit(operation.pk)
    operation.refresh_from_db()
    return operation


@pytest.mark.fault(1)
@pytest.mark.parametrize("key", ["databases.import", "domains.restart", "backups.restore"])
def test_an_ovh_that_is_away_for_long_fails_nothing(key, ask, ovh, settings, settled):
    operation, there = ask(key), settings.OVH_ENDPOINTS
    wire._local.__dict__.clear()
    settings.OVH_ENDPOINTS = {"sandbox": "http://127.0.0.1:9/1.0"}

    try_often(operation)

    assert (operation.state, operation.waiting) == (State.QUEUED, "unreachable")
    wire._local.__dict__.clear()
    settings.OVH_ENDPOINTS = there
    assert settled(try_often(operation, 1)).state == State.SUCCEEDED
    assert actions.writes(ovh, key) == 1


@pytest.mark.fault(6)
def test_the_page_of_what_waits_says_why_and_since_when_and_lets_it_be_taken_back(ask, ovh, owner, browser_of):
    operation = ask("domains.attach")
    ovh.fault("http_429", method="POST", path="/attachedDomain$", times=2, retry_after=5)
    engine.submit(operation.pk)
    since = Operation.objects.get().waiting_since
    try_often(operation, 1)
    browser = browser_of(owner)

    page = browser.get(reverse("operations:detail", args=["acme", operation.pk])).content.decode()
    browser.post(reverse("operations:cancel", args=["acme", operation.pk]))

    assert operation.waiting_since == since
    assert "OVH asks us to slow down" in page
    assert f"Since {timezone.localtime(since):%H:%M:%S}" in page
    operation.refresh_from_db()
    assert operation.state == State.CANCELLED
    assert ovh.effects("POST", "/attachedDomain") == []


@pytest.mark.fault(9)
def test_a_key_that_has_lapsed_for_long_fails_nothing_that_needs_a_file(ask, ovh):
    operation = ask("databases.import")
    ovh.control("POST", f"credentials/{ovh.account['consumer_key']}", status="expired")

    try_often(operation)

    assert (operation.state, operation.waiting) == (State.QUEUED, "lapsed")


def test_a_file_that_never_gets_through_is_given_up(ask, ovh):
    operation = ask("databases.import")
    ovh.fault("upload_fails", times=99)

    try_often(operation)

    assert (operation.state, operation.reason) == (State.FAILED, "refused")
    assert ovh.effects("POST", "/import") == []


def test_what_had_to_wait_often_is_still_sent_again_when_its_task_is_forgotten(ask, ovh, settled):
    operation = ask("domains.restart")
    ovh.fault("http_429", method="POST", path="/restart$", times=5)
    try_often(operation, 6)
    assert operation.state == State.RUNNING
    ovh.finish_tasks()
    ovh.running.world.tasks.clear()
    Operation.objects.update(next_at=timezone.now(), accepted_at=timezone.now() - timedelta(minutes=3))

    engine.poll(operation.connection_id)

    operation.refresh_from_db()
    assert (operation.state, operation.reason) == (State.QUEUED, "")


@pytest.mark.fault(16)
@pytest.mark.parametrize("key", ["backups.restore", "domains.attach"])
def test_a_cancelled_task_that_is_forgotten_before_its_object_could_be_read_was_cancelled(key, ask, ovh):
    operation = ask(key)
    engine.submit(operation.pk)
    ovh.finish_tasks("cancelled")
    ovh.fault("http_503", method="GET", path=r"/hosting/.*(database|attachedDomain)/[^/]+(/dump.*)?$")
    Operation.objects.update(next_at=timezone.now())
    engine.poll(operation.connection_id)
    ovh.running.world.tasks.clear()

    for _ in range(2):
        Operation.objects.exclude(next_at=None).update(next_at=timezone.now())
        engine.poll(operation.connection_id)

    operation.refresh_from_db()
    assert (operation.state, operation.reason) == (State.FAILED, "cancelled_by_ovh")


@pytest.mark.fault(10)
def test_what_waits_for_a_right_asks_ever_less_often_and_goes_on_at_once_with_a_key_that_has_it(ask, ovh, settled):
    operation = ask("domains.attach")
    ovh.fault("not_granted", method="POST", path="/attachedDomain$", times=9)
    try_often(operation, 9)
    Operation.objects.update(next_at=timezone.now() + timedelta(minutes=14))

    assert operation.waiting == "missing_rights"
    assert not turns.due(timezone.now()).exists()
    Connection.objects.update(health=Health.OK, missing_rules=[])  # as a renewed key leaves it

    assert settled(operation).state == State.SUCCEEDED
    assert len(ovh.effects("POST", "/attachedDomain")) == 1


@pytest.mark.fault(10)
def test_hundreds_that_wait_for_a_right_do_not_use_up_the_calls_of_their_account(ask, ovh, monkeypatch):
    monkeypatch.setattr("random.uniform", lambda _least, most: most)
    operation = ask("domains.attach")
    ovh.fault("not_granted", method="POST", path="/attachedDomain$", times=99)

    try_often(operation, 12)

    assert operation.next_at - timezone.now() > timedelta(minutes=10)


@pytest.mark.parametrize("key", ["domains.attach", "backups.restore"])
def test_what_ovh_took_on_is_not_said_to_have_changed_nothing_because_it_may_not_be_looked_at(key, ask, ovh, settled):
    operation = ask(key)
    engine.submit(operation.pk)
    ovh.fault("refused", method="GET", path="/tasks", times=3)
    for _ in range(3):
        Operation.objects.update(next_at=timezone.now())
        engine.poll(operation.connection_id)

    operation.refresh_from_db()
    assert (operation.state, operation.waiting) == (State.RUNNING, "trouble")
    assert settled(operation).state == State.SUCCEEDED


def test_what_may_not_be_looked_at_for_long_is_put_to_a_person(ask, ovh):
    operation = ask("domains.attach")
    engine.submit(operation.pk)
    ovh.fault("refused", method="GET", path="/tasks", times=9)
    for _ in range(2):
        Operation.objects.update(next_at=timezone.now(), waiting_since=timezone.now() - timedelta(minutes=11))
        engine.poll(operation.connection_id)

    operation.refresh_from_db()
    assert (operation.state, operation.reason) == (State.FAILED, "not_known")


@pytest.mark.fault(15)
def test_what_ovh_says_is_done_and_does_not_look_so_is_looked_at_ever_less_often(ask, ovh):
    operation = ask("domains.attach")
    ovh.fault("done_but_unchanged", function="attachedDomain/create")
    engine.submit(operation.pk)
    ovh.finish_tasks()
    Operation.objects.update(next_at=timezone.now())
    engine.poll(operation.connection_id)
    Operation.objects.update(settling_at=timezone.now() - timedelta(seconds=100), next_at=timezone.now())

    engine.poll(operation.connection_id)

    operation.refresh_from_db()
    assert operation.state == State.RUNNING
    assert operation.next_at - timezone.now() > timedelta(seconds=10)

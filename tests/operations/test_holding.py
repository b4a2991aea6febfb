"""Operations that wait for another one, or for something outside."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.operations import engine, registry, services, states
from apps.operations.models import Operation, State
from apps.operations.registry import Ready

DUMP = {"date": "now", "sendEmail": False}


@pytest.fixture
def chain(service, owner, asked):
    """A dump, and a restore that waits for it."""
    database = service.databases.first()
    dump = service.dumps.filter(database=database, status="created").first()
    first = asked("backups.create", target={"name": database.name}, params=DUMP)
    then = services.request(
        registry.get("backups.restore"),
        service=service,
        target={"name": database.name, "id": dump.ovh_id},
        params={},
        member=owner,
        key=uuid.uuid4().hex,
        after=first,
    )
    return first, then


def look_now(operation):
    Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now())
    engine.submit(operation.pk)
    operation.refresh_from_db()


def test_what_waits_for_another_is_not_sent_before_that_one_has_succeeded(chain, ovh):
    _, then = chain

    look_now(then)

    assert (then.state, then.waiting) == (State.QUEUED, "first")
    assert ovh.effects("POST", "/restore") == []


def test_it_is_sent_once_the_first_has_succeeded(chain, ovh, settled):
    first, then = chain

    settled(first)
    settled(then)

    assert then.state == State.SUCCEEDED
    assert len(ovh.effects("POST", "/restore")) == 1


def test_the_end_of_the_first_makes_the_second_due_at_once(chain, settled):
    first, then = chain
    look_now(then)
    assert then.next_at > timezone.now() + timedelta(seconds=5)

    settled(first)

    then.refresh_from_db()
    assert then.next_at <= timezone.now()


def test_it_is_given_up_when_the_first_fails(chain, ovh):
    first, then = chain
    states.failed(first, "refused")

    look_now(then)

    assert (then.state, then.reason) == (State.FAILED, "first_failed")
    assert ovh.effects("POST", "/restore") == []


def test_it_is_given_up_when_the_first_is_taken_back(chain, owner):
    first, then = chain
    services.cancel(first, member=owner)

    look_now(then)

    assert (then.state, then.reason) == (State.FAILED, "first_failed")


def test_it_takes_its_place_only_when_nothing_else_is_at_the_same_thing(chain, asked, settled):
    first, then = chain
    settled(first)
    other = asked("backups.create", target=first.target, params=DUMP)

    look_now(then)

    assert (then.state, then.waiting, then.conflict_key) == (State.QUEUED, "busy", "")
    settled(other)
    look_now(then)
    settled(then)
    assert then.state == State.SUCCEEDED


@pytest.fixture
def outside(monkeypatch):
    """Attaching may wait for something outside; `set_to` says whether that is there."""
    there = {"is": False}
    ready = Ready(
        field="whenReady", holds=lambda _operation: there["is"], waiting="busy", every=timedelta(minutes=1),
        at_most=timedelta(days=3),
    )  # fmt: skip
    action = replace(registry.get("domains.attach"), ready=ready, panel_only=frozenset({"whenReady"}))
    monkeypatch.setitem(registry._actions, "domains.attach", action)
    return there


ATTACH = {"domain": "new.example.com", "path": "www", "whenReady": True}


def test_what_waits_for_something_outside_is_looked_at_again_later(outside, asked, ovh):
    operation = asked(params=ATTACH)

    look_now(operation)

    assert operation.state == State.QUEUED
    assert timedelta(seconds=50) < operation.next_at - timezone.now() < timedelta(seconds=70)
    assert ovh.effects("POST", "/attachedDomain") == []


def test_it_is_sent_when_that_is_there_and_the_tick_is_not(outside, asked, ovh, settled):
    operation = asked(params=ATTACH)
    look_now(operation)
    outside["is"] = True
    Operation.objects.update(next_at=timezone.now())

    settled(operation)

    assert operation.state == State.SUCCEEDED
    assert "whenReady" not in ovh.effects("POST", "/attachedDomain")[0]["values"]


def test_it_is_given_up_when_that_never_comes(outside, asked):
    operation = asked(params=ATTACH)
    Operation.objects.update(requested_at=timezone.now() - timedelta(days=4))

    look_now(operation)

    assert (operation.state, operation.reason) == (State.FAILED, "never_ready")


def test_it_can_be_taken_back_while_it_waits(outside, asked, owner):
    operation = asked(params=ATTACH)
    look_now(operation)

    assert services.cancel(operation, member=owner)

"""A worker dies, or is suspended, anywhere on an operation's way: its effect is there once, or a person is asked."""

import os
import signal
import time
from collections import Counter

import pytest

from apps.audit.models import Entry
from apps.operations import registry
from apps.operations.models import State
from apps.operations.registry import Resend
from tests import actions
from tests.faults import mortal
from tests.faults.mortal import Place

SUBMIT, POLL = "apps.operations.engine.submit", "apps.operations.engine.poll"
STATES = "apps.operations.states"
# Others die at every single read and write: tests/faults/test_every_io.py.
KINDS = [
    "databases.password", "databases.delete", "domains.edit", "backups.create", "hostings.rename", "ftpusers.create",
    "databases.import",
]  # fmt: skip
BEFORE_IT_LEAVES = [
    Place("after", f"{STATES}.claim_to_send"),
    Place("before", f"{STATES}.leaving"),
    Place("after", f"{STATES}.leaving"),
]
WHILE_SENDING = [
    Place("after", f"{STATES}.leaving"),
    Place("after", "apps.ovhapi.client.Client.call"),
    Place("after", f"{STATES}._note", nth=2),  # what OVH answered is written and not committed
    Place("after", f"{STATES}.running"),
]
WHILE_FOLLOWING = [
    Place("after", "apps.operations.turns.claim_followed"),
    Place("after", "apps.operations.tasklist.find"),
    Place("before", f"{STATES}.succeeded"),
    Place("after", f"{STATES}._let_go"),  # the end is written and not committed
    Place("after", f"{STATES}.succeeded"),
]


@pytest.fixture
def ask(world, service, owner, ovh):
    def asked(key):
        return actions.ask(key, ovh, service, owner)

    return asked


def once_or_asked(operation, ovh, *, before=0):
    """Done once and known; or, where nothing can prove it, never twice and put to a person.

    `before`: how often it had been done for others.
    """
    done = actions.writes(ovh, operation.action) - before
    told = Counter(Entry.objects.filter(operation_id=operation.pk).values_list("action", flat=True))
    assert max(told.values()) == 1, told
    assert len(told) == 2, told
    if operation.reason == "not_known":
        assert registry.get(operation.action).resend is Resend.NEVER
        assert done <= 1
    else:
        assert (operation.state, operation.reason) == (State.SUCCEEDED, ""), operation.ovh_message
        assert done == 1
        assert operation.sealed == ""


@pytest.mark.fault(22)
@pytest.mark.parametrize("place", WHILE_SENDING, ids=str)
@pytest.mark.parametrize("key", KINDS)
def test_a_sender_killed_anywhere_does_nothing_twice_and_loses_nothing(key, place, ask, ovh, world, carried_on):
    operation = ask(key)

    assert mortal.died(mortal.run(SUBMIT, str(operation.pk), at=place, world=world))

    once_or_asked(carried_on(operation), ovh)


@pytest.mark.fault(22)
@pytest.mark.parametrize("place", WHILE_FOLLOWING, ids=str)
@pytest.mark.parametrize("key", ["backups.create", "databases.import"])
def test_a_poller_killed_anywhere_does_nothing_twice_and_loses_nothing(
    key, place, ask, ovh, world, carried_on, time_passes
):
    operation = ask(key)
    assert not mortal.died(mortal.run(SUBMIT, str(operation.pk), world=world))
    ovh.finish_tasks()
    time_passes(operation, seconds=30)

    assert mortal.died(mortal.run(POLL, operation.connection_id, at=place, world=world))

    once_or_asked(carried_on(operation), ovh)


@pytest.mark.fault(22)
@pytest.mark.parametrize("key", ["databases.create", "backups.create", "ftpusers.password", "backups.restore"])
def test_a_sender_killed_while_ovh_answers_does_nothing_twice(key, ask, ovh, world, carried_on):
    operation = ask(key)
    ovh.fault("slow", method=registry.get(key).method, path="/hosting/", seconds=3)
    process = mortal.run(SUBMIT, str(operation.pk), world=world)
    ends = time.monotonic() + 20
    while not actions.writes(ovh, key) and time.monotonic() < ends:
        time.sleep(0.02)
    process.kill()

    assert mortal.died(process)
    once_or_asked(carried_on(operation), ovh)
    assert actions.writes(ovh, key) == 1


@pytest.mark.fault(23)
@pytest.mark.parametrize("place", BEFORE_IT_LEAVES, ids=str)
@pytest.mark.parametrize("key", ["databases.create", "backups.create", "domains.attach", "hostings.rename"])
def test_a_sender_suspended_past_its_lease_sends_nothing_and_writes_nothing(key, place, ask, ovh, world, carried_on):
    operation = ask(key)
    process = mortal.run(SUBMIT, str(operation.pk), at=place, how=signal.SIGSTOP, world=world, call_s=0.5)
    assert mortal.is_stopped(process)
    carried_on(operation)
    time.sleep(0.6)
    steps = operation.events.count()

    os.kill(process.pid, signal.SIGCONT)

    assert not mortal.died(process)
    operation.refresh_from_db()
    assert operation.events.count() == steps
    once_or_asked(operation, ovh)


@pytest.mark.fault(23)
def test_a_poller_suspended_past_its_lease_writes_nothing(ask, ovh, world, carried_on, time_passes):
    operation = ask("databases.create")
    assert not mortal.died(mortal.run(SUBMIT, str(operation.pk), world=world))
    ovh.finish_tasks()
    time_passes(operation, seconds=30)
    place = Place("before", f"{STATES}.succeeded")
    process = mortal.run(POLL, operation.connection_id, at=place, how=signal.SIGSTOP, world=world)
    assert mortal.is_stopped(process)
    carried_on(operation)
    steps = operation.events.count()

    os.kill(process.pid, signal.SIGCONT)

    assert not mortal.died(process)
    assert operation.events.count() == steps
    once_or_asked(operation, ovh)

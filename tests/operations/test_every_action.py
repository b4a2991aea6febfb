"""Each action there is: done once when all goes well, once when the answer is lost, and once when the call is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.operations import engine, registry
from apps.operations.models import Operation, State
from apps.operations.registry import Resend
from tests import actions

KEYS = [action.key for action in registry.every()]
# A call that took effect and whose task has ended, of which only the task could tell.
TELLING = [action.key for action in registry.every() if action.resend is Resend.ONCE_ABSENT]


@pytest.fixture
def ask(service, owner, ovh):
    """Ask for an action as its page would."""

    def asked(key):
        return actions.ask(key, ovh, service, owner)

    return asked


def in_five_minutes(operation):
    """As if the call had left five minutes ago: long enough to take absence for proven."""
    long_ago = timezone.now() - timedelta(minutes=5)
    Operation.objects.filter(pk=operation.pk).exclude(sent_at=None).update(sent_at=long_ago, left_at=long_ago)


def follow(operation, ovh, rounds=12, *, finish=True):
    for _ in range(rounds):
        if finish:
            ovh.finish_tasks()
        Operation.objects.filter(pk=operation.pk).exclude(next_at=None).update(next_at=timezone.now())
        engine.submit(operation.pk)
        engine.poll(operation.connection_id)
        operation.refresh_from_db()
        if operation.is_over:
            break
        in_five_minutes(operation)
    return operation


def test_every_action_has_a_case():
    assert set(KEYS) == actions.every()


@pytest.mark.parametrize("key", KEYS)
def test_it_is_done_once_and_read_back(key, ask, ovh, settled):
    operation = settled(ask(key))

    assert (operation.state, operation.reason, operation.ovh_message) == (State.SUCCEEDED, "", "")
    assert actions.writes(ovh, key) == 1


@pytest.mark.parametrize("key", KEYS)
def test_when_the_answer_is_lost_it_is_found_and_not_done_again(key, ask, ovh):
    operation = ask(key)
    own_call = f"{registry.get(key).method}"
    ovh.fault("reset_after", method=own_call, path="/hosting/")

    engine.submit(operation.pk)
    operation.refresh_from_db()
    assert operation.state == State.UNCONFIRMED
    follow(operation, ovh, finish=False, rounds=1)
    follow(operation, ovh)

    assert operation.state == State.SUCCEEDED, (operation.reason, operation.ovh_message)
    assert actions.writes(ovh, key) == 1


@pytest.mark.parametrize("key", KEYS)
def test_when_the_call_is_lost_it_is_sent_again_or_put_to_a_person(key, ask, ovh):
    operation = ask(key)
    ovh.fault("reset_before", method=registry.get(key).method, path="/hosting/")

    engine.submit(operation.pk)
    follow(operation, ovh)

    if registry.get(key).resend is Resend.NEVER:
        assert (operation.state, operation.reason, actions.writes(ovh, key)) == (State.FAILED, "not_known", 0)
    else:
        assert (operation.state, actions.writes(ovh, key)) == (State.SUCCEEDED, 1)


@pytest.mark.parametrize("key", TELLING)
def test_what_took_effect_and_left_no_task_is_found_by_its_object(key, ask, ovh):
    operation = ask(key)
    ovh.fault("reset_after", method=registry.get(key).method, path="/hosting/")
    engine.submit(operation.pk)
    ovh.finish_tasks()
    ovh.running.world.tasks.clear()

    follow(operation, ovh)

    assert operation.state == State.SUCCEEDED, (operation.reason, operation.ovh_message)
    assert actions.writes(ovh, key) == 1


@pytest.mark.parametrize("key", KEYS)
def test_when_ovh_says_no_nothing_is_said_to_be_done(key, ask, ovh):
    operation = ask(key)
    ovh.fault("task_cancelled", function=registry.get(key).function)

    follow(operation, ovh, rounds=2)
    Operation.objects.exclude(settling_at=None).update(settling_at=timezone.now() - timedelta(minutes=10))
    follow(operation, ovh)

    is_cancelled = any(task["status"] == "cancelled" for task in ovh.running.world.tasks.values())
    assert operation.state == (State.FAILED if is_cancelled else State.SUCCEEDED)


@pytest.mark.parametrize("key", KEYS)
def test_its_sentence_names_the_object(key, ask):
    operation = ask(key)

    assert str(registry.get(key).sentence) % {"label": operation.label}
    assert operation.label

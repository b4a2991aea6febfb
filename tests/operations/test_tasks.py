"""Whose task it is, whether it is there yet, and what its status says."""

import pytest
from django.utils import timezone

from apps.operations import engine, outcome
from apps.operations.models import Operation, State
from tests import actions
from tests.operations.test_faults import WRITE, later


@pytest.mark.fault(3)
def test_a_task_about_something_else_is_not_taken_for_the_one_that_may_have_been_begun(ovh, service, asked):
    operation = asked()
    ovh.fault("reset_before", **WRITE)
    engine.submit(operation.pk)
    about = {"function": "attachedDomain/create", "object_id": "x.example.com", "object_type": "AttachedDomain"}
    ovh.control("POST", "start_task", service=service.name, **about)

    later(operation, seconds=30)

    assert (operation.state, operation.task_id) == (State.UNCONFIRMED, None)


@pytest.mark.fault(13)
def test_a_task_that_is_not_there_yet_is_waited_for_where_no_object_could_tell(ovh, service, asked):
    target, params = actions.make("hostings.flush", ovh, service)
    operation = asked("hostings.flush", target=target, params=params)
    ovh.fault("task_hidden", seconds=20)
    engine.submit(operation.pk)

    later(operation, seconds=10)

    assert operation.state == State.RUNNING


@pytest.mark.fault(14)
def test_what_is_harmless_twice_is_not_sent_again_without_end(ovh, service, asked):
    target, params = actions.make("hostings.flush", ovh, service)
    operation = asked("hostings.flush", target=target, params=params)
    engine.submit(operation.pk)
    for _ in range(outcome.UNTOLD_AT_MOST):
        operation.events.create(kind="untold")
    Operation.objects.update(task_seen_at=timezone.now())
    ovh.running.world.tasks.clear()

    later(operation, seconds=30)

    assert (operation.state, operation.reason) == (State.FAILED, "not_known")


@pytest.mark.fault(16)
@pytest.mark.parametrize("status", ["error", "problem"])
def test_a_status_only_others_have_met_is_a_failure_all_the_same(status, ovh, asked):
    operation = asked()
    engine.submit(operation.pk)
    operation.refresh_from_db()
    ovh.running.world.tasks[str(operation.task_id)] |= {"ended": timezone.now().timestamp(), "status": status}

    later(operation, seconds=30)

    assert (operation.state, operation.reason) == (State.FAILED, "cancelled_by_ovh")

"""Where calls are scarce: whoever waits has a turn, and what needs several calls comes to its end."""

import uuid
from datetime import timedelta

import pytest
import redis
from django.utils import timezone

from apps.operations import engine, registry, services, tasks, turns
from apps.operations.models import Operation, State
from tests import actions
from tests.factories import ConnectionFactory, OperationFactory, ServiceFactory


@pytest.fixture
def calls(ovh, monkeypatch):
    """`calls["left"]`: so many may be made now; whoever waits for one gets it then. `calls["waited"]`: how often."""
    state = {"left": 100, "waited": 0}

    def take(_self):
        state["left"] -= 1
        if state["left"] >= 0:
            return 0.0
        state["left"] += 1
        return 1.0

    def waited(_seconds):
        state["left"] += 1
        state["waited"] += 1

    monkeypatch.setattr("apps.ovhapi.bucket.LocalBucket.take", take)
    monkeypatch.setattr("apps.ovhapi.bucket.LocalBucket.room", lambda _self: max(state["left"], 0))
    monkeypatch.setattr("apps.ovhapi.client.time.sleep", waited)
    return state


def ask(key, ovh, service, member):
    target, params = actions.make(key, ovh, service)
    return services.request(
        registry.get(key), service=service, target=target, params=params, member=member, key=uuid.uuid4().hex
    )


def one_call_at_a_time(operation, calls, *, rounds):
    """Poll with one call to be had each time."""
    for _ in range(rounds):
        calls["left"] = 1
        Operation.objects.exclude(next_at=None).update(next_at=timezone.now())
        engine.poll(operation.connection_id)
        operation.refresh_from_db()


@pytest.mark.parametrize("key", ["databases.create", "backups.create", "domains.ssl_order"])
def test_what_takes_several_calls_to_prove_is_proven_with_one_call_at_a_time(key, calls, ovh, service, owner):
    operation = ask(key, ovh, service, owner)
    engine.submit(operation.pk)
    ovh.finish_tasks()

    one_call_at_a_time(operation, calls, rounds=6)

    assert operation.state == State.SUCCEEDED


def test_among_many_tasks_of_others_it_is_found_out_with_few_calls_that_one_is_not_there(calls, ovh, service, owner):
    for _ in range(20):
        ovh.control(
            "POST", "start_task", service=service.name, function="attachedDomain/create", object_id="x.example.com",
            object_type="AttachedDomain",
        )  # fmt: skip
    ovh.finish_tasks()
    for task in ovh.running.world.tasks.values():
        task["start"] -= 3600
    operation = ask("domains.attach", ovh, service, owner)
    ovh.fault("reset_before", method="POST", path="/attachedDomain$")
    engine.submit(operation.pk)

    one_call_at_a_time(operation, calls, rounds=20)

    assert operation.looks > 0


@pytest.mark.parametrize(("expands", "most"), [(True, 1), (False, 2)])
def test_several_tasks_of_a_hosting_cost_one_list_and_never_the_tasks_of_others(
    expands, most, ovh, service, owner, calls
):
    for _ in range(12):
        ovh.control(
            "POST", "start_task", service=service.name, function="database/dump", object_id="x", object_type="Database"
        )
    ovh.finish_tasks()
    for key in ("domains.attach", "databases.create", "ftpusers.create"):
        engine.submit(ask(key, ovh, service, owner).pk)
    ovh.control("POST", "settings", expansion=expands)
    Operation.objects.update(next_at=timezone.now())
    before = len(ovh.control("GET", "calls"))

    engine.poll(service.connection_id)

    assert len(ovh.control("GET", "calls")) - before == most


def due_long_ago(**more):
    return OperationFactory(next_at=timezone.now() - timedelta(hours=1), **more)


@pytest.mark.parametrize("state", [{}, {"running": True}])
def test_each_of_very_many_busy_accounts_has_its_turn(state, team, hints):
    accounts = [ConnectionFactory.create(team=team) for _ in range(tasks.HINTS + 20)]
    for account in accounts:
        due_long_ago(service=ServiceFactory(connection=account), **state)
    hinted = set()

    for _ in range(40):  # none of them is ever done with its work
        hints.clear()
        tasks.tick()
        hinted |= {given for _task, given in hints}

    assert len(hinted) == len(accounts)


def test_one_hosting_with_hundreds_of_tasks_does_not_keep_another_of_its_account_waiting(connection):
    crowded, other = (ServiceFactory.create(connection=connection) for _ in range(2))
    for number in range(300):
        due_long_ago(service=crowded, running=True, task_id=number + 1)
    lone = OperationFactory.create(service=other, running=True, task_id=9999)

    taken = turns.claim_followed(connection.pk, now=timezone.now(), services=2)

    assert lone.pk in {each.pk for each in taken}


def test_what_somebody_watches_is_not_hidden_by_hundreds_nobody_watches(connection):
    for number in range(300):
        due_long_ago(service=ServiceFactory(connection=connection), running=True, task_id=number + 1)
    soon = timezone.now() + timedelta(seconds=20)
    watched = OperationFactory.create(
        service=ServiceFactory(connection=connection), running=True, task_id=9999, watched_until=soon
    )

    taken = turns.claim_followed(connection.pk, now=timezone.now(), services=3)

    assert watched.pk in {each.pk for each in taken}


def test_where_one_call_at_a_time_is_to_be_had_what_is_watched_leaves_every_third_to_the_others(connection):
    soon = timezone.now() + timedelta(minutes=1)
    watched, other = (
        OperationFactory.create(service=ServiceFactory(connection=connection), running=True, task_id=number, **more)
        for number, more in ((1, {"watched_until": soon}), (2, {}))
    )
    turned = []

    for _ in range(90):  # both are always due
        turned += [each.pk for each in turns.claim_followed(connection.pk, now=timezone.now(), services=1)]
        Operation.objects.update(lease_until=None, next_at=timezone.now())

    assert 38 <= turned.count(watched.pk) <= 82  # five standard deviations of chance
    assert turned.count(other.pk) == 90 - turned.count(watched.pk)


def test_a_tick_adds_no_more_hints_than_workers_that_cannot_keep_up_will_read_in_time(
    service, hints, redis_url, settings
):
    settings.REDIS_URL = redis_url
    queue = f"{settings.REDIS_PREFIX}send"
    for _ in range(8):
        due_long_ago(service=ServiceFactory(connection=ConnectionFactory(team=service.connection.team)))

    with redis.Redis.from_url(redis_url) as server:
        server.rpush(queue, *["a hint nobody has read"] * (tasks.HINTS - 5))
        tasks.tick()
        server.delete(queue)

    assert len([hint for hint in hints if hint[0] == "operations.submit"]) == 5

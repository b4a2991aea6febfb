"""What must hold when workers die, stop for a while, or meet the unexpected."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from apps.connections.client import client_for
from apps.inventory import sync, tasks
from apps.operations import engine, live, registry, services, states, turns
from apps.operations import tasks as operation_tasks
from apps.operations.models import Operation, State
from tests import actions
from tests.factories import ConnectionFactory, OperationFactory, ServiceFactory
from tests.operations.conftest import ATTACH


def later(seconds):
    return timezone.now() + timedelta(seconds=seconds)


def test_a_sender_that_died_before_the_call_left_is_sent_anew(asked, ovh, settled):
    operation = asked()
    states.claim_to_send(operation.pk, now=timezone.now())

    states.rescue(now=later(200))

    operation.refresh_from_db()
    assert operation.state == State.QUEUED
    Operation.objects.update(next_at=timezone.now())
    settled(operation)
    assert len(ovh.effects("POST", "/attachedDomain")) == 1


def test_a_worker_that_was_suspended_past_its_lease_sends_nothing(asked):
    claimed = states.claim_to_send(asked().pk, now=timezone.now())
    assert claimed is not None
    Operation.objects.update(lease_until=later(30))

    assert not states.leaving(claimed)


def test_one_whose_operation_was_rescued_writes_nothing_any_more(asked):
    claimed = states.claim_to_send(asked().pk, now=timezone.now())
    assert claimed is not None
    assert states.leaving(claimed)
    states.rescue(now=later(200))

    assert not states.running(claimed, task_id=7, seconds=1)
    assert Operation.objects.get().state == State.UNCONFIRMED


def test_a_sender_that_is_just_in_time_is_not_rescued_from_under_its_answer(asked):
    claimed = states.claim_to_send(asked().pk, now=timezone.now())
    assert claimed is not None
    states.leaving(claimed)
    states.running(claimed, task_id=7, seconds=1)

    states.rescue(now=later(200))

    assert Operation.objects.get().state == State.RUNNING


@pytest.mark.parametrize("key", ["backups.restore", "databases.password", "domains.restart", "databases.import"])
def test_a_409_for_what_no_object_tells_is_never_taken_for_done(key, service, owner, ovh):
    target, params = actions.make(key, ovh, service)
    asking = {"service": service, "target": target, "params": params, "member": owner, "key": "k"}
    operation = services.request(registry.get(key), **asking, files=actions.files_of(key, owner))
    ovh.fault("conflict_409", method="POST", path="/hosting/", times=9)

    engine.submit(operation.pk)

    operation.refresh_from_db()
    assert (operation.state, operation.reason) == (State.FAILED, "refused")
    assert ovh.effects("POST", "/hosting/") == []


def test_a_409_for_a_new_database_is_not_taken_for_ours_because_it_had_to_wait(service, owner, ovh):
    target, params = actions.make("databases.create", ovh, service)
    ovh.fault("http_429", method="POST", path="/database$")
    asking = {"service": service, "target": target, "params": params, "member": owner, "key": "k"}
    operation = services.request(registry.get("databases.create"), **asking)
    engine.submit(operation.pk)
    client_for(service.connection).call("POST", f"/hosting/web/{service.name}/database", body=params)
    ovh.finish_tasks()
    Operation.objects.update(next_at=timezone.now())

    engine.submit(operation.pk)

    operation.refresh_from_db()
    assert operation.state == State.FAILED


def test_what_a_poll_did_not_come_to_is_free_for_the_next(asked, ovh, monkeypatch):
    for domain in ("a.example.com", "b.example.com"):
        engine.submit(asked(params={"domain": domain, "path": "www"}).pk)
    Operation.objects.update(next_at=timezone.now())
    monkeypatch.setattr(engine, "BATCH_S", 0.0)

    engine.poll(Operation.objects.first().connection_id)

    assert not Operation.objects.exclude(lease_until=None).exists()


def test_a_key_without_the_right_to_list_tasks_does_not_lose_a_batch(asked, ovh):
    for domain in ("a.example.com", "b.example.com"):
        engine.submit(asked(params={"domain": domain, "path": "www"}).pk)
    ovh.fault("not_granted", path="/tasks", times=50)
    Operation.objects.update(next_at=timezone.now())

    engine.poll(Operation.objects.first().connection_id)

    assert set(Operation.objects.values_list("waiting", "lease_until")) == {("missing_rights", None)}


def test_an_action_this_release_does_not_know_is_left_to_one_that_does(service, owner):
    operation = OperationFactory.create(service=service, action="hats.wear", requested_by=owner.user)

    engine.submit(operation.pk)

    operation.refresh_from_db()
    assert (operation.state, operation.attempts) == (State.QUEUED, 0)
    assert operation.next_at > later(30)


def test_one_account_with_hundreds_does_not_keep_another_waiting(team, hints):
    crowded, other = (ServiceFactory(connection=ConnectionFactory(team=team)) for _ in range(2))
    for _ in range(120):
        OperationFactory(service=crowded, next_at=timezone.now() - timedelta(hours=1))
    lone = OperationFactory.create(service=other)

    operation_tasks.tick()

    sent = [hint for hint in hints if hint[0] == "operations.submit"]
    assert ("operations.submit", str(lone.pk)) in sent
    assert len(sent) == turns.OF_EACH + 1


def test_somebody_who_looks_has_a_sleeping_operation_looked_at_soon(service):
    operation = OperationFactory.create(service=service, running=True, next_at=later(55))

    live.watch(Operation.objects.all())

    operation.refresh_from_db()
    assert operation.next_at < later(5)


def test_a_service_somebody_waits_for_is_read_once_however_many_hints(service, ovh):
    sync.ask_for_refresh(service)
    before = len(ovh.control("GET", "calls"))

    for _ in range(3):
        tasks.refresh_service(service.pk)

    made = ovh.control("GET", "calls")[before:]
    assert len([call for call in made if call["path"].endswith("/serviceInfos")]) == 1


def test_a_service_the_key_may_not_read_does_not_stop_the_others(connection, service, ovh):
    ovh.fault("not_granted", path=f"{service.name}/serviceInfos", times=9)

    run = sync.read_now(connection)

    assert run.state == "partial"
    assert run.done == run.total == 3
    assert [each["service"] for each in run.missed] == [service.name]


def test_the_longest_unread_service_is_read_first(connection, service, ovh):
    connection.services.exclude(pk=service.pk).update(refreshed_at=timezone.now())
    connection.services.filter(pk=service.pk).update(refreshed_at=None)
    before = len(ovh.control("GET", "calls"))

    sync.read_now(connection)

    paths = [call["path"] for call in ovh.control("GET", "calls")[before:]]
    assert next(path for path in paths if "cluster" in path).endswith(service.name)


def test_what_was_read_by_itself_during_a_sync_is_newer_than_its_list(service, ovh, monkeypatch):
    name = service.databases.first().name
    client = client_for(service.connection)
    real = sync._listed

    def listing(client, path):
        rows = real(client, path)
        if path.endswith("/tasks"):
            service.databases.filter(name=name).update(gone_at=timezone.now(), refreshed_at=timezone.now())
        return rows

    monkeypatch.setattr(sync, "_listed", listing)

    sync.refresh(service, client)

    assert service.databases.get(name=name).gone_at is not None


@pytest.mark.fault(33)
def test_nothing_new_is_asked_of_an_account_that_is_being_removed(asked, service):
    type(service.connection).objects.filter(pk=service.connection_id).update(removed_at=timezone.now())

    with pytest.raises(PermissionDenied):
        asked()
    assert not Operation.objects.exists()


def test_with_one_call_at_a_time_what_has_ended_is_proven_while_others_run_on(asked, ovh, monkeypatch):
    calls = {"left": 20}

    def take(_self):
        calls["left"] -= 1
        return 0.0 if calls["left"] >= 0 else 1.0

    monkeypatch.setattr("apps.ovhapi.bucket.LocalBucket.take", take)
    monkeypatch.setattr("apps.ovhapi.bucket.LocalBucket.room", lambda _self: max(calls["left"], 0))
    operations = [asked(params={**ATTACH, "domain": f"d{number}.example.com"}) for number in range(4)]
    for operation in operations:
        engine.submit(operation.pk)
    for task_id in list(ovh.running.world.tasks)[:2]:
        ovh.control("POST", f"tasks/{task_id}", finish="done")

    for _ in range(6):
        calls["left"] = 1
        Operation.objects.exclude(next_at=None).update(next_at=timezone.now())
        engine.poll(operations[0].connection_id)

    assert Operation.objects.filter(state=State.SUCCEEDED).count() == 2

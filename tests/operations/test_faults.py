"""What goes wrong between us and OVH: each fault really happens, and the outcome is looked at on both ends."""

from datetime import timedelta

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.utils import timezone

from apps.connections.client import client_for
from apps.connections.models import Connection
from apps.operations import engine, registry, states, turns
from apps.operations.models import Operation, State
from apps.ovhapi import wire

WRITE = {"method": "POST", "path": "/attachedDomain$"}


def later(operation, **by):
    """Workers look again after so long."""
    with time_machine.travel(timezone.now() + timedelta(**by), tick=True):
        Connection.objects.update(paused_until=None, health="ok")
        engine.submit(operation.pk)
        engine.poll(operation.connection_id)
    operation.refresh_from_db()
    return operation


def attached(ovh, service):
    return len(ovh.effects("POST", f"{service.name}/attachedDomain"))


@pytest.mark.fault(2)
@pytest.mark.fault(4)
@pytest.mark.fault(5)
@pytest.mark.parametrize(
    "kind",
    ["reset_after", "http_500", "http_502_html", "http_503", "http_504", "empty_200", "html_200", "truncated_200"],
)
def test_a_write_that_took_effect_while_its_answer_was_lost_is_found_and_not_sent_again(
    kind, ovh, service, asked, settled
):
    ovh.fault(kind, effect=True, **WRITE)

    operation = settled(asked())

    assert operation.state == State.SUCCEEDED
    assert attached(ovh, service) == 1


@pytest.mark.fault(3)
@pytest.mark.fault(4)
@pytest.mark.fault(5)
@pytest.mark.parametrize("kind", ["reset_before", "http_500", "http_502_html", "empty_200", "html_200"])
def test_a_write_that_did_not_take_effect_is_proven_absent_and_sent_again(kind, ovh, service, asked, settled):
    ovh.fault(kind, **WRITE)
    operation = asked()
    engine.submit(operation.pk)
    operation.refresh_from_db()
    assert operation.state == State.UNCONFIRMED

    for minutes in range(1, 9):
        later(operation, minutes=minutes)
    settled(operation)

    assert operation.state == State.SUCCEEDED
    assert attached(ovh, service) == 1


def test_before_it_is_proven_absent_nothing_is_sent_again(ovh, service, asked):
    ovh.fault("reset_before", **WRITE)
    operation = asked()
    engine.submit(operation.pk)

    for seconds in (10, 30, 60, 120, 180):
        later(operation, seconds=seconds)

    assert operation.state == State.UNCONFIRMED
    assert attached(ovh, service) == 0


@pytest.mark.fault(2)
def test_an_effect_that_comes_long_after_the_call_broke_off_is_waited_for(ovh, service, asked, settled):
    ovh.fault("reset_before", **WRITE)
    operation = asked()
    engine.submit(operation.pk)
    for _ in range(9):  # whatever the number of looks
        Operation.objects.update(next_at=timezone.now())
        engine.poll(operation.connection_id)
    call = registry.call_of(operation, {})

    client_for(service.connection).call(call.method, call.path, body=call.body)  # OVH gets to it only now

    assert settled(operation).state == State.SUCCEEDED
    assert attached(ovh, service) == 1


def test_a_restore_whose_fate_nobody_knows_is_never_repeated(ovh, service, asked):
    dump = service.dumps.filter(database__isnull=False).first()
    ovh.fault("reset_before", method="POST", path="/restore$")
    operation = asked("backups.restore", target={"name": dump.database.name, "id": dump.ovh_id}, params={})
    engine.submit(operation.pk)

    for minutes in range(1, 9):
        later(operation, minutes=minutes)

    assert (operation.state, operation.reason) == (State.FAILED, "not_known")
    assert ovh.effects("POST", "/restore") == []


def test_a_restore_that_runs_at_ovh_after_a_lost_answer_is_adopted(ovh, service, asked, settled):
    dump = service.dumps.filter(database__isnull=False).first()
    ovh.fault("reset_after", method="POST", path="/restore$")

    operation = settled(asked("backups.restore", target={"name": dump.database.name, "id": dump.ovh_id}, params={}))

    assert operation.state == State.SUCCEEDED
    assert len(ovh.effects("POST", "/restore")) == 1
    assert ovh.truth(service.name)["databases"][dump.database.name]["restoredFrom"] == dump.ovh_id


@pytest.mark.fault(6)
def test_when_ovh_asks_to_slow_down_nothing_is_sent_and_it_waits_as_told(ovh, service, asked):
    ovh.fault("http_429", retry_after=120, **WRITE)
    operation = asked()

    engine.submit(operation.pk)

    operation.refresh_from_db()
    assert (operation.state, operation.waiting) == (State.QUEUED, "rate_limited")
    assert operation.next_at > timezone.now() + timedelta(seconds=100)
    assert attached(ovh, service) == 0


@pytest.mark.fault(1)
def test_an_ovh_that_cannot_be_reached_fails_nothing(ovh, service, asked, settled, settings):
    address = settings.OVH_ENDPOINTS["sandbox"]
    operation = asked()
    wire._local.__dict__.clear()
    settings.OVH_ENDPOINTS = {"sandbox": "http://127.0.0.1:9/1.0"}
    engine.submit(operation.pk)
    operation.refresh_from_db()
    assert (operation.state, operation.waiting) == (State.QUEUED, "unreachable")

    wire._local.__dict__.clear()
    settings.OVH_ENDPOINTS = {"sandbox": address}
    later(operation, minutes=5)

    assert settled(operation).state == State.SUCCEEDED


@pytest.mark.fault(9)
def test_a_lapsed_key_makes_operations_wait_and_a_renewed_one_lets_them_go_on(ovh, asked, settled, connection):
    ovh.control("POST", f"credentials/{ovh.account['consumer_key']}", status="expired")
    operation = asked()
    engine.submit(operation.pk)
    operation.refresh_from_db()
    connection.refresh_from_db()
    assert (operation.state, operation.waiting, connection.health) == (State.QUEUED, "lapsed", "lapsed")

    ovh.control("POST", f"credentials/{ovh.account['consumer_key']}", status="validated")
    later(operation, minutes=2)

    assert settled(operation).state == State.SUCCEEDED


@pytest.mark.fault(10)
def test_a_missing_right_makes_the_operation_wait_and_is_named_while_others_go_on(ovh, service, asked, settled):
    ovh.fault("not_granted", **WRITE)
    operation = asked()

    engine.submit(operation.pk)

    operation.refresh_from_db()
    connection = Connection.objects.get()
    assert (operation.state, operation.waiting) == (State.QUEUED, "missing_rights")
    assert connection.health == "missing_rights"
    assert f"POST /hosting/web/{service.name}/attachedDomain" in str(connection.missing_rules)
    assert settled(asked("hostings.rename", params={"displayName": "Other"})).state == State.SUCCEEDED


@pytest.mark.fault(7)
def test_bad_parameters_fail_at_once_with_ovhs_words_and_query_id(ovh, asked, settled):
    operation = settled(asked(params={"domain": "not a domain", "path": "www"}))

    assert (operation.state, operation.reason) == (State.FAILED, "refused")
    assert "[domain]" in operation.ovh_message
    assert operation.query_id.startswith("SBX")


@pytest.mark.fault(16)
def test_a_cancelled_task_is_failure(ovh, asked, settled, service):
    ovh.fault("task_cancelled", function="attachedDomain/create")

    operation = settled(asked())

    assert (operation.state, operation.reason) == (State.FAILED, "cancelled_by_ovh")


@pytest.mark.fault(14)
def test_a_task_that_vanishes_after_it_was_seen_is_over_and_the_object_tells_how(ovh, asked, settled):
    operation = asked()
    engine.submit(operation.pk)
    Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now())
    engine.poll(operation.connection_id)
    ovh.control("POST", "settings", vanish_seconds=0)

    assert settled(operation).state == State.SUCCEEDED


@pytest.mark.fault(13)
def test_a_task_that_is_not_there_yet_is_waited_for(ovh, asked):
    ovh.fault("task_hidden", function="attachedDomain/create", seconds=30)
    operation = asked()
    engine.submit(operation.pk)
    Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now())

    engine.poll(operation.connection_id)

    operation.refresh_from_db()
    assert operation.state == State.RUNNING


@pytest.mark.fault(15)
def test_done_at_ovh_is_not_success_while_the_object_is_not_as_asked(ovh, asked, settled):
    ovh.fault("done_but_unchanged", function="attachedDomain/create")
    operation = settled(asked(), rounds=4)
    assert operation.state == State.RUNNING

    later(operation, minutes=3)

    assert (operation.state, operation.reason) == (State.FAILED, "not_as_asked")


@pytest.mark.fault(17)
def test_a_status_nobody_knows_counts_as_running(ovh, asked):
    ovh.fault("task_unknown_status", function="attachedDomain/create")
    operation = asked()
    engine.submit(operation.pk)
    Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now())

    engine.poll(operation.connection_id)

    operation.refresh_from_db()
    assert (operation.state, operation.task_status) == (State.RUNNING, "pondering")


def test_deleting_what_is_gone_already_is_success(ovh, service, asked, settled):
    database = service.databases.first()
    ovh.truth(service.name)["databases"].pop(database.name)

    operation = settled(asked("databases.delete", target={"name": database.name}, params={}))

    assert operation.state == State.SUCCEEDED


@pytest.mark.fault(32)
def test_a_member_who_lost_the_role_meanwhile_changes_nothing(ovh, operator, asked, settled):
    operation = asked(member=operator)
    operator.role = "viewer"
    operator.save()

    settled(operation)

    assert (operation.state, operation.reason) == (State.FAILED, "no_longer_allowed")
    assert ovh.effects() == []


def test_a_sender_that_died_leaves_an_operation_that_is_found_out(ovh, service, asked, settled):
    operation = asked()
    states.leaving(states.claim_to_send(operation.pk, now=timezone.now()))

    assert states.rescue(now=timezone.now()) == 0
    assert states.rescue(now=timezone.now() + turns.LEASE + timedelta(seconds=1)) == 1

    operation.refresh_from_db()
    assert operation.state == State.UNCONFIRMED


def test_a_worker_whose_lease_ran_out_writes_nothing(asked):
    operation = asked()
    slow = states.claim_to_send(operation.pk, now=timezone.now())
    Operation.objects.filter(pk=operation.pk).update(epoch=slow.epoch + 1)

    assert not states.running(slow, task_id=1, seconds=1)
    assert not states.failed(slow, "refused")


def test_what_was_sent_between_the_look_and_the_claim_is_not_claimed_for_sending(ovh, asked):
    operation = asked()
    engine.submit(operation.pk)
    Operation.objects.update(next_at=timezone.now())

    assert states.claim_to_send(operation.pk, now=timezone.now()) is None


def test_what_is_over_stays_as_it_ended_whoever_still_holds_it(asked):
    operation = asked()
    held = states.claim_to_send(operation.pk, now=timezone.now())
    states.failed(held, "refused")

    assert not states.running(held, task_id=1, seconds=1)
    assert not states.later(held, seconds=1, waiting="trouble")
    operation.refresh_from_db()
    assert (operation.state, operation.waiting, operation.next_at) == (State.FAILED, "", None)


def test_an_operation_is_claimed_by_one_worker_only(asked):
    operation = asked()

    first = states.claim_to_send(operation.pk, now=timezone.now())
    second = states.claim_to_send(operation.pk, now=timezone.now())

    assert first is not None
    assert second is None


@pytest.mark.fault(34)
def test_without_the_seal_key_a_secret_waits_and_nothing_is_sent(ovh, service, asked, settings):
    params = {
        "capabilitie": "sqlPerso",
        "type": "mysql",
        "user": f"{service.primary_login}neu",
        "password": "Geheim12345",
    }
    operation = asked("databases.create", params=params)
    settings.SEAL_KEYS = [Fernet.generate_key().decode()]

    engine.submit(operation.pk)

    operation.refresh_from_db()
    assert operation.state == State.QUEUED
    assert ovh.effects() == []


@pytest.mark.fault(34)
def test_without_the_seal_key_of_its_account_what_runs_waits_and_goes_on_once_it_is_back(ovh, asked, settings):
    operation, known = asked(), settings.SEAL_KEYS
    engine.submit(operation.pk)
    ovh.finish_tasks()
    settings.SEAL_KEYS = [Fernet.generate_key().decode()]
    later(operation, seconds=30)
    assert (operation.state, operation.waiting) == (State.RUNNING, "sealed")

    settings.SEAL_KEYS = known
    later(operation, minutes=3)

    assert operation.state == State.SUCCEEDED

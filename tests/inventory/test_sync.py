"""Reading an account into the mirror."""

import pytest
from django.utils import timezone

from apps.connections.client import client_for
from apps.inventory import sync
from apps.inventory.models import AttachedDomain, Database, Dump, Service, SyncRun


def test_a_reading_brings_services_domains_databases_and_dumps(connection, ovh):
    truth = ovh.running.world.services

    assert Service.objects.count() == len(truth) == 3
    assert AttachedDomain.objects.count() == sum(len(each["domains"]) for each in truth.values())
    assert Database.objects.count() == sum(len(each["databases"]) for each in truth.values())
    assert Dump.objects.count() == sum(len(each["dumps"]) for each in truth.values())


def test_one_service_costs_one_call_a_list_where_lists_expand(connection, ovh, service):
    service.refresh_from_db()
    client = client_for(connection)
    before = len(ovh.control("GET", "calls"))

    sync.refresh(service, client)

    made = ovh.control("GET", "calls")[before:]
    pages = [call for call in made if not call["path"].endswith("/dump")]
    assert len(pages) == 8


def test_where_lists_do_not_expand_the_same_is_read_one_by_one(connection, ovh, service):
    ovh.control("POST", "settings", expansion=False)
    count = service.dumps.count()
    Dump.objects.all().delete()

    sync.refresh(service, client_for(connection))

    assert service.dumps.count() == count


def test_what_ovh_no_longer_lists_is_gone(connection, ovh, service):
    database = service.databases.first()
    ovh.truth(service.name)["databases"].pop(database.name)

    sync.refresh(service, client_for(connection))

    database.refresh_from_db()
    assert database.gone_at is not None


@pytest.mark.fault(11)
def test_an_expired_service_does_not_stop_the_others(connection, ovh, service):
    ovh.control("POST", f"services/{service.name}", expired=True)

    run = sync.read_now(connection)

    service.refresh_from_db()
    assert run.state == SyncRun.State.FINISHED
    assert service.problem == Service.Problem.EXPIRED
    assert Service.objects.filter(problem="").count() == 2


@pytest.mark.fault(21)
def test_a_list_that_breaks_off_marks_nothing_gone_and_the_next_run_mends_it(connection, ovh):
    databases = Database.objects.filter(gone_at=None).count()
    ovh.fault("http_500", method="GET", path="/database$", times=3)

    broken = sync.read_now(connection)
    assert broken.state == SyncRun.State.PARTIAL
    assert Database.objects.filter(gone_at=None).count() == databases

    ovh.control("DELETE", "faults")
    connection.refresh_from_db()
    type(connection).objects.update(paused_until=None, failures=0)
    assert sync.read_now(connection).state == SyncRun.State.FINISHED


def test_only_one_reading_of_an_account_runs_at_a_time(connection):
    first = sync.ask_for_sync(connection)

    assert sync.ask_for_sync(connection) == first


def test_a_reading_whose_worker_died_is_gone_on_with(connection):
    run = sync.ask_for_sync(connection)
    SyncRun.objects.filter(pk=run.pk).update(total=3, done=2, pending=[Service.objects.first().name])

    sync.go_on(run.pk)

    run.refresh_from_db()
    assert (run.state, run.done) == (SyncRun.State.FINISHED, 3)


def test_a_reading_somebody_is_at_is_left_alone(connection):
    run = sync.ask_for_sync(connection)
    SyncRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() + sync.LEASE)

    sync.go_on(run.pk)

    run.refresh_from_db()
    assert run.done == 0

"""What goes, what stays, and that nobody waits for it."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from apps.inventory.models import Answer, Database, Dump, Service, ServiceTask, SyncRun
from apps.operations.models import Event, Operation, State
from apps.upkeep import housekeeping, tallies, tasks
from apps.upkeep.models import Tally
from tests.factories import ConnectionFactory, DatabaseFactory, DumpFactory, OperationFactory, ServiceFactory

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=1000)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(housekeeping, "PAUSE_S", 0)


def finished(at=LONG_AGO, **given):
    operation = OperationFactory.create(
        **{"state": State.SUCCEEDED, "next_at": None, "finished_at": at, "requested_at": at, **given}
    )
    operation.events.create(kind="asked", at=at)
    operation.events.create(kind="checked", at=at)
    return operation


def keep_house(**given):
    return housekeeping.keep_house(timezone.now(), **{"seconds": 60, **given})


def test_old_operations_go_with_their_steps_and_leave_a_count():
    old, young = finished(), finished(at=timezone.now() - timedelta(days=100))

    keep_house()

    assert list(Operation.objects.all()) == [young]
    assert not Event.objects.filter(operation_id=old.pk).exists()
    assert tallies.totals()["domains.attach", "succeeded"] == 2


@pytest.mark.parametrize(
    "given",
    [
        {"state": State.RUNNING, "finished_at": None},
        {"state": State.QUEUED, "finished_at": None},
        {"state": State.FAILED, "reason": "not_known"},
    ],
)
def test_what_somebody_still_waits_for_stays_whatever_its_age(given):
    kept = finished(**given)

    keep_house()

    assert Operation.objects.get() == kept
    assert kept.events.count() == 2


def test_one_that_others_came_after_goes_and_they_stay():
    old = finished()
    young = finished(at=timezone.now(), after=old)

    keep_house()

    young.refresh_from_db()
    assert young.after is None


def test_steps_go_before_their_operation_does():
    operation = finished(at=timezone.now() - timedelta(days=400))

    keep_house()

    assert Operation.objects.filter(pk=operation.pk).exists()
    assert not operation.events.exists()


def test_runs_tasks_answers_and_what_is_gone_at_ovh_go():
    service = ServiceFactory.create()
    database = DatabaseFactory.create(service=service, gone_at=LONG_AGO)
    here = DumpFactory.create(database=database)
    DumpFactory.create(database=database, gone_at=LONG_AGO)
    ServiceTask.objects.create(service=service, ovh_id=1, gone_at=LONG_AGO)
    followed = ServiceTask.objects.create(service=service, ovh_id=2, gone_at=LONG_AGO, next_at=timezone.now())
    Answer.objects.create(service=service, path="/statistics", read_at=LONG_AGO)
    looked_at = Answer.objects.create(service=service, path="/x", read_at=LONG_AGO, asked_at=timezone.now())
    account = ConnectionFactory.create()
    given = {"connection": account, "lease_until": LONG_AGO}
    SyncRun.objects.create(**given, state="finished", started_at=LONG_AGO)
    SyncRun.objects.create(**given, state="running", started_at=LONG_AGO)
    SyncRun.objects.create(**given, state="finished", started_at=timezone.now())

    keep_house()

    assert list(Dump.objects.all()) == [here]
    assert not Database.objects.exists()
    assert list(ServiceTask.objects.all()) == [followed]
    assert list(Answer.objects.all()) == [looked_at]
    assert sorted(SyncRun.objects.values_list("state", flat=True)) == ["finished", "running"]
    assert Service.objects.filter(pk=service.pk).exists()


def test_sessions_that_are_over_go(browser_of, owner):
    browser_of(owner)
    Session.objects.create(session_key="old", session_data="", expire_date=LONG_AGO)

    keep_house()

    assert Session.objects.count() == 1


def test_each_batch_is_a_transaction_of_its_own(monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(housekeeping, "BATCH", 2)
    for _ in range(5):
        finished()
    told = []

    keep_house(told=lambda name, number: told.append((name, number)))

    assert [number for name, number in told if name == "operations"] == [2, 2, 1]


def test_when_the_time_is_over_the_rest_is_left_for_the_next(monkeypatch):
    monkeypatch.setattr(housekeeping, "BATCH", 1)
    finished()
    finished()

    result = keep_house(seconds=0)

    assert not result.is_done
    assert Event.objects.count() == 3
    assert keep_house().is_done
    assert not Operation.objects.exists()


def test_workers_do_it_once_a_day(monkeypatch):
    finished()
    tasks.keep_house()
    assert not Operation.objects.exists()

    finished()
    tasks.keep_house()

    assert Operation.objects.count() == 1


def test_where_a_table_is_older_than_a_moment_is_found_by_its_key():
    operation = OperationFactory.create()
    now = timezone.now()
    for days in (9, 8, 7, 3, 2, 1):
        operation.events.create(kind="asked", at=now - timedelta(days=days))
    operation.events.filter(kind="asked").order_by("pk")[2].delete()  # keys have gaps

    old = housekeeping._before(Event, "at", now - timedelta(days=5))

    assert old.count() == 2
    assert housekeeping._before(Event, "at", now - timedelta(days=30)).count() == 0
    assert housekeeping._before(Event, "at", now).count() == 5


def test_a_look_removes_nothing():
    finished()
    out = StringIO()

    call_command("housekeeping", "--dry-run", stdout=out)

    assert "1  operations" in out.getvalue()
    assert "2  events" in out.getvalue()
    assert Operation.objects.count() == 1


def test_the_command_says_what_went():
    finished()
    out = StringIO()

    call_command("housekeeping", "--no-progress", stdout=out)

    assert "1  operations" in out.getvalue()
    assert not Operation.objects.exists()
    assert Tally.objects.filter(action="domains.attach").exists()

"""The pages of backups: dumps of databases, snapshots of files."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.backups import snapshots
from apps.operations.models import Operation, State
from tests.factories import DatabaseFactory, DumpFactory, ServiceFactory


def url(name, service, *more):
    return reverse(f"backups:{name}", args=["acme", service.name, *more])


@pytest.fixture
def dump(service):
    database = service.databases.first()
    return service.dumps.filter(database=database, status="created").first()


def restore(browser, service, dump, **typed):
    form = {"key": "k", "confirm_name": dump.database_name, **typed}
    return browser.post(url("restore", service, dump.database_name, dump.ovh_id), form)


def test_a_restore_offers_ticked_to_take_a_backup_first(service, dump, owner, browser_of):
    page = browser_of(owner).get(url("restore", service, dump.database_name, dump.ovh_id)).content.decode()

    assert 'name="dump_first"' in page
    assert "checked" in page.split('name="dump_first"')[1][:200]


def test_with_it_the_restore_waits_for_the_backup(service, dump, owner, browser_of, settled, ovh):
    restore(browser_of(owner), service, dump, dump_first="on")

    first, then = Operation.objects.order_by("requested_at")
    assert (first.action, then.action, then.after) == ("backups.create", "backups.restore", first)
    settled(first)
    settled(then)

    assert (first.state, then.state) == (State.SUCCEEDED, State.SUCCEEDED)
    assert ovh.truth(service.name)["databases"][dump.database_name]["restoredFrom"] == dump.ovh_id


def test_without_it_the_restore_goes_at_once(service, dump, owner, browser_of):
    restore(browser_of(owner), service, dump)

    assert [operation.action for operation in Operation.objects.all()] == ["backups.restore"]
    assert not Operation.objects.get().is_held


def test_when_something_is_under_way_neither_is_asked_for(service, dump, owner, browser_of, asked_dump):
    answer = restore(browser_of(owner), service, dump, dump_first="on")

    assert answer.status_code == 422
    assert Operation.objects.count() == 1


@pytest.fixture
def asked_dump(service, dump, operator, browser_of):
    address = url("create", service, dump.database_name)
    browser_of(operator).post(address, {"key": "first", "date": "now"})


@pytest.mark.parametrize("when", ["daily.1", "weekly.1"])
def test_a_database_goes_back_to_a_night_without_naming_a_dump(when, service, dump, owner, browser_of, ovh, settled):
    form = {"key": "k", "confirm_name": dump.database_name, "date": when}
    kept = ovh.truth(service.name)["dumps"]
    newest = max(kept.values(), key=lambda each: each["created"] if each["databaseName"] == dump.database_name else 0)
    newest["type"] = when

    browser_of(owner).post(url("restore_date", service, dump.database_name), form)
    operation = settled(Operation.objects.get())

    assert operation.state == State.SUCCEEDED
    assert ovh.truth(service.name)["databases"][dump.database_name]["restoredFrom"] == newest["id"]


def test_a_dump_is_deleted_after_its_database_was_named(service, dump, owner, browser_of, ovh, settled):
    address = url("delete", service, dump.ovh_id)
    refused = browser_of(owner).post(address, {"key": "k", "confirm_name": "other"})
    assert refused.status_code == 422

    browser_of(owner).post(address, {"key": "k", "confirm_name": dump.database_name})
    operation = settled(Operation.objects.get())

    dump.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert str(dump.ovh_id) not in ovh.truth(service.name)["dumps"]
    assert dump.gone_at is not None


def test_the_dump_of_a_deleted_database_can_be_fetched_and_deleted_but_not_restored(owner, browser_of, service):
    orphan = DumpFactory(
        service=service, database=None, database_name="old.mysql.db", is_orphan=True, url="https://dumps.example/1"
    )

    page = browser_of(owner).get(url("index", service), {"orphan": "true"}).content.decode()

    assert "old.mysql.db" in page
    assert "https://dumps.example/1" in page
    assert reverse("backups:delete", args=["acme", service.name, orphan.ovh_id]) in page
    assert "/restore/" not in page.split('id="backups"')[1].split("</section>")[0]


@pytest.fixture
def dated(db):
    service = ServiceFactory(connection__team__slug="acme")
    database = DatabaseFactory(service=service)
    at = timezone.now().replace(year=2026, month=3, day=10, hour=12)
    for number, kind in enumerate(("daily.1", "weekly.1", "now")):
        made = at + timedelta(days=number)
        DumpFactory(database=database, type=kind, created_at=made, deletes_at=made + timedelta(days=30))
    return service


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("", {"daily.1", "weekly.1", "now"}),
        ("type=now", {"now"}),
        ("type=hourly", {"daily.1", "weekly.1", "now"}),
        ("creationDate.from=2026-03-11", {"weekly.1", "now"}),
        ("creationDate.to=2026-03-11", {"daily.1", "weekly.1"}),
        ("creationDate.from=2026-03-11&creationDate.to=2026-03-11", {"weekly.1"}),
        ("deletionDate.from=2026-04-11", {"now"}),
        ("deletionDate.to=2026-04-09", {"daily.1"}),
        ("creationDate.from=yesterday&deletionDate.to=9999-99-99", {"daily.1", "weekly.1", "now"}),
        ("creationDate.from=0001-01-01&creationDate.to=9999-12-31", {"daily.1", "weekly.1", "now"}),
        ("orphan=true", set()),
        ("database=%00", set()),
    ],
)
def test_the_list_takes_the_filters_of_ovhs_guide(query, kinds, dated, owner, browser_of):
    answer = browser_of(owner).get(f"{url('index', dated)}?{query}")

    assert {row.type for row in answer.context["page"]} == kinds


def test_snapshots_stand_for_three_nights_and_two_sundays(db):
    found = snapshots.of(ServiceFactory(), date(2026, 11, 25))

    assert {each.key: each.day for each in found} == {
        "daily.1": date(2026, 11, 25), "daily.2": date(2026, 11, 24), "daily.3": date(2026, 11, 23),
        "weekly.1": date(2026, 11, 22), "weekly.2": date(2026, 11, 15),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("created", "keys"),
    [
        ("2026-11-24", ["daily.1"]),
        ("2026-11-23", ["daily.1", "daily.2"]),
        ("2026-11-25", []),
        ("2026-11-18", ["daily.1", "daily.2", "daily.3", "weekly.1"]),
        ("nonsense", ["daily.1", "daily.2", "daily.3", "weekly.1", "weekly.2"]),
    ],
)
def test_a_young_hosting_is_not_offered_what_cannot_exist(created, keys, db):
    service = ServiceFactory(raw_infos={"creation": created})

    assert [each.key for each in snapshots.of(service, date(2026, 11, 25))] == keys


def put_back(browser, service, **typed):
    form = {"key": "k", "backup": "daily.2", "confirm_name": service.name, **typed}
    return browser.post(url("snapshot", service), form)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"quota_used_mb": 600.0, "quota_size_mb": 1000.0}, "at least half must be free"),
        ({"state": "maintenance"}, "not active"),
    ],
)
def test_what_ovh_would_refuse_is_said_before(given, sentence, owner, browser_of):
    service = ServiceFactory(connection__team__slug="acme", **given)

    answer = put_back(browser_of(owner), service)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Operation.objects.exists()


def test_all_files_are_put_back_to_a_snapshot(service, owner, browser_of, ovh, settled):
    truth = ovh.truth(service.name)
    truth["usedGb"] = truth["quotaGb"] * 0.1
    service.quota_used_mb = 1
    service.save(update_fields=["quota_used_mb"])

    put_back(browser_of(owner), service)
    operation = settled(Operation.objects.get())

    assert operation.state == State.SUCCEEDED
    assert truth["restoredSnapshot"] == "daily.2"


def test_the_recipe_for_a_single_file_names_the_login_to_copy(service, owner, browser_of):
    page = browser_of(owner).get(url("index", service)).content.decode()

    assert f'data-copy="{service.primary_login}-snap0"' in page
    assert f"sftp -P 22 {service.primary_login}-snap0@" in page

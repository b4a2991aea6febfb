"""Dumps of databases, those of databases that are no more, and restores."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from ovh.exceptions import BadParametersError, ResourceConflictError, ResourceNotFoundError

from apps.sandbox import worlds
from apps.sandbox.dumps import new_dump


@pytest.fixture
def dump_id(api, database):
    """The newest of its daily dumps."""
    return api.get(f"{database.path}/dump")[0]


@pytest.fixture
def orphan_id(simulated, database):
    """A dump of a database that is no more."""
    service = database.hosting.removeprefix("/hosting/web/")
    simulated.truth(service)["dumps"]["77"] = new_dump(77, "gone.mysql.db", "daily.1", time.time(), "created")
    return 77


def ids(api, path, **query):
    return api.get(f"{path}/dump", **query)


def test_dumps_are_filtered_by_type_and_by_both_dates(api, database):
    ten_days_ago = (datetime.now(UTC) - timedelta(days=10)).isoformat(timespec="seconds")
    in_twenty_days = (datetime.now(UTC) + timedelta(days=20)).isoformat(timespec="seconds")
    everything = ids(api, database.path)

    recent = ids(api, database.path, **{"creationDate.from": ten_days_ago})

    assert recent == ids(api, database.path, **{"deletionDate.from": in_twenty_days})
    assert sorted(recent + ids(api, database.path, **{"creationDate.to": ten_days_ago})) == everything
    assert ids(api, database.path, type="weekly.1") == []
    assert ids(api, database.path, type="daily.1") == everything


@pytest.mark.parametrize("query", [{"type": "hourly"}, {"creationDate.from": "yesterday"}])
def test_a_filter_that_is_no_date_or_type_is_refused(api, database, query):
    with pytest.raises(BadParametersError, match=r"\["):
        ids(api, database.path, **query)


def test_dumps_of_a_database_that_is_no_more_are_orphans(api, database, orphan_id):
    assert ids(api, database.hosting, orphan="true") == [orphan_id]
    assert orphan_id not in ids(api, database.hosting, orphan="false")
    assert api.get(f"{database.hosting}/dump/{orphan_id}")["orphan"] is True
    with pytest.raises(BadParametersError, match="orphan"):
        ids(api, database.hosting, orphan="maybe")
    with pytest.raises(ResourceNotFoundError):
        api.get(f"{database.hosting}/database/gone.mysql.db/dump/{orphan_id}")


def test_an_orphan_is_deleted_by_the_hostings_list(api, simulated, database, orphan_id):
    task = api.delete(f"{database.hosting}/dump/{orphan_id}")

    assert (task["function"], task["objectType"]) == ("dump/delete", "Dump")
    assert api.get(f"{database.hosting}/dump/{orphan_id}")["status"] == "deleting"
    simulated.finish_tasks()
    assert ids(api, database.hosting, orphan="true") == []


def test_a_deleted_database_takes_its_dumps_with_it(api, simulated, database):
    api.delete(database.path)

    simulated.finish_tasks()

    assert ids(api, database.hosting, databaseName=database.name) == []


def test_some_hostings_of_the_demo_have_an_orphan():
    services = worlds.make("demo").services.values()

    orphans = [
        dump["databaseName"] for each in services for dump in each["dumps"].values()
        if dump["databaseName"] not in each["databases"]
    ]  # fmt: skip

    assert len(set(orphans)) == 3


@pytest.mark.parametrize(("how", "status"), [("done", None), ("cancelled", "created")])
def test_deleting_a_dump_takes_a_task(api, simulated, database, dump_id, how, status):
    task = api.delete(f"{database.path}/dump/{dump_id}")
    shown = api.get(f"{database.path}/dump/{dump_id}")
    assert (shown["status"], shown["taskId"], shown["url"]) == ("deleting", task["id"], None)

    simulated.finish_tasks(how)

    left = simulated.truth(database.hosting.removeprefix("/hosting/web/"))["dumps"].get(str(dump_id))
    assert (left and left["status"]) == status


def test_a_dump_is_deleted_once_and_not_restored_meanwhile(api, database, dump_id):
    api.delete(f"{database.path}/dump/{dump_id}")

    with pytest.raises(ResourceConflictError):
        api.delete(f"{database.hosting}/dump/{dump_id}")
    with pytest.raises(BadParametersError, match="not available"):
        api.post(f"{database.path}/dump/{dump_id}/restore")


def test_a_restore_by_date_takes_the_newest_backup_of_that_kind(api, simulated, database):
    newest = max(ids(api, database.path), key=lambda each: api.get(f"{database.path}/dump/{each}")["creationDate"])

    api.post(f"{database.path}/restore", date="daily.1")
    assert api.get(database.path)["status"] == "restoring"
    simulated.finish_tasks()

    assert database.truth["restoredFrom"] == newest


@pytest.mark.parametrize("date", ["weekly.1", "now"])
def test_a_restore_needs_a_backup_of_that_kind(api, simulated, database, date):
    with pytest.raises(BadParametersError, match="no backup"):
        api.post(f"{database.path}/restore", date=date)

    assert simulated.effects() == []


@pytest.mark.parametrize("body", [{}, {"date": "yesterday"}, {"date": "daily.1", "sendEmail": "yes"}])
def test_a_restore_that_breaks_the_schema_is_refused(api, database, body):
    with pytest.raises(BadParametersError, match=r"\["):
        api.post(f"{database.path}/restore", **body)


def test_an_unknown_dump_is_404(api, database):
    for ask, path in ((api.get, "1"), (api.delete, "1"), (api.post, "1/restore")):
        with pytest.raises(ResourceNotFoundError):
            ask(f"{database.path}/dump/{path}")

"""Copies of databases, and imports into them."""

import hashlib

import pytest
from ovh.exceptions import BadParametersError, ResourceConflictError, ResourceNotFoundError

from tests.sandbox.conftest import databases_of

DAY = 86400
NOBODY = "00000000-0000-4000-8000-000000000000"


def test_a_copy_is_answered_without_a_task_and_shows_how_far_it_is(api, simulated, database):
    made = api.post(f"{database.path}/copy")
    assert made["status"] == "todo"
    assert api.get(f"{database.hosting}/tasks") == []
    assert api.get(f"{database.path}/copy") == [made["id"]]

    simulated.control("POST", "settings", clock_offset_seconds=500, timestamp_window_seconds=DAY)
    assert api.get(f"{database.path}/copy/{made['id']}")["status"] == "doing"

    simulated.finish_tasks()
    assert api.get(f"{database.path}/copy/{made['id']}")["status"] == "done"


def test_a_cancelled_copy_ends_in_an_error(api, simulated, database):
    made = api.post(f"{database.path}/copy")

    simulated.finish_tasks("cancelled")

    assert api.get(f"{database.path}/copy/{made['id']}")["status"] == "error"
    with pytest.raises(BadParametersError, match="copyId"):
        api.post(f"{database.path}/copyRestore", copyId=made["id"])


def test_a_database_is_copied_once_at_a_time(api, database):
    made = api.post(f"{database.path}/copy")

    with pytest.raises(ResourceConflictError):
        api.post(f"{database.path}/copy")
    with pytest.raises(ResourceConflictError):
        api.delete(f"{database.path}/copy/{made['id']}")


def test_a_copy_is_gone_after_seven_days(api, simulated, database):
    made = api.post(f"{database.path}/copy")
    simulated.finish_tasks()

    simulated.control("POST", "settings", clock_offset_seconds=7 * DAY + 60, timestamp_window_seconds=8 * DAY)

    assert api.get(f"{database.path}/copy") == []
    with pytest.raises(ResourceNotFoundError):
        api.get(f"{database.path}/copy/{made['id']}")


def test_a_copy_is_deleted_at_once(api, simulated, database):
    made = api.post(f"{database.path}/copy")
    simulated.finish_tasks()

    assert api.delete(f"{database.path}/copy/{made['id']}") is None

    assert api.get(f"{database.path}/copy") == []
    with pytest.raises(ResourceNotFoundError):
        api.delete(f"{database.path}/copy/{made['id']}")


def test_a_copy_is_restored_into_a_database_of_another_service(api, simulated, database):
    service = next(name for name in simulated.account["services"] if name not in database.hosting)
    user = f"{simulated.truth(service)['login']}neu"
    api.post(f"/hosting/web/{service}/database", capabilitie="sqlPerso", type="mysql", user=user)
    target = next(each for each in databases_of(simulated) if service in each.hosting)
    copy_id = api.post(f"{database.path}/copy")["id"]
    simulated.finish_tasks()

    task = api.post(f"{target.path}/copyRestore", copyId=copy_id, flushDatabase=True)

    assert task["function"] == "database/copyRestore"
    assert api.get(target.path)["status"] == "restoring"
    simulated.finish_tasks()
    assert target.truth["restoredFrom"] == copy_id
    assert api.get(target.path)["quotaUsed"] == api.get(database.path)["quotaUsed"]


def test_a_cancelled_restore_leaves_the_database_as_it_was(api, simulated, database):
    target = databases_of(simulated)[1]
    used = target.truth["usedMb"]
    copy_id = api.post(f"{database.path}/copy")["id"]
    simulated.finish_tasks()

    api.post(f"{target.path}/copyRestore", copyId=copy_id)
    simulated.finish_tasks("cancelled")

    assert (target.truth["status"], target.truth["usedMb"]) == ("created", used)
    assert target.truth["restoredFrom"] is None


def test_only_a_finished_copy_that_exists_is_restored(api, simulated, database):
    target = databases_of(simulated)[1]
    under_way = api.post(f"{database.path}/copy")["id"]

    with pytest.raises(BadParametersError, match="copyId"):
        api.post(f"{target.path}/copyRestore", copyId=under_way)
    with pytest.raises(BadParametersError, match="copyId"):
        api.post(f"{target.path}/copyRestore")
    with pytest.raises(ResourceNotFoundError):
        api.post(f"{target.path}/copyRestore", copyId=NOBODY)


def test_a_copy_of_another_account_is_not_known(api, simulated, database):
    other = simulated.control("POST", "accounts", services=1)["services"][0]
    simulated.truth(other)["copies"] = {NOBODY: {"id": NOBODY, "expires": 9e12, "status": "done", "task": 0}}

    with pytest.raises(ResourceNotFoundError):
        api.post(f"{database.path}/copyRestore", copyId=NOBODY)


@pytest.mark.parametrize(("flush", "kept"), [(False, 100.0), (True, 0.0)])
def test_an_import_adds_the_documents_size_to_what_is_kept(api, simulated, database, uploaded, flush, kept):
    database.truth["usedMb"] = 100.0
    document_id = uploaded()

    task = api.post(f"{database.path}/import", documentId=document_id, flushDatabase=flush, sendEmail=False)

    assert task["function"] == "database/import"
    assert api.get(database.path)["status"] == "importing"
    simulated.finish_tasks()
    assert api.get(database.path)["quotaUsed"]["value"] == kept + 2.5
    sha256 = hashlib.sha256(b"x" * 2_500_000).hexdigest()
    assert database.truth["importedFrom"] == {"name": "shop.sql.gz", "sha256": sha256}


def test_a_cancelled_import_changes_nothing(api, simulated, database, uploaded):
    used = database.truth["usedMb"]
    api.post(f"{database.path}/import", documentId=uploaded(), flushDatabase=True)

    simulated.finish_tasks("cancelled")

    assert (database.truth["status"], database.truth["usedMb"]) == ("created", used)
    assert "importedFrom" not in database.truth


def test_an_import_needs_a_document_that_exists(api, database):
    with pytest.raises(ResourceNotFoundError):
        api.post(f"{database.path}/import", documentId=NOBODY)


def test_an_import_needs_uploaded_bytes(api, database):
    empty = api.post("/me/document", name="shop.sql")["id"]

    with pytest.raises(BadParametersError, match="Nothing was uploaded"):
        api.post(f"{database.path}/import", documentId=empty)


def test_an_import_needs_a_name_that_databases_can_read(api, database, uploaded):
    with pytest.raises(BadParametersError, match=r"\.sql"):
        api.post(f"{database.path}/import", documentId=uploaded("shop.zip"))


def test_an_import_waits_for_what_is_under_way(api, database, uploaded):
    document_id = uploaded()
    api.post(f"{database.path}/import", documentId=document_id)

    with pytest.raises(ResourceConflictError):
        api.post(f"{database.path}/import", documentId=document_id)

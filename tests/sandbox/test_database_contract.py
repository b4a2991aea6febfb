"""What the sandbox answers about databases, dumps and documents, as OVH's own OpenAPI files have it."""

import urllib.request
import uuid

import ovh
import pytest
from ovh.exceptions import APIError

from apps.sandbox.server import serve
from tests.conftest import Ovh
from tests.contract import check

CALLS = """
GET /hosting/web/{serviceName}/database
GET /hosting/web/{serviceName}/database/{name}/capabilities
POST /hosting/web/{serviceName}/database/{name}/changePassword
GET /hosting/web/{serviceName}/database/{name}/copy
POST /hosting/web/{serviceName}/database/{name}/copy
GET /hosting/web/{serviceName}/database/{name}/copy/{id}
DELETE /hosting/web/{serviceName}/database/{name}/copy/{id}
POST /hosting/web/{serviceName}/database/{name}/copyRestore
DELETE /hosting/web/{serviceName}/database/{name}/dump/{id}
POST /hosting/web/{serviceName}/database/{name}/import
POST /hosting/web/{serviceName}/database/{name}/request
POST /hosting/web/{serviceName}/database/{name}/restore
GET /hosting/web/{serviceName}/database/{name}/statistics
GET /hosting/web/{serviceName}/dump/{id}
DELETE /hosting/web/{serviceName}/dump/{id}
GET /me/document
POST /me/document
POST /me/document/cors
GET /me/document/{id}
DELETE /me/document/{id}
"""


@pytest.fixture
def recorded(tmp_path):
    """A simulated OVH whose calls are written to `calls.jsonl`."""
    running = serve(world="small", record=tmp_path / "calls.jsonl", speed=0.01)
    yield Ovh(running)
    running.stop()


def copy_and_import(simulated, api, base, name):
    """A copy, a document and an import, with the lists of them whole."""
    path = f"{base}/database/{name}"
    copy_id = api.post(f"{path}/copy")["id"]
    refused(api.delete, f"{path}/copy/{copy_id}")
    simulated.finish_tasks()
    document = api.post("/me/document", name="shop.sql", tags=[{"key": "panel", "value": "import"}])
    refused(api.post, f"{path}/import", documentId=document["id"])
    with urllib.request.urlopen(urllib.request.Request(document["putUrl"], b"SELECT 1;", method="PUT")):
        pass
    for call, body in (("copyRestore", {"copyId": copy_id}), ("import", {"documentId": document["id"]})):
        refused(api.post, f"{path}/{call}")
        refused(api.post, f"{path}/{call}", **dict.fromkeys(body, str(uuid.uuid4())))
        api.post(f"{path}/{call}", **body, flushDatabase=True)
        refused(api.post, f"{path}/{call}", **body)
        simulated.finish_tasks()
    api.post("/me/document/cors", origin="https://panel.example")
    refused(api.post, "/me/document/cors")
    for folder, one in ((f"{path}/copy", copy_id), ("/me/document", document["id"])):
        api.get(folder)
        api.raw_call("GET", folder, headers={"X-Pagination-Mode": "CachedObjectList-Pages"})
        api.get(f"{folder}/{one}")
        api.delete(f"{folder}/{one}")
        refused(api.get, f"{folder}/{one}")


def dump_and_restore(simulated, api, base, name):
    """A restore, and dumps deleted both ways."""
    path = f"{base}/database/{name}"
    refused(api.post, f"{path}/restore", date="now")
    api.post(f"{path}/restore", date="daily.1")
    simulated.finish_tasks()
    first, second = api.get(f"{path}/dump", type="daily.1")[:2]
    for folder, dump_id in ((path, first), (base, second)):
        api.get(f"{folder}/dump/{dump_id}")
        api.delete(f"{folder}/dump/{dump_id}")
        refused(api.delete, f"{folder}/dump/{dump_id}")
    simulated.finish_tasks()
    refused(api.delete, f"{base}/dump/{first}")


def count_and_change(simulated, api, base, name):
    """What is shown of a database, its size counted anew, its password changed."""
    path = f"{base}/database/{name}"
    api.get(f"{base}/database", mode="classic", type="mysql")
    refused(api.get, f"{base}/database", mode="fast")
    api.get(f"{path}/capabilities")
    for period in ("daily", "weekly", "monthly", "yearly"):
        api.get(f"{path}/statistics", period=period, type="statement")
    refused(api.get, f"{path}/statistics")
    for call, body in (("request", {"action": "CHECK_QUOTA"}), ("changePassword", {"password": "Geheim12345"})):
        refused(api.post, f"{path}/{call}")
        api.post(f"{path}/{call}", **body)
        refused(api.post, f"{path}/{call}", **body)
        api.get(path)
        simulated.finish_tasks()


def refused(ask, path, **body):
    """OVH says no, in words."""
    with pytest.raises(APIError):
        ask(path, **body)


def test_what_the_sandbox_answers_about_databases_is_as_ovhs_schema_says(recorded, tmp_path, monkeypatch):
    monkeypatch.setitem(ovh.client.ENDPOINTS, "simulated", f"{recorded.running.url}/1.0")
    names = ("application_key", "application_secret", "consumer_key")
    api = ovh.Client("simulated", **{name: recorded.account[name] for name in names})
    hosting = next(name for name in recorded.account["services"] if recorded.truth(name)["databases"])
    base = f"/hosting/web/{hosting}"
    name = api.get(f"{base}/database")[0]

    count_and_change(recorded, api, base, name)
    dump_and_restore(recorded, api, base, name)
    copy_and_import(recorded, api, base, name)

    check(tmp_path / "calls.jsonl", CALLS, "--skip-rejected")

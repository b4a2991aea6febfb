"""The panel's calls, and the sandbox's answers, as OVH's own OpenAPI files have them.

The files and their checker are not part of the project: `HOSTPANEL_CONTRACT` names their folder, else it is looked for
beside the checkout.
"""

import os
import subprocess
import sys
import urllib.request
import uuid
from pathlib import Path

import ovh
import ovh.client
import pytest
from ovh.exceptions import APIError

from apps.connections import services as connecting
from apps.connections.client import client_for
from apps.connections.services import Asking
from apps.inventory import reading, sync
from apps.inventory.models import Service
from apps.operations import registry, services
from apps.ovhapi import wire
from apps.sandbox.server import serve
from tests.conftest import Ovh

FOLDER = Path(os.environ.get("HOSTPANEL_CONTRACT") or Path(__file__).parents[2] / "shared" / "ovh-api")
CHECKER = FOLDER / "check_contract.py"
# What this release asks of OVH; each must have been answered.
CALLS = """
GET /auth/currentCredential
GET /auth/time
GET /hosting/web
GET /hosting/web/{serviceName}
GET /hosting/web/{serviceName}/attachedDomain
GET /hosting/web/{serviceName}/attachedDomain/{domain}
POST /hosting/web/{serviceName}/attachedDomain
DELETE /hosting/web/{serviceName}/attachedDomain/{domain}
GET /hosting/web/{serviceName}/database
GET /hosting/web/{serviceName}/database/{name}
POST /hosting/web/{serviceName}/database
DELETE /hosting/web/{serviceName}/database/{name}
GET /hosting/web/{serviceName}/database/{name}/dump
GET /hosting/web/{serviceName}/database/{name}/dump/{id}
POST /hosting/web/{serviceName}/database/{name}/dump
POST /hosting/web/{serviceName}/database/{name}/dump/{id}/restore
GET /hosting/web/{serviceName}/databaseAvailableType
GET /hosting/web/{serviceName}/databaseAvailableVersion
GET /hosting/web/{serviceName}/databaseCreationCapabilities
GET /hosting/web/{serviceName}/dump
GET /hosting/web/{serviceName}/serviceInfos
GET /hosting/web/{serviceName}/tasks/{id}
GET /me
"""
# What the sandbox answers about databases besides.
DATABASE_CALLS = """
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
def recorded(settings, monkeypatch, tmp_path):
    """A simulated OVH whose calls are written to `calls.jsonl`."""
    running = serve(world="small", record=tmp_path / "calls.jsonl", speed=0.01)
    settings.OVH_ENDPOINTS = {"sandbox": f"{running.url}/1.0"}
    wire._local.__dict__.clear()
    monkeypatch.setattr("apps.ovhapi.bucket.LocalBucket.take", lambda _self: 0.0)
    yield Ovh(running)
    running.stop()


def run_every_action(service, owner, settled):
    """The main job and its undoing, and a call OVH refuses."""

    def ask(action, params, **target):
        request = {"service": service, "target": target, "params": params, "member": owner}
        return settled(services.request(registry.get(action), key=uuid.uuid4().hex, **request))

    domain = {"domain": "new.example.com", "path": "www", "ssl": True, "cdn": "none", "firewall": "none",
              "ipLocation": "FR", "ownLog": "", "runtimeId": None, "bypassDNSConfiguration": False}  # fmt: skip
    user = f"{service.primary_login}neu"
    database = {"capabilitie": "sqlPerso", "type": "mysql", "version": "8.0", "user": user, "password": "Geheim12345",
                "quota": None}  # fmt: skip
    done = [ask("domains.attach", domain), ask("databases.create", database)]
    assert [(operation.state, operation.waiting, operation.ovh_message) for operation in done] == [
        ("succeeded", "", "")
    ] * 2
    name = service.databases.get(user=user).name
    done.append(ask("backups.create", {"date": "now", "sendEmail": False}, name=name))
    done.append(ask("backups.restore", {}, name=name, id=done[-1].result["dump"]))
    done.append(ask("databases.delete", {}, name=name))
    done.append(ask("domains.detach", {"bypassDNSConfiguration": True}, domain="new.example.com"))
    assert [operation.state for operation in done] == ["succeeded"] * 6
    refused = ask("databases.create", database | {"user": "nobody"})
    assert refused.state == "failed"


@pytest.mark.parametrize("expansion", [True, False])
def test_every_call_and_every_answer_is_as_ovhs_schema_says(expansion, recorded, owner, settled, tmp_path):
    if not CHECKER.is_file():
        pytest.skip(f"OVH's schema is not at {FOLDER}; HOSTPANEL_CONTRACT can name its folder")
    recorded.control("POST", "settings", expansion=expansion)
    verified = connecting.look(recorded.credentials)
    connection = connecting.create(Asking(member=owner), name="A", credentials=recorded.credentials, verified=verified)
    sync.read_now(connection)
    service = Service.objects.filter(databases__isnull=False).first()
    reading.read_domain(client_for(connection), service, service.attacheddomains.first().domain)

    run_every_action(service, owner, settled)

    check(tmp_path, CALLS)


def check(folder, calls):
    """The calls recorded in that folder; each of `calls` must have been answered."""
    (folder / "calls.txt").write_text(calls)
    checked = subprocess.run(
        [sys.executable, CHECKER, folder / "calls.jsonl", "--complete", "--errors", "--skip-rejected",
         "--coverage", folder / "calls.txt", "--require-coverage"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout[-3000:]


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
    if not CHECKER.is_file():
        pytest.skip(f"OVH's schema is not at {FOLDER}; HOSTPANEL_CONTRACT can name its folder")
    monkeypatch.setitem(ovh.client.ENDPOINTS, "simulated", f"{recorded.running.url}/1.0")
    names = ("application_key", "application_secret", "consumer_key")
    api = ovh.Client("simulated", **{name: recorded.account[name] for name in names})
    hosting = next(name for name in recorded.account["services"] if recorded.truth(name)["databases"])
    base = f"/hosting/web/{hosting}"
    name = api.get(f"{base}/database")[0]

    count_and_change(recorded, api, base, name)
    dump_and_restore(recorded, api, base, name)
    copy_and_import(recorded, api, base, name)

    check(tmp_path, DATABASE_CALLS)

"""The panel's calls, and the sandbox's answers, as OVH's own OpenAPI files have them.

The files and their checker are not part of the project: `HOSTPANEL_CONTRACT` names their folder, else it is looked for
beside the checkout.
"""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

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

    (tmp_path / "calls.txt").write_text(CALLS)
    checked = subprocess.run(
        [sys.executable, CHECKER, tmp_path / "calls.jsonl", "--complete", "--errors", "--skip-rejected",
         "--coverage", tmp_path / "calls.txt", "--require-coverage"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout[-3000:]

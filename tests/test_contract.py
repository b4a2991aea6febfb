"""The panel's calls, and the sandbox's answers, as OVH's own OpenAPI files have them.

The files and their checker are not part of the project: `HOSTPANEL_CONTRACT` names their folder, else it is looked for
beside the checkout.
"""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import ovh.client
import pytest
from ovh.exceptions import APIError

from apps.connections import services as connecting
from apps.connections.client import client_for
from apps.connections.services import Asking
from apps.inventory import catalogue, reading, sync
from apps.inventory.models import Service
from apps.operations import registry, services
from apps.ovhapi import wire
from apps.sandbox.charts import KINDS
from apps.sandbox.offers import SIZES
from apps.sandbox.server import serve
from tests.conftest import Ovh
from tests.sandbox.conftest import client_of

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
GET /hosting/web/moduleList
GET /hosting/web/moduleList/{id}
GET /hosting/web/{serviceName}/module
POST /hosting/web/{serviceName}/module
GET /hosting/web/{serviceName}/module/{id}
DELETE /hosting/web/{serviceName}/module/{id}
GET /hosting/web/{serviceName}/user
POST /hosting/web/{serviceName}/user
GET /hosting/web/{serviceName}/user/{login}
PUT /hosting/web/{serviceName}/user/{login}
POST /hosting/web/{serviceName}/user/{login}/changePassword
DELETE /hosting/web/{serviceName}/user/{login}
GET /me
"""
# What the sandbox answers beside, asked directly.
MORE_CALLS = """
GET /hosting/web/moduleList
GET /hosting/web/moduleList/{id}
GET /hosting/web/offerCapabilities
PUT /hosting/web/{serviceName}
GET /hosting/web/{serviceName}/abuseState
PUT /hosting/web/{serviceName}/attachedDomain/{domain}
GET /hosting/web/{serviceName}/attachedDomain/{domain}/digStatus
POST /hosting/web/{serviceName}/attachedDomain/{domain}/purgeCache
POST /hosting/web/{serviceName}/attachedDomain/{domain}/restart
DELETE /hosting/web/{serviceName}/attachedDomain/{domain}/ssl
GET /hosting/web/{serviceName}/attachedDomain/{domain}/ssl
POST /hosting/web/{serviceName}/attachedDomain/{domain}/ssl
PUT /hosting/web/{serviceName}/attachedDomain/{domain}/ssl
POST /hosting/web/{serviceName}/attachedDomain/{domain}/ssl/regenerate
GET /hosting/web/{serviceName}/attachedDomain/{domain}/ssl/report
GET /hosting/web/{serviceName}/module
DELETE /hosting/web/{serviceName}/module/{id}
GET /hosting/web/{serviceName}/module/{id}
POST /hosting/web/{serviceName}/module
POST /hosting/web/{serviceName}/request
POST /hosting/web/{serviceName}/restoreSnapshot
GET /hosting/web/{serviceName}/runtime
GET /hosting/web/{serviceName}/runtime/{id}
GET /hosting/web/{serviceName}/runtime/{id}/attachedDomains
GET /hosting/web/{serviceName}/runtimeAvailableTypes
GET /hosting/web/{serviceName}/serviceInfos
PUT /hosting/web/{serviceName}/serviceInfos
DELETE /hosting/web/{serviceName}/ssl
GET /hosting/web/{serviceName}/ssl
POST /hosting/web/{serviceName}/ssl
GET /hosting/web/{serviceName}/ssl/domains
POST /hosting/web/{serviceName}/ssl/regenerate
GET /hosting/web/{serviceName}/ssl/report
GET /hosting/web/{serviceName}/statistics
POST /hosting/web/{serviceName}/unblockTCPOut
GET /hosting/web/{serviceName}/user
POST /hosting/web/{serviceName}/user
DELETE /hosting/web/{serviceName}/user/{login}
GET /hosting/web/{serviceName}/user/{login}
PUT /hosting/web/{serviceName}/user/{login}
POST /hosting/web/{serviceName}/user/{login}/changePassword
"""
PASSWORD = "Geheim12345"
PEM = {"certificate": "BEGIN CERTIFICATE", "chain": "BEGIN CERTIFICATE", "key": "BEGIN PRIVATE KEY"}


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
    done += ask_for_users(ask, f"{service.primary_login}-neu")
    done += ask_for_modules(ask, service)
    failed = [(each.action, each.reason, each.ovh_message) for each in done if each.state != "succeeded"]
    assert failed == []
    refused = ask("databases.create", database | {"user": "nobody"})
    assert refused.state == "failed"


def ask_for_users(ask, login):
    """A user made, changed, switched off and deleted."""
    new = {"login": login, "home": "./www", "password": PASSWORD, "sshState": "sftponly", "access_ends": ""}
    edit = {"home": "./blog", "sshState": "none", "state": "rw", "access_ends": ""}
    return [
        ask("ftpusers.create", new),
        ask("ftpusers.edit", edit, login=login),
        ask("ftpusers.password", {"password": PASSWORD}, login=login),
        ask("ftpusers.disable", {"state": "off"}, login=login),
        ask("ftpusers.delete", {}, login=login),
    ]


def ask_for_modules(ask, service):
    """One with a database of the hosting, one with a database that OVH makes; the first deleted."""
    catalogue.read(service.connection.endpoint)
    database = {"server": "sql.example.net", "port": 3306, "name": "a", "user": "a", "prefix": "wp_"}
    domain = service.attacheddomains.filter(gone_at=None).first().domain
    given = {"moduleId": 101, "domain": domain, "path": "./neu", "language": "fr", "adminName": "chef",
             "adminPassword": PASSWORD, "module": "WordPress"}  # fmt: skip
    done = [
        ask("modules.install", {**given, **database, "password": PASSWORD, "source": "existing"}),
        ask("modules.install", {**given, "path": "./neu2", "source": "ovh"}),
    ]
    return [*done, ask("modules.delete", {"path": "neu"}, id=done[0].result.get("id", 0))]


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


class Asker:
    """Calls about one hosting, each answered or refused, with all tasks ended after it."""

    def __init__(self, simulated, name):
        self.simulated, self.client, self.name = simulated, client_of(simulated), name

    def __call__(self, verb, path="", /, **given):
        try:
            answer = self._answer(verb, f"/hosting/web/{self.name}{path}", given)
        except APIError:
            answer = None
        self.simulated.finish_tasks()
        return answer

    def _answer(self, verb, path, given):
        if path.endswith(f"{self.name}/ssl") and verb == "post":
            # python-ovh sends no body at all when there is nothing to say, and the schema wants an empty one here.
            return self.client.call("POST", path, given)
        return getattr(self.client, verb)(path, **given)


def ask_about_users(ask, login):
    ask("post", "/user", login=f"{login}-neu", home="www", password=PASSWORD, sshState="sftponly")
    ask("post", "/user", login=f"{login}-neu", home="www", password=PASSWORD)
    ask("post", "/user", login="nobody", home="www", password=PASSWORD)
    ask("put", f"/user/{login}-neu", home="blog", state="off")
    ask("get", "/user", login="neu")
    ask("get", f"/user/{login}-neu")
    ask("post", f"/user/{login}-neu/changePassword", password=PASSWORD)
    ask("post", f"/user/{login}-neu/changePassword", password="short")
    ask("delete", f"/user/{login}-neu")
    ask("delete", f"/user/{login}")
    ask("get", "/user/nobody")


def ask_about_modules(ask):
    for query in ({}, {"active": True, "branch": "stable", "latest": True}):
        for number in ask.client.get("/hosting/web/moduleList", _need_auth=False, **query):
            ask.client.get(f"/hosting/web/moduleList/{number}", _need_auth=False)
    dependency = {"type": "mysql", "name": "a", "password": PASSWORD, "port": 3306, "prefix": "wp_", "server": "a"}
    given = {"moduleId": 101, "adminName": "admin", "adminPassword": PASSWORD, "language": "en"}
    ask("post", "/module", **given, path="shop", dependencies=[dependency | {"user": "a"}])
    ask("post", "/module", **given, path="blog")
    ask("post", "/module", **given, path="blog")
    numbers = ask("get", "/module")
    for number in numbers:
        ask("get", f"/module/{number}")
    ask("delete", f"/module/{numbers[-1]}")
    ask("get", "/module/7")


def ask_about_certificates(ask, domain):
    certificates = ask.simulated.truth(ask.name)["certificates"]
    for key, path in (("", "/ssl"), (domain, f"/attachedDomain/{domain}/ssl")):
        for verb, more in (("get", ""), ("get", "/report"), ("post", "/regenerate"), ("delete", ""), ("get", "")):
            ask(verb, path + more)
        ask("post", path)
        ask("post", path)
        ask("get", path)
        ask("post", f"{path}/regenerate")
        certificates[key]["provider"] = "SECTIGO"
        ask("get", f"{path}/report")
        ask("post", f"{path}/regenerate")
        certificates[key]["provider"] = "LETSENCRYPT"
    ask("put", f"/attachedDomain/{domain}/ssl", regenerate=False)
    ask("put", f"/attachedDomain/{domain}/ssl", regenerate=True)
    ask("get", "/ssl/domains")
    ask("delete", f"/attachedDomain/{domain}/ssl")
    ask("delete", "/ssl")
    ask("post", "/ssl", **PEM)
    ask("get", "/ssl")
    ask("delete", "/ssl")
    ask("post", "/ssl", certificate="BEGIN CERTIFICATE")


def ask_about_the_hosting(ask, domain):
    ask("get")
    ask("put", displayName="Neu")
    ask("get", "/serviceInfos")
    renew = {"automatic": True, "deleteAtExpiration": False, "forced": False, "manualPayment": None, "period": 12}
    ask("put", "/serviceInfos", renew=renew)
    ask("get", "/abuseState")
    ask("post", "/unblockTCPOut")
    for action in ("CHECK_QUOTA", "FLUSH_CACHE", "SCAN_ANTIHACK", "DANCE"):
        ask("post", "/request", action=action)
    ask("post", "/restoreSnapshot", backup="daily.1")
    ask.simulated.truth(ask.name)["usedGb"] = 400
    ask("post", "/restoreSnapshot", backup="daily.1")
    for period in ("daily", "weekly", "monthly", "yearly"):
        for kind in KINDS:
            ask("get", "/statistics", period=period, type=kind)
    for number in ask("get", "/runtime"):
        ask("get", f"/runtime/{number}")
        ask("get", f"/runtime/{number}/attachedDomains")
    ask("get", "/runtimeAvailableTypes", language="php")
    ask("get", "/runtime/7")
    for offer in SIZES:
        ask.client.get("/hosting/web/offerCapabilities", _need_auth=False, offer=offer)
    ask("put", f"/attachedDomain/{domain}", path="shop", ssl=True, ipLocation="BE")
    ask("get", f"/attachedDomain/{domain}/digStatus")
    ask("post", f"/attachedDomain/{domain}/purgeCache")
    ask("post", f"/attachedDomain/{domain}/restart")
    ask("post", "/attachedDomain/nobody.example.com/restart")
    for number in ask("get", "/tasks"):
        ask("get", f"/tasks/{number}")


@pytest.mark.parametrize("expansion", [True, False])
def test_what_the_sandbox_can_do_beside_is_as_ovhs_schema_says(expansion, recorded, monkeypatch, tmp_path):
    monkeypatch.setitem(ovh.client.ENDPOINTS, "simulated", f"{recorded.running.url}/1.0")
    recorded.control("POST", "settings", expansion=expansion)
    names = recorded.account["services"]
    ask = Asker(recorded, names[2])
    headers = {"X-Pagination-Mode": "CachedObjectList-Pages"}
    truth = recorded.truth(ask.name)
    domain = next(iter(truth["domains"]))

    ask_about_users(ask, truth["login"])
    ask_about_modules(ask)
    ask_about_certificates(ask, domain)
    ask_about_the_hosting(ask, domain)
    for listed in ("user", "module", "runtime", "attachedDomain", "tasks"):
        ask.client.raw_call("GET", f"/hosting/web/{ask.name}/{listed}", headers=headers)

    check(tmp_path, MORE_CALLS)


def check(folder, calls):
    """The recording has every one of these calls, and nothing the schema does not have."""
    if not CHECKER.is_file():
        pytest.skip(f"OVH's schema is not at {FOLDER}; HOSTPANEL_CONTRACT can name its folder")
    (folder / "calls.txt").write_text(calls)
    checked = subprocess.run(
        [sys.executable, CHECKER, folder / "calls.jsonl", "--complete", "--errors", "--skip-rejected",
         "--coverage", folder / "calls.txt", "--require-coverage"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout[-3000:]

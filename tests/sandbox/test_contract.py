"""What the sandbox can do, the panel's calls aside, as OVH's own OpenAPI files have it."""

import ovh
import pytest
from ovh.exceptions import APIError

from apps.sandbox.charts import KINDS
from apps.sandbox.offers import SIZES
from apps.sandbox.server import serve
from tests.conftest import Ovh
from tests.contract import check
from tests.sandbox.conftest import client_of

CALLS = """
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
def recorded(tmp_path):
    """A simulated OVH whose calls are written to `calls.jsonl`."""
    running = serve(world="small", record=tmp_path / "calls.jsonl", speed=0.01)
    yield Ovh(running)
    running.stop()


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

    check(tmp_path / "calls.jsonl", CALLS, "--skip-rejected")

"""The sandbox speaks as OVH does: python-ovh talks to it unmodified, given only its address."""

import time
import urllib.error
import urllib.parse
import urllib.request

import ovh
import ovh.client
import pytest
from ovh.exceptions import (
    BadParametersError,
    InvalidCredential,
    InvalidKey,
    NotCredential,
    NotGrantedCall,
    ResourceConflictError,
    ResourceExpiredError,
    ResourceNotFoundError,
)

from apps.sandbox.server import serve
from tests.conftest import Ovh
from tests.sandbox.conftest import client_of

RULES = [{"method": "GET", "path": "/me"}]


def test_a_signed_call_is_answered(simulated):
    assert client_of(simulated).get("/me")["nichandle"] == simulated.account["nichandle"]


@pytest.mark.parametrize(
    ("others", "refusal"),
    [
        ({"application_key": "nobody"}, InvalidKey),
        ({"application_secret": "wrong"}, BadParametersError),
        ({"consumer_key": "nobody"}, NotCredential),
    ],
)
def test_a_wrong_key_is_refused_as_ovh_does(simulated, others, refusal):
    with pytest.raises(refusal):
        client_of(simulated, **others).get("/me")


def test_an_expired_key_is_refused(simulated):
    simulated.control("POST", f"credentials/{simulated.account['consumer_key']}", status="expired")

    with pytest.raises(InvalidCredential):
        client_of(simulated).get("/me")


def test_a_signature_that_is_too_old_is_refused(simulated):
    client = client_of(simulated)
    client.get("/me")
    simulated.control("POST", "settings", clock_offset_seconds=3600)

    with pytest.raises(BadParametersError, match="out of time"):
        client.get("/me")


def test_a_key_opens_what_its_rules_allow_and_no_more(simulated):
    simulated.control("POST", f"credentials/{simulated.account['consumer_key']}", rules=RULES)
    client = client_of(simulated)

    assert client.get("/me")
    with pytest.raises(NotGrantedCall):
        client.get("/hosting/web")


def test_a_person_says_yes_on_the_validation_page_and_is_sent_back(simulated):
    client = client_of(simulated, consumer_key=None)
    asked = client.request_consumerkey(RULES, redirect_url=f"{simulated.running.url}/sandbox/settings")
    page = urllib.request.urlopen(asked["validationUrl"]).read().decode()
    token = urllib.parse.parse_qs(urllib.parse.urlsplit(asked["validationUrl"]).query)["credentialToken"][0]
    with pytest.raises((InvalidCredential, NotCredential)):
        client.get("/me")

    form = {"credentialToken": token, "nichandle": simulated.account["nichandle"], "answer": "yes"}
    urllib.request.urlopen(f"{simulated.running.url}/auth/", urllib.parse.urlencode(form).encode())

    assert "GET /me" in page
    assert client.get("/me")["nichandle"] == simulated.account["nichandle"]


def test_a_service_account_gets_a_token_and_calls_with_it(simulated, monkeypatch):
    monkeypatch.setitem(ovh.client.OAUTH2_TOKEN_URLS, "simulated", f"{simulated.running.url}/auth/oauth2/token")
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    account = simulated.account

    client = ovh.Client("simulated", client_id=account["client_id"], client_secret=account["client_secret"])

    assert client.get("/auth/details")["method"] == "oauth2_client_credentials"


def test_a_task_takes_its_time_shows_its_effect_and_vanishes(simulated):
    client, service = client_of(simulated), simulated.service
    task = client.post(f"/hosting/web/{service}/attachedDomain", domain="neu.example.com", path="www")
    path = f"/hosting/web/{service}/tasks/{task['id']}"
    assert client.get(path)["status"] in ("init", "todo", "doing")
    assert client.get(f"/hosting/web/{service}/attachedDomain/neu.example.com")["status"] == "creating"

    simulated.finish_tasks()

    assert client.get(path)["status"] == "done"
    assert client.get(f"/hosting/web/{service}/attachedDomain/neu.example.com")["status"] == "created"
    simulated.control("POST", "settings", vanish_seconds=0)
    with pytest.raises(ResourceNotFoundError):
        client.get(path)


def test_two_tasks_on_one_object_do_not_run_at_once(simulated):
    client = client_of(simulated)
    names = {service: client.get(f"/hosting/web/{service}/database") for service in simulated.account["services"]}
    service, name = next((service, found[0]) for service, found in names.items() if found)
    client.post(f"/hosting/web/{service}/database/{name}/dump", date="now")

    with pytest.raises(ResourceConflictError):
        client.delete(f"/hosting/web/{service}/database/{name}")


def test_another_accounts_service_is_404_and_an_expired_one_460(simulated):
    other = simulated.control("POST", "accounts", services=1)
    client = client_of(simulated)
    with pytest.raises(ResourceNotFoundError):
        client.get(f"/hosting/web/{other['services'][0]}")

    simulated.control("POST", f"services/{simulated.service}", expired=True)

    with pytest.raises(ResourceExpiredError):
        client.get(f"/hosting/web/{simulated.service}")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"domain": "neu.example.com"},
        {"domain": "not a domain", "path": "www"},
        {"domain": "neu.example.com", "path": "../x"},
        {"domain": "neu.example.com", "path": "www", "cdn": "maybe"},
        {"domain": "neu.example.com", "path": "www", "colour": "red"},
        {"domain": 7, "path": "www"},
    ],
)
def test_a_body_that_breaks_the_schema_is_refused_and_changes_nothing(simulated, body):
    with pytest.raises(BadParametersError):
        client_of(simulated).post(f"/hosting/web/{simulated.service}/attachedDomain", **body)

    assert simulated.effects() == []


def test_what_was_under_way_goes_on_after_a_restart(tmp_path, monkeypatch):
    state = tmp_path / "sandbox.json"
    first = serve(world="small", state=state, speed=0.01)
    monkeypatch.setitem(ovh.client.ENDPOINTS, "simulated", f"{first.url}/1.0")
    known = Ovh(first)
    task = client_of(known).post(f"/hosting/web/{known.service}/attachedDomain", domain="neu.example.com", path="www")
    first.stop()

    second = serve(world="empty", state=state)
    monkeypatch.setitem(ovh.client.ENDPOINTS, "simulated", f"{second.url}/1.0")

    client = client_of(Ovh(second))
    assert client.get(f"/hosting/web/{known.service}/tasks/{task['id']}")["status"] == "init"
    second.stop()


def test_a_fault_breaks_the_calls_it_is_meant_for_and_no_others(simulated):
    simulated.fault("http_500", method="GET", path="^/me$")
    client = client_of(simulated)

    with pytest.raises(ovh.exceptions.APIError):
        client.get("/me")
    assert client.get("/hosting/web")
    assert client.get("/me")


def test_it_answers_hundreds_of_calls_a_second(simulated):
    client = client_of(simulated)
    began = time.monotonic()

    for _ in range(100):
        client.get("/me")

    assert time.monotonic() - began < 2

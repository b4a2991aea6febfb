"""What goes out: signed as OVH checks it, in the shape OVH reads."""

import json
import logging

import pytest

from apps.ovhapi.client import NO_BODY, Client, Credentials, path_of, query_string
from apps.ovhapi.errors import Missing, NotGranted, NotNow, Refused
from tests.ovhapi.scripted import answer


def test_a_signed_call_is_accepted(ovh):
    me = Client(ovh.credentials).get("/me")

    assert me["nichandle"] == ovh.account["nichandle"]


@pytest.mark.parametrize("name", ["a b", "é.fr", "192.0.2.0/24", "2026-01-01T00:00:00+02:00", "~x", "a%20b", "x;y=1"])
def test_an_odd_name_in_the_path_does_not_break_the_signature(ovh, name):
    path = path_of("/hosting/web/{s}/attachedDomain/{d}", s=ovh.service, d=name)

    with pytest.raises(Missing):
        Client(ovh.credentials).get(path)


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_cannot_lead_to_another_path(name):
    with pytest.raises(ValueError, match="path"):
        path_of("/hosting/web/{s}", s=name)


def test_odd_values_in_the_query_do_not_break_the_signature(ovh):
    path = path_of("/hosting/web/{s}/database", s=ovh.service)

    assert Client(ovh.credentials).get(path, user="a b&c=é+~'") == []


def test_the_query_leaves_out_none_and_writes_bool_in_lower_case():
    assert query_string({"a": None, "b": True, "creationDate.from": "2026-01-01T00:00:00+00:00"}) == (
        "b=true&creationDate.from=2026-01-01T00%3A00%3A00%2B00%3A00"
    )


def test_no_body_and_an_empty_body_are_two_things(client, scripted):
    client.call("POST", "/a", body=NO_BODY)
    client.call("POST", "/b", body={})

    assert [seen.body for seen in scripted.seen] == [b"", b"{}"]


def test_a_service_account_is_accepted(ovh):
    credentials = Credentials(
        endpoint="sandbox", client_id=ovh.account["client_id"], client_secret=ovh.account["client_secret"]
    )

    assert Client(credentials).get("/me")["nichandle"] == ovh.account["nichandle"]


def test_configuration_of_python_ovh_is_never_read(scripted, client, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ovh.conf").write_text("[default]\nendpoint=ovh-eu\n[scripted]\nconsumer_key=from-file\n")
    for name in ("ENDPOINT", "APPLICATION_KEY", "APPLICATION_SECRET", "CONSUMER_KEY", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"OVH_{name}", "from-environment")

    client.get("/me")

    assert scripted.seen[0].headers["x-ovh-application"] == "app"
    assert scripted.seen[0].headers["x-ovh-consumer"] == "s3cret-consumer"


def test_proxies_of_the_environment_are_not_used(client, scripted, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    client.get("/me")

    assert len(scripted.seen) == 1


def test_the_clock_is_read_once_for_many_calls(client, scripted):
    client.get("/me")
    client.get("/me")

    assert scripted.clock_readings == 1


def test_a_clock_that_is_wrong_here_does_not_matter(ovh):
    ovh.control("POST", "settings", clock_offset_seconds=4000)

    assert Client(ovh.credentials).get("/me")


@pytest.mark.fault(8)
@pytest.mark.fault(30)
def test_a_clock_that_jumps_is_read_again(ovh):
    client = Client(ovh.credentials)
    client.get("/me")
    ovh.control("POST", "settings", clock_offset_seconds=4000)

    assert client.get("/me")


@pytest.mark.fault(8)
def test_a_signature_refused_twice_is_about_the_clock(client, scripted):
    no = answer(400, {"errorCode": "QUERY_TIME_OUT", "httpCode": "400 Bad Request", "message": "Query out of time"})
    scripted.will(no, no)

    with pytest.raises(NotNow) as caught:
        client.call("POST", "/a", body={})

    assert (caught.value.reason, caught.value.code) == ("clock", "QUERY_TIME_OUT")
    assert len(scripted.seen) == 2


def test_a_consumer_key_is_asked_for_without_a_signature(ovh):
    credentials = Credentials(
        endpoint="sandbox",
        application_key=ovh.account["application_key"],
        application_secret=ovh.account["application_secret"],
    )

    asked = Client(credentials).ask_for_consumer_key(redirection="http://testserver/back")

    assert asked.validation_url.startswith(ovh.running.url)
    assert asked.consumer_key not in repr(asked)


def test_a_page_to_say_yes_on_is_only_believed_when_it_is_ovhs(client, scripted):
    scripted.will(answer(200, {"consumerKey": "k", "validationUrl": "https://evil.example/auth/"}))

    with pytest.raises(NotNow):
        client.ask_for_consumer_key(redirection="http://testserver/back")


def test_a_call_is_logged_without_body_query_or_secret(client, scripted, caplog):
    scripted.will(answer(400, {"message": "no"}))

    with caplog.at_level(logging.DEBUG), pytest.raises(Refused):
        client.call("POST", "/hosting/web/x/database", query={"q": "in-query"}, body={"password": "hunter2Hunter2"})

    text = caplog.text
    assert "/hosting/web/x/database" in text
    assert "EU.ext-1.scripted" in text
    for secret in ("hunter2", "in-query", "s3cret"):
        assert secret not in text


def test_credentials_never_show_their_secrets():
    shown = repr(Credentials(endpoint="ovh-eu", application_secret="aa-1", consumer_key="bb-2", client_secret="cc-3"))

    assert not [secret for secret in ("aa-1", "bb-2", "cc-3") if secret in shown]


def test_a_missing_right_is_named(ovh):
    ovh.control("POST", "faults", kind="not_granted", path="/hosting", times=1)

    with pytest.raises(NotGranted) as caught:
        Client(ovh.credentials).get("/hosting/web")

    assert caught.value.missing == ["GET /hosting/web"]


def test_calls_are_written_down_where_that_is_switched_on(ovh, settings, tmp_path):
    settings.OVH_RECORD_FILE = str(tmp_path / "calls.jsonl")

    Client(ovh.credentials).get("/hosting/web", iamTags="x")

    line = json.loads((tmp_path / "calls.jsonl").read_text())
    assert (line["method"], line["path"], line["query"], line["status"]) == (
        "GET",
        "/hosting/web",
        {"iamTags": "x"},
        200,
    )

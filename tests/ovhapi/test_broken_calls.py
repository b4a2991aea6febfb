"""What a broken call means: waited for, found out, or refused; and what must never get out with it."""

import gzip
import socket
import threading
import time
import traceback
import zlib

import pytest

from apps.ovhapi import transport
from apps.ovhapi.client import Client, Credentials
from apps.ovhapi.errors import Conflict, Expired, Lapsed, Missing, NotGranted, NotNow, OvhError, Refused, Unsure
from tests.ovhapi.conftest import KEYS
from tests.ovhapi.scripted import Scripted, answer, breaking_off, drip, reset, silence

HTML = b"<html><body>Bad Gateway</body></html>"
UNREADABLE = {
    "a reset": reset,
    "silence": silence,
    "an empty 200": answer(200),
    "HTML": answer(200, HTML),
    "half a body": breaking_off(answer(200, b'{"id": 1', Content_Length="500")),
    "half a JSON": answer(200, b'{"id": 1'),
    "500": answer(500, {"message": "Internal"}),
    "a 502 page": answer(502, HTML),
    "503": answer(503, {"message": "busy"}),
    "504": answer(504, HTML),
    "a 408 page": answer(408, HTML),
    "a redirect": answer(307, b"", Location="http://127.0.0.1:9/"),
    "a dripped body": drip(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b" " * 5000),
    "dripped headers": drip(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 1000),
}


@pytest.mark.parametrize("reply", UNREADABLE.values(), ids=UNREADABLE)
def test_a_write_that_broke_off_is_unsure(client, scripted, reply):
    scripted.will(reply)

    with pytest.raises(Unsure):
        client.call("POST", "/hosting/web/x/database", body={"user": "x"})

    assert len(scripted.seen) == 1


@pytest.mark.parametrize("reply", UNREADABLE.values(), ids=UNREADABLE)
def test_a_read_that_broke_off_is_only_not_now(client, scripted, reply):
    scripted.will(reply)

    with pytest.raises(NotNow) as caught:
        client.get("/hosting/web")

    assert caught.value.reason == "overloaded"


@pytest.mark.parametrize("kind", ["http_500", "http_502_html", "reset_before", "reset_after", "empty_200", "html_200"])
def test_the_sandboxs_faults_are_read_the_same_way(ovh, kind):
    ovh.control("POST", "faults", kind=kind, method="POST", times=1)

    with pytest.raises(Unsure):
        Client(ovh.credentials).call("POST", f"/hosting/web/{ovh.service}/attachedDomain", body={"domain": "a.fr"})


@pytest.mark.fault(19)
@pytest.mark.parametrize("reply", ["a dripped body", "dripped headers", "silence"])
def test_the_deadline_holds_whatever_drips(client, scripted, reply):
    scripted.will(UNREADABLE[reply])
    started = time.monotonic()

    with pytest.raises(NotNow):
        client.get("/hosting/web")

    assert time.monotonic() - started < 2.5


@pytest.mark.fault(19)
def test_an_answer_that_is_too_large_is_dropped(client, scripted, monkeypatch):
    monkeypatch.setattr(transport, "MOST_BYTES", 100_000)
    scripted.will(answer(200, b'"' + b"x" * 3_000_000 + b'"'))

    with pytest.raises(NotNow, match="TooLarge"):
        client.get("/hosting/web")


def test_what_was_never_sent_is_not_now_even_for_a_write(settings):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.OVH_ENDPOINTS = {"scripted": f"http://127.0.0.1:{unused.getsockname()[1]}/1.0"}

        with pytest.raises(NotNow) as caught:
            Client(Credentials(endpoint="scripted", **KEYS)).call("POST", "/a", body={}, signed=False)

    assert caught.value.reason == "unreachable"
    assert "NewConnectionError" in caught.value.message


@pytest.mark.fault(1)
def test_a_name_nobody_knows_is_not_now(settings):
    settings.OVH_ENDPOINTS = {"scripted": "http://no-such-host.invalid/1.0"}

    with pytest.raises(NotNow) as caught:
        Client(Credentials(endpoint="scripted", **KEYS)).call("DELETE", "/a")

    assert caught.value.reason == "unreachable"


@pytest.mark.fault(1)
def test_a_name_server_that_never_answers_holds_no_worker(settings, monkeypatch):
    settings.OVH_ENDPOINTS = {"scripted": "http://api.example/1.0"}
    asleep = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: asleep.wait(20))
    started = time.monotonic()

    with pytest.raises(NotNow) as caught:
        Client(Credentials(endpoint="scripted", **KEYS), deadline_s=0.5).call("POST", "/a", body={}, signed=False)

    assert caught.value.reason == "unreachable"
    assert time.monotonic() - started < 2
    asleep.set()


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500])
def test_a_clock_that_cannot_be_read_is_no_refusal_of_the_call(client, scripted, status):
    scripted.clock_status = status

    with pytest.raises(NotNow):
        client.call("POST", "/a", body={})

    assert scripted.seen == []


@pytest.mark.fault(19)
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_an_answer_packed_a_thousand_times_smaller_is_dropped(client, scripted, encoding):
    bomb = gzip.compress(b" " * 60_000_000) if encoding == "gzip" else zlib.compress(b" " * 60_000_000)
    scripted.will(answer(200, bomb, Content_Encoding=encoding))

    with pytest.raises(NotNow, match="TooLarge"):
        client.get("/hosting/web")


@pytest.mark.fault(1)
def test_tls_that_fails_is_not_now(scripted, settings):
    settings.OVH_ENDPOINTS = {"scripted": scripted.url.replace("http", "https") + "/1.0"}

    with pytest.raises(NotNow) as caught:
        Client(Credentials(endpoint="scripted", **KEYS), deadline_s=2).call("POST", "/a", body={}, signed=False)

    assert caught.value.reason == "unreachable"


def test_a_connection_the_server_dropped_meanwhile_is_not_taken_for_a_write(client, scripted):
    scripted.will(breaking_off(answer(200, [])), answer(200, {"id": 1}))
    client.get("/hosting/web")
    time.sleep(0.05)

    assert client.call("POST", "/a", body={}).data == {"id": 1}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_host_reaches_nobody_there(client, scripted, status):
    other = Scripted()
    scripted.will(answer(status, b"", Location=f"{other.url}/1.0/elsewhere"))

    with pytest.raises(Unsure):
        client.call("POST", "/a", body={"password": "x"})

    assert [seen.target for seen in scripted.seen] == ["/1.0/a"]
    assert other.seen == []
    other.shutdown()
    other.server_close()


def test_a_service_accounts_secret_follows_no_redirect(scripted):
    scripted.will(answer(307, b"", Location=f"{scripted.url}/thief"))
    credentials = Credentials(endpoint="scripted", client_id="i", client_secret="hidden-secret")

    with pytest.raises(NotNow):
        Client(credentials).get("/me")

    assert [seen.target for seen in scripted.seen] == ["/auth/oauth2/token"]


def test_a_token_that_never_comes_does_not_hold_a_worker(scripted):
    scripted.will(silence)
    started = time.monotonic()

    with pytest.raises(NotNow):
        Client(Credentials(endpoint="scripted", client_id="i", client_secret="s"), deadline_s=1).call("POST", "/a")

    assert time.monotonic() - started < 2


def test_a_refused_service_account_has_lapsed(scripted):
    scripted.will(answer(401, {"error": "invalid_client"}))

    with pytest.raises(Lapsed):
        Client(Credentials(endpoint="scripted", client_id="i", client_secret="s")).get("/me")


def test_a_token_ovh_no_longer_takes_is_fetched_again_once(scripted):
    token = answer(200, {"access_token": "t", "expires_in": 3600, "token_type": "Bearer"})
    scripted.will(token, answer(401, {"message": "expired"}), token, answer(200, {"nichandle": "x"}))

    me = Client(Credentials(endpoint="scripted", client_id="i", client_secret="s")).get("/me")

    assert me == {"nichandle": "x"}


REFUSALS = [
    (403, {"errorCode": "INVALID_CREDENTIAL"}, Lapsed),
    (403, {"errorCode": "NOT_CREDENTIAL"}, Lapsed),
    (403, {"errorCode": "INVALID_KEY"}, Lapsed),
    (401, {"class": "Client::Unauthorized"}, Lapsed),
    (403, {"errorCode": "NOT_GRANTED_CALL"}, NotGranted),
    (403, {"class": "Client::Forbidden", "details": {"unauthorizedActionsByIAM": "webHosting:apiovh:get"}}, NotGranted),
    (403, {"class": "Client::Forbidden"}, Refused),
    (400, {"class": "Client::BadParametersError::BadQuantity"}, Refused),
    (404, {"class": "Client::NotFound"}, Missing),
    (409, {"class": "Client::Conflict"}, Conflict),
    (460, {"class": "Client::ServiceExpired"}, Expired),
    (429, {"message": "slow"}, NotNow),
    (418, ["not", "an", "object"], Refused),
    (403, HTML, NotNow),
]


@pytest.mark.parametrize(("status", "body", "kind"), REFUSALS)
def test_a_refusal_is_sorted_by_what_to_do_next(client, scripted, status, body, kind):
    scripted.will(answer(status, body))

    with pytest.raises(OvhError) as caught:
        client.call("POST", "/a", body={})

    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.query_id) == (status, "EU.ext-1.scripted")


def test_missing_iam_actions_are_named(client, scripted):
    details = {"unauthorizedActionsByIAM": "webHosting:apiovh:get,webHosting:apiovh:edit"}
    scripted.will(answer(403, {"class": "Client::Forbidden", "message": "no", "details": details}))

    with pytest.raises(NotGranted) as caught:
        client.get("/hosting/web")

    assert caught.value.missing == ["webHosting:apiovh:get", "webHosting:apiovh:edit"]


def test_retry_after_is_told(client, scripted):
    scripted.will(answer(429, {"message": "slow"}, Retry_After="7"))

    with pytest.raises(NotNow) as caught:
        client.call("POST", "/a", body={})

    assert (caught.value.reason, caught.value.seconds) == ("rate_limited", 7.0)


@pytest.mark.parametrize(
    "reply", [reset, answer(400, {"message": "password hunter2Hunter2 is too weak"}), answer(502, HTML)]
)
def test_an_error_carries_no_secret_and_no_other_error(client, scripted, reply):
    scripted.will(reply)

    with pytest.raises(OvhError) as caught:
        client.call("POST", "/a", body={"password": "hunter2Hunter2"})

    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    told = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
    for secret in ("hunter2Hunter2 ", "s3cret-consumer", "s3cret-app"):
        assert secret not in told


def test_without_a_consumer_key_nothing_is_sent(scripted):
    with pytest.raises(Lapsed):
        Client(Credentials(endpoint="scripted", application_key="a", application_secret="b")).get("/me")

    assert scripted.seen == []

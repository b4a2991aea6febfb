"""Documents of an account, and the bytes put into them."""

import hashlib
import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from contextlib import closing

import ovh.client
import pytest
from ovh.exceptions import BadParametersError, NotGrantedCall, ResourceNotFoundError

from apps.sandbox import uploads
from apps.sandbox.server import serve
from tests.conftest import Ovh
from tests.sandbox.conftest import client_of, upload

TAGS = [{"key": "hostpanel", "value": "import"}]
PANEL = "https://panel.example"


@pytest.fixture
def made(api):
    return api.post("/me/document", name="shop.sql", tags=TAGS)


def begun(method, url, headers, content=b""):
    """A request whose headers are sent just as they are; its connection."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    connection.putrequest(method, parts.path)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(content or None)
    return closing(connection)


def test_a_new_document_has_an_address_at_the_sandbox_and_no_bytes(api, simulated, made):
    assert made["putUrl"].startswith(f"{simulated.running.url}/documents/")
    assert (made["size"], made["validationDate"], made["tags"]) == (0, None, TAGS)
    assert api.get("/me/document") == [made["id"]]
    assert api.get(f"/me/document/{made['id']}") == made


def test_bytes_are_put_without_a_signature_and_only_counted_and_hashed(api, simulated, made):
    content = b"INSERT" * 500_000

    assert upload(made["putUrl"], content) == 200

    shown = api.get(f"/me/document/{made['id']}")
    assert (shown["size"], shown["expirationDate"]) == (3_000_000, None)
    assert shown["validationDate"] is not None
    kept = simulated.control("GET", "documents")[0]
    assert kept["sha256"] == hashlib.sha256(content).hexdigest()
    assert len(json.dumps(kept)) < 1000


def test_an_address_answers_nothing_until_bytes_were_put(made):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(made["getUrl"])

    upload(made["putUrl"], b"x" * 10)

    with urllib.request.urlopen(made["getUrl"]) as answer:
        assert answer.read().startswith(b"10 bytes")


def test_an_unknown_address_takes_no_bytes(simulated):
    assert upload(f"{simulated.running.url}/documents/nobody", b"x") == 404


@pytest.mark.parametrize(("headers", "status"), [
    ({}, 411), ({"Content-Length": str(uploads.LARGEST + 1)}, 413),
])  # fmt: skip
def test_an_upload_says_its_size_and_is_not_too_large(made, headers, status):
    with begun("PUT", made["putUrl"], headers) as connection:
        assert connection.getresponse().status == status


def test_an_upload_that_breaks_off_keeps_nothing(api, made):
    with begun("PUT", made["putUrl"], {"Content-Length": "1000"}, b"x" * 10):
        pass

    assert api.get(f"/me/document/{made['id']}")["validationDate"] is None


@pytest.mark.parametrize(("more", "status"), [({}, 500), ({"status": 403}, 403)])
def test_an_upload_can_be_made_to_fail_once(api, simulated, made, more, status):
    simulated.fault("upload_fails", **more)
    assert api.get("/me")

    assert upload(made["putUrl"], b"x" * 100) == status
    assert api.get(f"/me/document/{made['id']}")["validationDate"] is None
    assert upload(made["putUrl"], b"x" * 100) == 200


def test_an_upload_can_be_made_to_break_off(api, simulated, made):
    simulated.fault("upload_fails", status=0)

    with pytest.raises((urllib.error.URLError, ConnectionError)):
        upload(made["putUrl"], b"x" * 3_000_000)

    assert api.get(f"/me/document/{made['id']}")["size"] == 0


@pytest.mark.parametrize("body", [
    {}, {"name": 7}, {"name": "a.sql", "size": 3}, {"name": "a.sql", "tags": ["a"]},
    {"name": "a.sql", "tags": [{"key": "a"}]}, {"name": "a.sql", "tags": [{"key": "a", "value": 1}]},
])  # fmt: skip
def test_a_document_that_breaks_the_schema_is_refused(api, body):
    with pytest.raises(BadParametersError, match=r"\["):
        api.post("/me/document", **body)

    assert api.get("/me/document") == []


def test_a_deleted_document_is_gone_with_its_address(api, made):
    assert api.delete(f"/me/document/{made['id']}") is None

    assert upload(made["putUrl"], b"x") == 404
    for ask in (api.get, api.delete):
        with pytest.raises(ResourceNotFoundError):
            ask(f"/me/document/{made['id']}")


def test_a_document_of_another_account_is_not_known(simulated, made):
    other = simulated.control("POST", "accounts", services=0)
    names = ("application_key", "application_secret", "consumer_key")
    api = client_of(simulated, **{name: other[name] for name in names})

    assert api.get("/me/document") == []
    with pytest.raises(ResourceNotFoundError):
        api.get(f"/me/document/{made['id']}")


def test_a_key_needs_a_rule_for_documents(api, simulated, made):
    rules = [{"method": "GET", "path": "/me/document"}, {"method": "GET", "path": "/hosting/web/*"}]
    simulated.control("POST", f"credentials/{simulated.account['consumer_key']}", rules=rules)

    assert api.get("/me/document") == [made["id"]]
    for ask, path, body in (
        (api.get, f"/me/document/{made['id']}", {}), (api.delete, f"/me/document/{made['id']}", {}),
        (api.post, "/me/document", {"name": "a.sql"}), (api.post, "/me/document/cors", {"origin": PANEL}),
    ):  # fmt: skip
        with pytest.raises(NotGrantedCall):
            ask(path, **body)


def test_a_browser_may_put_bytes_from_an_origin_that_was_allowed(api, made):
    def asked(origin):
        with begun("OPTIONS", made["putUrl"], {"Origin": origin}) as connection:
            answer = connection.getresponse()
            return answer.status, answer.getheader("Access-Control-Allow-Origin")

    assert asked(PANEL) == (403, None)

    assert api.post("/me/document/cors", origin=PANEL) is None

    assert asked(PANEL) == (200, PANEL)
    assert asked("https://elsewhere.example") == (403, None)


@pytest.mark.parametrize("origin", [None, "panel", "https://panel.example/page"])
def test_what_is_no_origin_is_refused(api, origin):
    with pytest.raises(BadParametersError, match="origin"):
        api.post("/me/document/cors", origin=origin)


def test_a_sandbox_kept_before_there_were_documents_goes_on(tmp_path, monkeypatch):
    state = tmp_path / "sandbox.json"
    serve(world="small", state=state).stop()
    kept = json.loads(state.read_text())
    del kept["documents"]
    state.write_text(json.dumps(kept))

    running = serve(world="empty", state=state)
    monkeypatch.setitem(ovh.client.ENDPOINTS, "simulated", f"{running.url}/1.0")

    assert client_of(Ovh(running)).get("/me/document") == []
    running.stop()

"""A simulated OVH that python-ovh talks to, and what most of its tests ask about."""

import urllib.error
import urllib.request
from types import SimpleNamespace

import ovh
import ovh.client
import pytest

from apps.sandbox.server import serve
from tests.conftest import Ovh


@pytest.fixture
def simulated(monkeypatch):
    running = serve(world="small", speed=0.01)
    monkeypatch.setitem(ovh.client.ENDPOINTS, "simulated", f"{running.url}/1.0")
    yield Ovh(running)
    running.stop()


def client_of(simulated, **others):
    keys = {name: simulated.account[name] for name in ("application_key", "application_secret", "consumer_key")}
    return ovh.Client("simulated", **keys | others)


@pytest.fixture
def api(simulated):
    """Signed calls of the first account."""
    return client_of(simulated)


def databases_of(simulated):
    """Every database of the account: its name, its path, its hosting's path and what really is."""
    return [
        SimpleNamespace(name=name, hosting=f"/hosting/web/{service}", path=f"/hosting/web/{service}/database/{name}",
                        truth=truth)
        for service in simulated.account["services"] for name, truth in simulated.truth(service)["databases"].items()
    ]  # fmt: skip


@pytest.fixture
def database(simulated):
    """The first of them."""
    return databases_of(simulated)[0]


@pytest.fixture
def uploaded(simulated, api):
    """Make a document and put bytes into it; its id."""

    def put(name="shop.sql.gz", content=b"x" * 2_500_000):
        made = api.post("/me/document", name=name)
        upload(made["putUrl"], content)
        return made["id"]

    return put


def upload(url, content, **headers):
    """Put bytes; the status."""
    asked = urllib.request.Request(url, content, headers, method="PUT")
    try:
        with urllib.request.urlopen(asked) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code

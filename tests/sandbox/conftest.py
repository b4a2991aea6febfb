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


class Hosting:
    """One service as a client of the API sees it, and as it really is."""

    def __init__(self, simulated, name):
        self.simulated, self.name = simulated, name
        self.client = client_of(simulated)
        self.truth = simulated.truth(name)
        self.login = self.truth["login"]

    def get(self, path="", /, **query):
        return self.client.get(f"/hosting/web/{self.name}{path}", **query)

    def post(self, path, /, **body):
        return self.client.post(f"/hosting/web/{self.name}{path}", **body)

    def put(self, path, /, **body):
        return self.client.put(f"/hosting/web/{self.name}{path}", **body)

    def delete(self, path):
        return self.client.delete(f"/hosting/web/{self.name}{path}")

    def finish(self, how="done"):
        self.simulated.finish_tasks(how)


@pytest.fixture
def hosting(simulated):
    """A hosting with a free certificate, no database and no module."""
    return Hosting(simulated, simulated.account["services"][0])


@pytest.fixture
def bare(simulated):
    """A hosting without a certificate, with databases."""
    return Hosting(simulated, simulated.account["services"][2])


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

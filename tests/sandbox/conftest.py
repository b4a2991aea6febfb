"""A simulated OVH, and python-ovh as its client."""

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

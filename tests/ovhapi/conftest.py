"""Servers to call and clients that call them."""

import pytest

from apps.ovhapi import bucket, wire
from apps.ovhapi.client import Client, Credentials
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

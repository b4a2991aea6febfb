"""A Redis for what is counted there."""

import os
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from apps.ovhapi import bucket, counting
from hostpanel import pulse


@pytest.fixture
def counted(settings, redis_url):
    """Redis, with nothing of the panel's in it."""
    settings.REDIS_URL = redis_url
    settings.REDIS_PREFIX = "hostpanel:upkeep-test:"
    bucket._rest["until"] = counting._rest["until"] = 0.0
    client = redis.Redis.from_url(redis_url)
    for key in client.scan_iter(f"{settings.REDIS_PREFIX}*"):
        client.delete(key)
    yield client
    client.close()
    bucket.redis_at(redis_url).close()


@pytest.fixture
def working(counted):
    """A panel whose beat and workers have just done their work."""
    for name in pulse.NAMES:
        pulse.note(name)
    return counted


@pytest.fixture
def postgresql_database():
    """The address of an empty database on the server of DATABASE_URL."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgresql"):
        pytest.skip("needs PostgreSQL in DATABASE_URL: make test-services")
    name = f"hostpanel_copy_{os.getpid()}"
    with psycopg.connect(urlsplit(server)._replace(path="/postgres").geturl(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

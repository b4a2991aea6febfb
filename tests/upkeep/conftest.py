"""A Redis for what is counted there."""

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

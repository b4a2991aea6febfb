"""A team with people in it, and a simulated OVH to connect."""

import pytest
from django.urls import reverse

from apps.connections import services
from apps.connections.services import Asking
from apps.teams.models import Membership, Role, Team, User
from tests.conftest import signed_in
from tests.ovhapi.conftest import fresh_wires  # noqa: F401  # a fixture


@pytest.fixture(autouse=True)
def no_broker(monkeypatch, settings):
    """Hints that would go to workers, as (task, *ids); Redis is away, so calls are counted locally."""
    sent = []
    monkeypatch.setattr("apps.connections.services.nudge", lambda task, *ids, **_: sent.append((task, *ids)))
    monkeypatch.setattr("apps.connections.tasks.publish", lambda task, *ids, **_: sent.append((task, *ids)))
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    monkeypatch.setattr("apps.ovhapi.bucket.LocalBucket.take", lambda _self: 0.0)
    monkeypatch.setattr("apps.ovhapi.bucket.LocalBucket.room", lambda _self: 20)
    return sent


@pytest.fixture
def team(db):
    return Team.objects.create(name="Acme", slug="acme")


def join(team, role, name="Ada", **fields):
    user = User.objects.create_user(f"{role}.{name}@hostpanel.test".lower(), "a-long-Passw0rd", name=name)
    return Membership.objects.create(team=team, user=user, role=role, **fields)


@pytest.fixture
def admin(team):
    """A member who may connect accounts."""
    return join(team, Role.ADMIN)


@pytest.fixture
def panel(admin):
    """The admin's panel."""
    return signed_in(admin)


@pytest.fixture
def connection(admin, ovh):
    """The sandbox's account, connected."""
    return connect(admin, ovh)


def connect(member, ovh, name="Brasserie"):
    verified = services.look(ovh.credentials)
    return services.create(Asking(member=member), name=name, credentials=ovh.credentials, verified=verified)


def keys_of(ovh, **others):
    """What one types into the form."""
    names = ("application_key", "application_secret", "consumer_key")
    typed = {"way": "keys", "name": "Brasserie", "endpoint": "sandbox", **{name: ovh.account[name] for name in names}}
    return typed | others


def url(name, *args):
    return reverse(f"connections:{name}", args=["acme", *args])


def text_of(response):
    return response.content.decode()

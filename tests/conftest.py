"""What every room's tests share: people, a simulated OVH, an account connected to it."""

import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path

import pytest
import redis
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.db import connections
from django.test import Client as Browser
from django.utils import timezone

from apps.audit import guards
from apps.connections import services as connecting
from apps.connections.services import Asking
from apps.inventory.models import Service
from apps.operations import engine
from apps.operations.models import Operation
from apps.ovhapi import bucket, wire
from apps.ovhapi.client import Credentials
from apps.sandbox.server import serve
from apps.teams.models import Role
from hostpanel.processes import redis_command
from tests.factories import MembershipFactory, TeamFactory
from tests.mirrored import mirror

COUNTED = "counted"
RECORD = Path(os.environ["HOSTPANEL_DATA"]) / "calls.jsonl"


@pytest.fixture
def counted(request):
    """A Counter of what a test tries; the sums of all tests are one line at the end of the run."""
    counts = Counter()
    yield counts
    request.node.user_properties.append((COUNTED, dict(counts)))


def pytest_terminal_summary(terminalreporter):
    """Say how much was tried, such as inputs, and places searched for a secret."""
    sums = Counter()
    for report in terminalreporter.stats.get("", ()):
        if report.when == "teardown":
            sums.update(Counter(dict(report.user_properties).get(COUNTED, {})))
    if sums:
        terminalreporter.write_line(f"counted: {json.dumps(sums)}")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """SQLite in a file, as the panel has it: some tests look at it from another process."""
    default = connections["default"].settings_dict
    if default["ENGINE"].endswith("sqlite3"):
        default["TEST"]["NAME"] = f"{os.environ['HOSTPANEL_DATA']}/test.sqlite3"


@pytest.fixture(scope="session", autouse=True)
def emptied_with_its_history():
    """The database refuses to give up the history; to empty it between tests its guards go, and come back after."""
    kind = type(connections["default"].ops)
    plain = kind.sql_flush

    def without_guards(self, style, tables, **options):
        statements = plain(self, style, tables, **options)
        return [*guards.removal(self.connection), *statements] if statements else []

    kind.sql_flush = without_guards
    yield
    kind.sql_flush = plain


@pytest.fixture(scope="session")
def redis_url(worker_id):
    """A real server for Redis: the one of REDIS_URL, else the system's or the bundled one on a socket.

    Each process of the run has a database of its own there: they would empty each other's buckets.
    """
    given = os.environ.get("REDIS_URL")
    if given:
        number = 10 + int(worker_id.removeprefix("gw") or 0) if worker_id != "master" else 10
        yield f"{given.rpartition('/')[0]}/{number}"
        return
    folder = Path(tempfile.mkdtemp(prefix="hostpanel-redis-"))
    server = subprocess.Popen(redis_command(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"unix://{folder}/redis.sock"
    _wait_until(lambda: _answers(url))
    yield url
    server.terminate()
    server.wait(5)
    shutil.rmtree(folder, ignore_errors=True)


def _answers(url):
    client = redis.Redis.from_url(url)
    try:
        return client.ping()
    except redis.RedisError:
        return False
    finally:
        client.close()


def _wait_until(is_so, seconds=20):
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def real_redis(redis_url, settings):
    """`settings.REDIS_URL` leads to an empty Redis that is up."""
    settings.REDIS_URL = redis_url
    bucket._rest["until"] = 0.0
    with redis.Redis.from_url(redis_url) as server:
        for key in server.scan_iter(f"{settings.REDIS_PREFIX}*"):
            server.delete(key)
        yield server


@pytest.fixture(autouse=True)
def plain_settings(settings):
    """Fast passwords; no Redis unless a test asks for one, so that calls are counted in the process."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.REDIS_URL = "unix:///nowhere/redis.sock"


@pytest.fixture(autouse=True)
def hints(monkeypatch):
    """Hints that would go to workers, as (task, *ids). Real workers have tests of their own."""
    sent = []
    mirror = ("inventory.sync", "inventory.answers", "inventory.catalogue")
    for room in ("operations.services", *mirror, "connections.services", "domains.probes"):
        monkeypatch.setattr(f"apps.{room}.nudge", lambda task, *ids, **_: sent.append((task, *ids)))
    monkeypatch.setattr("apps.inventory.answers.nudge_all", lambda hints, **_: sent.extend(hints))
    monkeypatch.setattr("apps.operations.tasks.publish_all", lambda hints, **_: sent.extend(hints))
    return sent


class Ovh:
    """A simulated OVH with one small account, and its controls."""

    def __init__(self, running):
        self.running = running
        self.account = self.control("GET", "accounts")[0]

    def control(self, verb, name, **given):
        body = json.dumps(given).encode() if given else None
        request = urllib.request.Request(f"{self.running.url}/sandbox/{name}", body, method=verb)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def fault(self, kind, **more):
        """From now on this goes wrong: once, unless `times` says otherwise."""
        self.control("POST", "faults", kind=kind, **{"times": 1, **more})

    def effects(self, method=None, path=""):
        """What OVH really carried out."""
        seen = self.control("GET", "effects")
        return [each for each in seen if method in (None, each["method"]) and path in each["path"]]

    def finish_tasks(self, how="done"):
        """End every task that is under way."""
        for task_id, task in self.running.world.tasks.items():
            if task["ended"] is None:
                self.control("POST", f"tasks/{task_id}", finish=how)

    @property
    def credentials(self):
        names = ("application_key", "application_secret", "consumer_key")
        return Credentials(endpoint="sandbox", **{name: self.account[name] for name in names})

    @property
    def service(self):
        """The name of its first service."""
        return self.account["services"][0]

    def truth(self, name):
        """What really is, about one service."""
        return self.running.world.services[name]


@pytest.fixture
def ovh(settings, monkeypatch):
    """A small simulated OVH whose tasks end when a test says so; its calls are recorded for the contract check."""
    running = serve(world="small", record=RECORD, speed=0.01)
    settings.OVH_ENDPOINTS = {"sandbox": f"{running.url}/1.0"}
    wire._local.__dict__.clear()
    bucket._alone.clear()
    monkeypatch.setattr("apps.ovhapi.bucket.LocalBucket.take", lambda _self: 0.0)
    monkeypatch.setattr("apps.ovhapi.bucket.LocalBucket.room", lambda _self: 20)
    yield Ovh(running)
    running.stop()


@pytest.fixture
def team(db):
    return TeamFactory()


def _member(team, role):
    return MembershipFactory(team=team, role=role)


@pytest.fixture
def owner(team):
    return _member(team, Role.OWNER)


@pytest.fixture
def operator(team):
    return _member(team, Role.OPERATOR)


@pytest.fixture
def viewer(team):
    return _member(team, Role.VIEWER)


@pytest.fixture
def stranger(db):
    """The owner of another team."""
    return MembershipFactory(team=TeamFactory(name="Other", slug="other"), role=Role.OWNER)


def signed_in(member):
    """A browser in which the member has just signed in with their password."""
    browser = Browser()
    browser.force_login(member.user)
    session = browser.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time()}]
    session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = str(member.user.pk)
    session.save()
    return browser


@pytest.fixture
def browser_of():
    """The panel as a member sees it."""
    return signed_in


@pytest.fixture
def connection(owner, ovh):
    """The sandbox's account, connected by the owner and read once."""
    verified = connecting.look(ovh.credentials)
    made = connecting.create(Asking(member=owner), name="Brasserie", credentials=ovh.credentials, verified=verified)
    mirror(made)
    return made


@pytest.fixture
def service(connection):
    """A service of that account with a database and its dumps."""
    return Service.objects.filter(connection=connection, databases__isnull=False).order_by("pk").first()


@pytest.fixture
def settled(request):
    """Let workers and OVH do their work on an operation until it is over, or `rounds` have passed."""

    name = "recorded" if "recorded" in request.fixturenames else "ovh"
    simulated = request.getfixturevalue(name)

    def work(operation, rounds=12):
        engine.submit(operation.pk)
        for _ in range(rounds):
            simulated.finish_tasks()
            Operation.objects.filter(pk=operation.pk).exclude(next_at=None).update(next_at=timezone.now())
            engine.poll(operation.connection_id)
            operation.refresh_from_db()
            if operation.is_over:
                break
        return operation

    return work

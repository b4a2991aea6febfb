"""Real processes on the database of the test: what they start with is killed, hung, doubled, and nothing is lost."""

import os
import signal
import sqlite3
import time
import uuid
from contextlib import contextmanager

import pytest
import redis
from celery import current_app
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection as database
from django.test import Client

from apps.inventory.models import Service
from apps.operations import registry, services
from apps.operations.models import Operation, State
from scripts.house import House, Visitor

pytestmark = [pytest.mark.worker, pytest.mark.xdist_group("house")]
PASSWORD = "correct horse battery"
SEND, FOLLOW = "ticks,send", "ticks,send,poll"


@pytest.fixture
def house(world, ovh, owner, service, tmp_path):
    """Redis and a sandbox of quick tasks; workers, beat and web are started by the test."""
    ovh.control("POST", "settings", speed=60)
    made = House(tmp_path)
    made.environment |= {name: os.environ[name] for name in ("HOSTPANEL_SECRET_KEY", "HOSTPANEL_SEAL_KEYS")}
    made.environment |= {"HOSTPANEL_MODE": "test", "HOSTPANEL_OVH_ENDPOINTS": f"sandbox={ovh.running.url}/1.0"}
    name = str(database.settings_dict["NAME"])
    if database.vendor == "sqlite":
        (tmp_path / "hostpanel.sqlite3").symlink_to(name)
    else:
        made.environment["DATABASE_URL"] = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"
    made.start_redis()
    yield made
    made.group.stop()


@pytest.fixture
def ask(service, owner):
    """Ask for a domain to be attached; the hint is lost, as hints may be."""

    def asked(domain):
        params = {"domain": domain, "path": "www", "ssl": False, "bypassDNSConfiguration": False}
        return services.request(
            registry.get("domains.attach"), service=service, target={}, params=params, member=owner,
            key=uuid.uuid4().hex,
        )  # fmt: skip

    return asked


@pytest.fixture
def visitor(house, owner, settings):
    """The owner, with a browser, signed in."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    owner.user.password = make_password(PASSWORD)
    owner.user.save()
    house.start_web()
    made = Visitor(house.url)
    made.sign_in(owner.user.email, PASSWORD)
    return made


def is_over(operation, seconds=60):
    """Wait for its end; how it ended."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        operation.refresh_from_db()
        if operation.is_over:
            break
        time.sleep(0.1)
    return operation.state, operation.reason or operation.waiting


def timed(look):
    began = time.monotonic()
    answer = look()
    return answer, time.monotonic() - began


@pytest.mark.fault(22)
@pytest.mark.fault(26)
def test_a_whole_worker_killed_while_it_sends_and_a_beat_that_died_lose_nothing(house, ask, ovh):
    house.start_worker("worker-1", FOLLOW, 1)
    house.start_beat()
    ovh.fault("slow", method="POST", path="/attachedDomain", seconds=20)
    operation = ask("one.example.com")
    ends = time.monotonic() + 30
    while not ovh.effects("POST", "/attachedDomain") and time.monotonic() < ends:
        time.sleep(0.05)
    house.group.kill("worker-1")
    house.group.kill("beat")
    Operation.objects.filter(pk=operation.pk).update(lease_until=operation.requested_at)  # its lease is over

    house.start_worker("worker-2", FOLLOW, 1)
    time.sleep(3)
    operation.refresh_from_db()
    assert operation.state == State.SENDING, "nothing is found without a beat"
    house.start_beat("beat-a")
    house.start_beat("beat-b")

    assert is_over(operation) == (State.SUCCEEDED, "")
    assert len(ovh.effects("POST", "/attachedDomain")) == 1


@pytest.mark.fault(24)
def test_redis_stopped_and_restarted_empty_or_full_loses_nothing_and_hung_holds_up_no_page(
    house, visitor, ovh, owner, service, ask
):
    house.start_worker("worker", FOLLOW, 1)
    house.start_beat()
    warm = ask("warm.example.com")
    assert is_over(warm) == (State.SUCCEEDED, "")
    page = f"/t/acme/services/{service.name}/domains/"
    form = {"domain": "kept.example.com", "path": "www", "key": uuid.uuid4().hex}

    house.group.kill("redis")
    status, seconds = timed(lambda: visitor.post(f"{page}attach/", form))
    assert (status, seconds < 5) == (200, True)
    operation = Operation.objects.get(key=form["key"])
    assert operation.state == State.QUEUED
    assert visitor.get(page)[0] == 200

    house.start_redis()
    assert is_over(operation) == (State.SUCCEEDED, "")
    assert len(ovh.effects("POST", "/attachedDomain")) == 2

    with without_room(house):
        form |= {"domain": "full.example.com", "key": "full"}
        status, seconds = timed(lambda: visitor.post(f"{page}attach/", form))
        assert (status, seconds < 4) == (200, True)
        time.sleep(3)  # the worker and beat meet it too
    assert is_over(Operation.objects.get(key="full")) == (State.SUCCEEDED, "")
    assert len(ovh.effects("POST", "/attachedDomain")) == 3
    house.group.refuse_dead()

    house.signal("redis", signal.SIGSTOP)
    try:
        (status, _text), seconds = timed(lambda: visitor.get(page))
        assert (status, seconds < 2) == (200, True)
        newcomer = Visitor(house.url)
        _nothing, seconds = timed(lambda: newcomer.sign_in(owner.user.email, PASSWORD))
        assert newcomer.get(page)[0] == 200
        assert seconds < 4
        status, seconds = timed(
            lambda: visitor.post(f"{page}attach/", {**form, "domain": "hung.example.com", "key": "h"})
        )
        assert (status, seconds < 4) == (200, True)
    finally:
        house.signal("redis", signal.SIGCONT)


@contextmanager
def without_room(house):
    """Redis refuses whatever would need memory."""
    with redis.Redis(unix_socket_path=str(house.folder / "redis/redis.sock")) as server:
        server.config_set("maxmemory", "1")
        yield
        server.config_set("maxmemory", "0")


@pytest.mark.fault(25)
def test_a_message_that_comes_five_times_or_an_hour_late_changes_nothing(house, ask, ovh):
    operation = ask("one.example.com")
    send(house, "operations.submit", str(operation.pk), times=5)

    house.start_worker("worker", FOLLOW, 2)
    house.start_beat()
    assert is_over(operation) == (State.SUCCEEDED, "")
    steps = operation.events.count()
    send(house, "operations.submit", str(operation.pk), times=2)
    send(house, "operations.poll", operation.connection_id, times=2)
    last = ask("two.example.com")

    assert is_over(last) == (State.SUCCEEDED, "")
    assert operation.events.count() == steps
    assert len(ovh.effects("POST", "/attachedDomain")) == 2


def send(house, task, given, *, times):
    """Put a message into the queue of the house, so often."""
    url = f"redis+socket://{house.folder}/redis/redis.sock"
    with current_app.connection(url, transport_options={"global_keyprefix": settings.REDIS_PREFIX}) as link:
        for _ in range(times):
            current_app.send_task(task, args=[given], connection=link)


@pytest.mark.fault(28)
def test_a_database_locked_or_cut_off_in_the_middle_leaves_nothing_half(house, ask, ovh):
    house.start_worker("worker", FOLLOW, 1)
    house.start_beat()
    ovh.fault("slow", method="POST", path="/attachedDomain", seconds=2)
    operation = ask("one.example.com")
    ends = time.monotonic() + 30
    while not ovh.effects("POST", "/attachedDomain") and time.monotonic() < ends:
        time.sleep(0.05)

    if database.vendor == "sqlite":
        hold_the_lock(seconds=6)
    else:
        cut_off_all_others()

    operation.refresh_from_db()
    if operation.state == State.SENDING:  # it could not write down what it was answered: its lease ends
        Operation.objects.filter(pk=operation.pk).update(lease_until=operation.requested_at)
    assert is_over(operation) == (State.SUCCEEDED, "")
    assert len(ovh.effects("POST", "/attachedDomain")) == 1


def hold_the_lock(seconds):
    """Another writer keeps the database to itself."""
    other = sqlite3.connect(database.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    time.sleep(seconds)
    other.execute("ROLLBACK")
    other.close()


def cut_off_all_others():
    """What a restart of PostgreSQL does to everybody connected."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] > 0
    time.sleep(3)


def test_the_house_is_on_the_database_of_the_test(house, visitor, service):
    Service.objects.filter(pk=service.pk).update(display_name="only here")

    assert "only here" in visitor.get("/t/acme/services/")[1]
    assert Client().get("/health/live").status_code == 200

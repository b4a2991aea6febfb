"""Faults of the machine the panel runs on, each made to happen: no space, no lock, a clock that jumps, two releases."""

import os
import sqlite3
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import OperationalError, connections
from django.db import connection as database
from django.db.backends.signals import connection_created
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import Entry
from apps.connections.models import Connection
from apps.operations import engine, registry, services, states
from apps.operations.models import Event, Operation, State
from apps.operations.tasks import tick
from tests.faults import mortal
from tests.faults.mortal import Place

ONLY_SQLITE = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="about SQLite's one file")
FULL, PLENTY = 0, 1_000_000_000
FORM = {"domain": "new.example.com", "path": "www"}


@pytest.fixture
def ask(service, owner):
    def asked(domain="new.example.com"):
        params = {"domain": domain, "path": "www", "ssl": False, "bypassDNSConfiguration": False}
        return services.request(
            registry.get("domains.attach"), service=service, target={}, params=params, member=owner,
            key=uuid.uuid4().hex,
        )  # fmt: skip

    return asked


@pytest.fixture
def address(service):
    return reverse("domains:attach", args=["acme", service.name])


def post_form(url, session, form):
    """What a web process does with a form; run in a process of its own."""
    browser = Client(raise_request_exception=False)
    browser.cookies[settings.SESSION_COOKIE_NAME] = session
    browser.post(url, form)


@pytest.mark.fault(27)
@pytest.mark.parametrize(
    ("place", "rows"),
    [
        (Place("before", "apps.operations.services._kept"), 0),
        (Place("before", "apps.operations.services._tell"), 0),  # the row is written and not committed
        (
            Place("before", "hostpanel.nudging.publish", given="operations.submit"),
            1,
        ),  # committed, and no worker has been told
    ],
    ids=str,
)
def test_a_web_process_killed_while_it_asks_leaves_nothing_or_one_operation(
    place, rows, world, address, owner, browser_of, ovh, carried_on
):
    session = browser_of(owner).cookies[settings.SESSION_COOKIE_NAME].value
    form = {**FORM, "key": uuid.uuid4().hex}
    step = "tests.faults.test_our_own_house.post_form"

    assert mortal.died(mortal.run(step, address, session, form, at=place, world=world))

    assert Operation.objects.count() == rows
    answer = browser_of(owner).post(address, form)  # the person sends it again
    assert answer.status_code == 302
    operation = Operation.objects.get()
    carried_on(operation)
    assert operation.state == State.SUCCEEDED
    assert len(ovh.effects("POST", "/attachedDomain")) == 1


@pytest.mark.fault(31)
@pytest.mark.parametrize("is_one_form", [True, False])
def test_many_who_ask_for_the_same_at_the_same_moment_make_one_operation(
    is_one_form, world, address, owner, browser_of
):
    browsers = [browser_of(owner) for _ in range(8)]
    forms = [{**FORM, "key": "one" if is_one_form else uuid.uuid4().hex} for _ in browsers]

    def send(browser, form):
        try:
            return browser.post(address, form).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(browsers)) as together:
        answers = list(together.map(send, browsers, forms))

    assert Operation.objects.count() == 1
    assert Entry.objects.filter(action="domains.attach.requested").count() == 1
    assert sorted(answers) == ([302] * 8 if is_one_form else [302] + [422] * 7)


@pytest.fixture
def disk(world):
    """`disk["pages"]`: so many pages the database may have at the most, on every connection from now on."""
    limit = {"pages": PLENTY}

    def set_limit(connection, **_more):
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count = {limit['pages']}")

    def be(pages):
        if pages == FULL:
            database.cursor().execute("VACUUM")
        limit["pages"] = pages or database.cursor().execute("PRAGMA page_count").fetchone()[0]
        connections["default"].close()

    connection_created.connect(set_limit)
    yield be
    connection_created.disconnect(set_limit)
    connections["default"].close()


@ONLY_SQLITE
@pytest.mark.fault(22)
def test_what_was_committed_survives_a_loss_of_power(world):
    kept = {name: database.cursor().execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}

    assert kept == {"journal_mode": "wal", "synchronous": 2}


@ONLY_SQLITE
@pytest.mark.fault(29)
def test_on_a_full_disk_a_page_says_so_and_nothing_is_half_written(disk, address, owner, browser_of, service):
    browser = browser_of(owner)
    browser.raise_request_exception = False
    disk(FULL)
    forms = [{**FORM, "domain": f"d{number}.example.com", "key": uuid.uuid4().hex} for number in range(60)]

    answers = [browser.post(address, form) for form in forms]

    refused = [form for form, answer in zip(forms, answers, strict=True) if answer.status_code == 503]
    assert {answer.status_code for answer in answers} <= {302, 503}
    assert len(refused) > 10
    assert Operation.objects.count() == len(forms) - len(refused)
    assert Entry.objects.filter(action="domains.attach.requested").count() == Operation.objects.count()
    assert Event.objects.count() == Operation.objects.count()
    assert b"takes it only once" in answers[-1].content
    assert browser.get(reverse("domains:index", args=["acme", service.name])).status_code == 200
    assert database.cursor().execute("PRAGMA integrity_check").fetchone() == ("ok",)
    disk(PLENTY)
    assert {browser.post(address, form).status_code for form in forms} == {302}
    assert Operation.objects.count() == len(forms)


@ONLY_SQLITE
@pytest.mark.fault(29)
def test_a_worker_without_space_sends_nothing_it_cannot_write_down(disk, ask, ovh, carried_on):
    operations = [ask(f"d{number}.example.com") for number in range(60)]
    disk(FULL)
    full = 0
    for operation in operations:
        try:
            engine.submit(operation.pk)
        except OperationalError:
            full += 1

    assert full > 5
    disk(PLENTY)
    for operation in operations:
        assert carried_on(operation).state == State.SUCCEEDED
    assert len(ovh.effects("POST", "/attachedDomain")) == len(operations)


@ONLY_SQLITE
@pytest.mark.fault(28)
def test_a_database_somebody_else_keeps_locked_is_a_page_that_says_try_again(world, address, owner, browser_of):
    browser = browser_of(owner)
    browser.raise_request_exception = False
    database.cursor().execute("PRAGMA busy_timeout = 300")
    other = sqlite3.connect(database.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    form = {**FORM, "key": uuid.uuid4().hex}

    answer = browser.post(address, form)

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    other.execute("ROLLBACK")
    other.close()
    assert not Operation.objects.exists()
    assert browser.post(address, form).status_code == 302


@pytest.mark.fault(28)
def test_a_database_that_is_away_is_a_page_that_says_try_again(world, address, owner, browser_of, monkeypatch):
    browser = browser_of(owner)
    browser.raise_request_exception = False
    connections["default"].close()
    name = database.settings_dict["NAME"]
    monkeypatch.setitem(database.settings_dict, "NAME", "/nowhere/at/all")

    answer = browser.get(address)

    assert answer.status_code == 503
    monkeypatch.setitem(database.settings_dict, "NAME", name)
    assert browser.get(address).status_code == 200


@pytest.mark.fault(30)
@pytest.mark.parametrize("hours", [1, 12])
def test_a_clock_that_was_ahead_and_is_set_back_holds_nothing_up(hours, world, ask, ovh, connection):
    ahead = timezone.now() + timedelta(hours=hours, minutes=10)
    running, sending = ask("one.example.com"), ask("two.example.com")
    with time_machine.travel(ahead, tick=True):
        engine.submit(running.pk)
        states.claim_to_send(sending.pk, now=timezone.now())  # and then its worker died
        Connection.objects.filter(pk=connection.pk).update(paused_until=timezone.now() + timedelta(minutes=5))
    ovh.finish_tasks()

    tick()
    engine.submit(sending.pk)
    for _ in range(3):
        engine.poll(connection.pk)
        ovh.finish_tasks()
        Operation.objects.filter(state=State.RUNNING).update(next_at=timezone.now())

    states_now = Operation.objects.values_list("state", flat=True)
    assert set(states_now) == {State.SUCCEEDED}
    assert len(ovh.effects("POST", "/attachedDomain")) == 2


@pytest.mark.fault(30)
def test_a_clock_that_jumps_ahead_proves_nothing_absent_too_early(world, ask, ovh):
    operation = ask()
    ovh.fault("reset_before", method="POST", path="/attachedDomain")
    engine.submit(operation.pk)
    operation.refresh_from_db()
    waited = (operation.next_at - timezone.now()).total_seconds()
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False) as clock:
        while operation.state == State.UNCONFIRMED:
            Operation.objects.update(next_at=timezone.now())
            engine.poll(operation.connection_id)
            operation.refresh_from_db()
            pause = (operation.next_at - timezone.now()).total_seconds()
            waited += pause
            clock.shift(pause)

    assert operation.state == State.QUEUED
    assert waited > 90, "a call that timed out may take effect so much later"


def submit_as_last_release(operation_id):
    """A worker of a release that has no such action yet."""
    del registry._actions["domains.attach"]
    engine.submit(operation_id)


@pytest.mark.fault(35)
def test_an_older_worker_beside_a_newer_web_loses_and_refuses_nothing(world, ask, ovh, carried_on):
    operation = ask()

    old = mortal.run("tests.faults.test_our_own_house.submit_as_last_release", str(operation.pk), world=world)

    assert not mortal.died(old)
    operation.refresh_from_db()
    assert (operation.state, operation.attempts) == (State.QUEUED, 0)
    assert carried_on(operation).state == State.SUCCEEDED
    assert len(ovh.effects("POST", "/attachedDomain")) == 1

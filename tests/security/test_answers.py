"""Whatever OVH answers: no error of ours, no row lost to what cannot be read, no page that fails afterwards."""

import json
import re
import uuid
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apps.connections.client import client_for
from apps.inventory import answers, sync
from apps.inventory import tasks as inventory_tasks
from apps.inventory.models import Answer, AttachedDomain, Database, Dump, FtpUser, Module, Service, ServiceTask, SyncRun
from apps.operations import engine, registry, services
from apps.operations.models import Operation
from tests.conftest import signed_in
from tests.security.runs import tries

LISTS = ("attachedDomain", "database", "dump", "user", "module", "tasks")
MODELS = (Service, AttachedDomain, Database, Dump, FtpUser, Module, ServiceTask)
ODD = [
    None, True, False, 0, -1, 1.5, 2**70, "", "x" * 3000, "<script>alert(1)</script>", "javascript:alert(1)", "\u202e",
    "a\x00b", [], {}, [None], [[]], [{}], {"id": None}, {"": ""}, "2026-02-30T99:99:99", "NaN",
]  # fmt: skip
SCALAR = st.one_of(st.sampled_from(ODD), st.text(max_size=20), st.integers(), st.booleans())
ANYTHING = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
DEEP = json.loads("[" * 200 + "]" * 200)


def bent(truth, draw):
    """`truth` with something in it that OVH never says: a value of another kind, or a piece that lacks."""
    if isinstance(truth, dict) and truth:
        name = draw(st.sampled_from(sorted(truth)))
        changed = {**truth, name: draw(ANYTHING)}
        if draw(st.booleans()):
            del changed[name]
        return changed
    if isinstance(truth, list) and truth:
        place = draw(st.integers(0, len(truth) - 1))
        return [bent(each, draw) if number == place else each for number, each in enumerate(truth)]
    return draw(ANYTHING)


@pytest.fixture
def asked(ovh, service):
    """The truth at each address, so that it can be bent; and the service it is about."""
    client = client_for(service.connection)
    base = f"/hosting/web/{service.name}"
    truth = {name: client.objects(f"{base}/{name}") for name in LISTS}
    truth[""] = client.get(base)
    truth["serviceInfos"] = client.get(f"{base}/serviceInfos")
    return {"ovh": ovh, "service": service, "truth": truth, "base": base}


def answering(ovh, path, data):
    """From now on OVH answers `data` there."""
    ovh.control("POST", "faults", kind="answers", method="GET", path=f"{re.escape(path)}$", data=data)


def there():
    """How many rows of each kind count as existing."""
    return {model: model.objects.filter(gone_at=None).count() for model in MODELS}


def read_all(service):
    """As workers do: one service by itself, and as part of its account."""
    Service.objects.filter(pk=service.pk).update(refresh_asked_at=timezone.now())
    inventory_tasks.refresh_service(service.pk)
    run = SyncRun.objects.create(connection=service.connection, lease_until=timezone.now())
    for _ in range(5):
        sync.go_on(run.pk, slice_s=5)
    run.refresh_from_db()
    assert run.state != SyncRun.State.RUNNING


PAGES = ("hostings:detail", "domains:index", "databases:index", "backups:index", "modules:index", "ftpusers:index")


def assert_pages(browser, service):
    for name in PAGES:
        assert browser.get(reverse(name, args=["acme", service.name])).status_code < 500, name
    for name in ("inventory:services", "inventory:domains", "inventory:databases", "dashboard:index"):
        assert browser.get(reverse(name, args=["acme"])).status_code < 500, name


@pytest.fixture
def undone(ovh, counted):
    """What an example writes is taken back, here and there; it is counted."""

    @contextmanager
    def example():
        counted["poisoned answers tried"] += 1
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
        ovh.control("DELETE", "faults")

    return example


@tries(12)
@given(data=st.data(), name=st.sampled_from([*LISTS, "", "serviceInfos"]))
def test_an_object_with_something_odd_in_it_costs_no_row_and_no_page(data, name, asked, undone, owner):
    service, before = asked["service"], there()
    answer = bent(asked["truth"][name], data.draw)
    path = f"{asked['base']}/{name}" if name else asked["base"]
    browser = signed_in(owner)
    with undone():
        answering(asked["ovh"], path, answer)
        read_all(service)
        if not _is_plain(answer):
            assert not [model for model, number in there().items() if number < before[model]]
        assert_pages(browser, service)


def _is_plain(answer):
    """A list of objects that all say which they are: one that lacks another is believed."""
    keys = ("domain", "name", "id", "login")
    return isinstance(answer, list) and all(
        isinstance(each, dict) and any(isinstance(each.get(key), str | int) for key in keys) for each in answer
    )


@tries(25)
@given(answer=ANYTHING)
def test_a_list_that_is_none_costs_no_row(answer, asked, undone):
    before = there()
    if answer == [] or _is_plain(answer) or _is_of_ids(answer):
        return
    with undone():
        for path in ("/hosting/web", *(f"{asked['base']}/{name}" for name in LISTS)):
            answering(asked["ovh"], path, answer)
        read_all(asked["service"])
        assert there() == before


def _is_of_ids(answer):
    """What could be a list of names, each of which is asked for by itself."""
    return isinstance(answer, list) and all(isinstance(each, str | int) for each in answer)


@tries(25)
@given(answer=ANYTHING | st.just(DEEP))
def test_a_task_that_is_none_neither_ends_an_operation_nor_loses_it(answer, asked, undone, owner):
    if isinstance(answer, dict) and answer.get("status") in ("done", "cancelled"):
        return
    with undone():
        params = {"domain": "new.example.com", "path": "www", "ssl": False, "bypassDNSConfiguration": False}
        operation = services.request(
            registry.get("domains.attach"), service=asked["service"], target={}, params=params, member=owner,
            key=uuid.uuid4().hex,
        )  # fmt: skip
        engine.submit(operation.pk)
        asked["ovh"].control("POST", "faults", kind="answers", method="GET", path="/tasks", data=answer)
        for _ in range(3):
            Operation.objects.exclude(next_at=None).update(next_at=timezone.now(), lease_until=None)
            engine.poll(operation.connection_id)
        operation.refresh_from_db()
        assert not operation.is_over
        assert operation.next_at is not None


@tries(25)
@given(answer=ANYTHING)
def test_what_a_call_answers_besides_a_task_is_found_out_and_never_believed(answer, asked, undone, owner):
    """The change took effect; its answer says nothing."""
    if isinstance(answer, dict) and isinstance(answer.get("id", answer.get("taskId")), int | str):
        return
    with undone():
        action = registry.get("databases.measure")
        database = asked["service"].databases.filter(gone_at=None).first()
        operation = services.request(
            action, service=asked["service"], target={"name": database.name}, params={"action": "CHECK_QUOTA"},
            member=owner, key=uuid.uuid4().hex,
        )  # fmt: skip
        asked["ovh"].control("POST", "faults", kind="answers", method="POST", path="", data=answer)
        engine.submit(operation.pk)
        operation.refresh_from_db()
        assert operation.state in ("unconfirmed", "running", "queued")


@tries(25)
@given(answer=ANYTHING | st.just(DEEP))
def test_what_charts_and_reports_are_made_of_may_be_anything(answer, asked, undone, owner):
    service = asked["service"]
    browser = signed_in(owner)
    with undone():
        browser.get(reverse("hostings:detail", args=["acme", service.name]))
        browser.get(reverse("domains:ssl", args=["acme", service.name]))
        asked["ovh"].control("POST", "faults", kind="answers", method="GET", path="", data=answer)
        for each in Answer.objects.filter(service=service):
            answers.read(each, client_for(service.connection))
        asked["ovh"].control("DELETE", "faults")
        assert browser.get(reverse("hostings:detail", args=["acme", service.name])).status_code == 200
        assert browser.get(reverse("domains:ssl", args=["acme", service.name])).status_code == 200

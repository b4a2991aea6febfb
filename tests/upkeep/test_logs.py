"""One request can be followed from the page through the worker to OVH, and no line holds what it should not."""

import json
import logging
from types import SimpleNamespace

import pytest
import structlog
from django.urls import reverse

from apps.operations import engine
from apps.operations.models import Operation
from hostpanel import celery, nudging
from hostpanel.logs import logging_config


@pytest.fixture
def lines():
    """The log as production writes it."""
    config = logging_config(as_json=True)
    formatter = config["formatters"]["event"]
    made = formatter["()"](**{name: value for name, value in formatter.items() if name != "()"})
    kept = []

    class Kept(logging.Handler):
        def emit(self, record):
            kept.append(json.loads(made.format(record)))

    handler = Kept()
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel("INFO")
    yield kept
    root.removeHandler(handler)
    root.setLevel(level)


def events(lines, name):
    return [line for line in lines if line["event"] == name]


@pytest.mark.django_db(transaction=True)
def test_a_change_is_followed_by_request_operation_and_query_id(lines, service, owner, browser_of, monkeypatch):
    form = {"key": "k1", "displayName": "Secret plans"}
    address = reverse("hostings:rename", args=["acme", service.name])

    browser_of(owner).post(address, form)
    operation = Operation.objects.get()
    engine.submit(operation.pk)

    (asked,) = events(lines, "operation asked for")
    (request,) = events(lines, "request")
    assert asked["operation"] == str(operation.pk)
    assert request["request_id"] == asked["request_id"]
    assert (request["team"], request["method"]) == ("acme", "POST")
    call = next(line for line in events(lines, "ovh call") if line["method"] == "PUT")
    assert call["operation"] == str(operation.pk)
    assert call["query_id"]
    assert operation.events.count() == len(events(lines, "operation step")) + 1  # the asking has its own line
    assert "Secret plans" not in json.dumps(lines)


def test_a_line_names_the_pattern_of_an_address_and_not_what_was_in_it(lines, client, db):
    client.get("/auth/password/reset/key/1-very-secret-token/?q=private")

    (request,) = events(lines, "request")
    assert "very-secret-token" not in json.dumps(lines)
    assert "private" not in json.dumps(lines)
    assert request["route"].startswith("auth/")


def test_no_line_of_anybodys_holds_the_token_of_an_invitation(lines, client, db, monkeypatch):
    """Django itself writes a line for what was refused, django-structlog and Django for what went wrong."""
    monkeypatch.setattr("apps.members.services.find", lambda _token: 1 / 0)
    client.raise_request_exception = False

    assert client.get("/join/very-secret-token/").status_code == 500
    monkeypatch.setattr("apps.members.services.find", lambda _token: None)
    assert client.get("/join/very-secret-token/").status_code == 410
    assert client.get("/nowhere/very-secret-token/").status_code == 404

    assert {"django.request", "apps.upkeep.middleware"} <= {line["logger"] for line in lines}
    assert "very-secret-token" not in json.dumps(lines)


def test_the_id_of_a_request_goes_along_with_its_hint():
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        assert nudging._headers() == {"request_id": "r-1"}
    assert nudging._headers() == {}


def test_a_worker_binds_the_request_that_asked():
    request = SimpleNamespace(headers={"request_id": "r-1"}, request_id=None)

    celery.bind_task(task=SimpleNamespace(name="operations.submit", request=request), task_id="t-1")

    assert structlog.contextvars.get_contextvars() == {
        "request_id": "r-1",
        "task": "operations.submit",
        "task_id": "t-1",
    }
    celery.unbind_task()
    assert structlog.contextvars.get_contextvars() == {}

"""An action may make its body itself, where it is not flat."""

from dataclasses import replace

import pytest

from apps.operations import engine, registry, services
from apps.ovhapi.client import NO_BODY
from tests.factories import OperationFactory

pytestmark = pytest.mark.django_db


def with_body(monkeypatch, **changes):
    action = replace(registry.get("domains.attach"), **changes)
    monkeypatch.setitem(registry._actions, "domains.attach", action)


def nested(params, secrets):
    return {"outer": [{"path": params["path"], "password": secrets["password"]}]}


def test_what_it_makes_is_sent_as_it_is(monkeypatch):
    with_body(monkeypatch, body=nested, secrets=frozenset({"password"}))

    call = registry.call_of(OperationFactory(), {"password": "Geheim12345"})

    assert call.body == {"outer": [{"path": "www", "password": "Geheim12345"}]}


def test_without_one_the_body_is_flat():
    call = registry.call_of(OperationFactory(), {"password": "Geheim12345"})

    assert call.body == {"domain": "new.example.com", "path": "www", "password": "Geheim12345"}


def test_a_call_without_a_body_has_none_all_the_same(monkeypatch):
    with_body(monkeypatch, body=nested, has_body=False)

    assert registry.call_of(OperationFactory(), {}).body is NO_BODY


def test_the_query_is_made_as_ever(monkeypatch):
    with_body(monkeypatch, body=nested, query=frozenset({"domain"}))

    call = registry.call_of(OperationFactory(), {"password": "x"})

    assert call.query == {"domain": "new.example.com"}


def test_secrets_inside_it_are_sealed_until_then(monkeypatch, service, owner, ovh):
    with_body(monkeypatch, body=nested, secrets=frozenset({"password"}))
    params = {"path": "www", "domain": "new.example.com", "password": "Geheim12345"}
    operation = services.request(
        registry.get("domains.attach"), service=service, target={}, params=params, member=owner, key="k"
    )

    assert "password" not in operation.params
    assert operation.sealed
    engine.submit(operation.pk)
    operation.refresh_from_db()
    assert operation.sealed == ""

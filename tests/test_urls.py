"""Every address of the panel: none without a row in the table of rights, none that answers 500."""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from apps.operations import registry
from apps.teams import permissions

ARGUMENTS = {
    "copy_id": "5f1d7a3e-6f0c-4a5e-9d5e-0d8a3c1b2f4a",
    "login": "x-y",
    "module_id": 1,
    "team": "acme",
    "service_name": "x",
    "name": "x",
    "domain": "x.fr",
    "pk": 1,
    "dump_id": 1,
}
UUID = "5f1d7a3e-6f0c-4a5e-9d5e-0d8a3c1b2f4a"
# allauth's own views decide for themselves; signing up is closed by the adapter.
FOREIGN = ("allauth.",)


def patterns(resolver=None, prefix=""):
    """(name, pattern, view) of every address."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            namespace = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from patterns(entry, namespace)
        elif isinstance(entry, URLPattern):
            yield f"{prefix}{entry.name}", entry, entry.callback


OURS = [(name, entry, view) for name, entry, view in patterns() if not view.__module__.startswith(FOREIGN)]
TEAM = [(name, entry, view) for name, entry, view in OURS if getattr(view, "audience", "") == "team"]


def address(name, entry):
    """The address of a pattern, with arguments nothing has."""
    given = {key: ARGUMENTS[key] for key in entry.pattern.converters}
    if type(entry.pattern.converters.get("pk")).__name__ == "UUIDConverter":
        given["pk"] = UUID
    return reverse(name, kwargs={"team": "acme", **given} if "team" not in given else given)


def row(name):
    return name.replace(":", ".")


def test_every_address_has_its_row_and_every_row_its_address():
    by_audience = {
        "team": {*permissions.TABLE},
        "signed in": {*permissions.SIGNED_IN},
        "everybody": {*permissions.EVERYBODY},
    }

    found = {audience: set() for audience in by_audience}
    for name, _, view in OURS:
        found[getattr(view, "audience", "nobody said")].add(row(name))

    assert found == by_audience


def test_every_action_has_its_row():
    assert {action.key for action in registry.every()} <= {*permissions.TABLE}


@pytest.mark.parametrize(("name", "entry"), [(n, e) for n, e, _ in TEAM], ids=[n for n, *_ in TEAM])
def test_no_page_answers_500_to_an_owner(name, entry, browser_of, owner):
    answer = browser_of(owner).get(address(name, entry))

    assert answer.status_code < 500

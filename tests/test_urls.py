"""Every address of the panel: none without a row in the table of rights, none that answers 500."""

import re

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

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
# allauth's own views decide for themselves; each has its row all the same.
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
OF_ALLAUTH = [(name, entry) for name, entry, view in patterns() if view.__module__.startswith(FOREIGN)]
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

    named = {audience: {name for name in rows if name not in OPEN} for audience, rows in by_audience.items()}
    assert found == named


def path_of(name, entry):
    """An address of django-allauth's, with arguments nothing has."""
    known = {"pk": 1, "uidb36": "1", "key": "x"}
    asked = re.findall(r"\?P<(\w+)>", str(entry.pattern))
    if name in ("mfa_remove_webauthn", "mfa_edit_webauthn"):  # it stands in the part before
        asked = ["pk"]
    return reverse(name, kwargs={key: known[key] for key in asked})


OPEN = {name for name, entry in OF_ALLAUTH if resolve(path_of(name, entry)).view_name != "nothing"}


def test_every_address_of_django_allauth_that_answers_has_its_row():
    rows = {*permissions.SIGNED_IN, *permissions.EVERYBODY}

    assert len(OPEN) > 20
    assert {name for name in rows if name.startswith(("account_", "mfa_", "usersessions_"))} == OPEN


@pytest.mark.parametrize("name", ["account_signup", "account_email", "account_set_password"])
def test_nobody_signs_up_and_nobody_takes_an_address_they_have_not_proven(name, browser_of, viewer):
    for browser in (Client(), browser_of(viewer)):
        assert browser.get(reverse(name)).status_code == 404
        given = {"email": "boss@hostpanel.test", "action_add": "", "action_primary": ""}
        assert browser.post(reverse(name), given).status_code == 404

    viewer.user.refresh_from_db()
    assert viewer.user.email != "boss@hostpanel.test"


def test_every_action_has_its_row():
    assert {action.key for action in registry.every()} <= {*permissions.TABLE}


@pytest.mark.parametrize(("name", "entry"), [(n, e) for n, e, _ in TEAM], ids=[n for n, *_ in TEAM])
def test_no_page_answers_500_to_an_owner(name, entry, browser_of, owner):
    answer = browser_of(owner).get(address(name, entry))

    assert answer.status_code < 500

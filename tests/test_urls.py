"""Every address of the panel, asked as everybody: a new one without a decision fails here."""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from apps.teams.models import Role

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
TEAM = [(name, entry, view) for name, entry, view in OURS if isinstance(getattr(view, "needs", None), Role)]


def address(name, entry):
    """The address of a pattern, with arguments nothing has."""
    given = {key: ARGUMENTS[key] for key in entry.pattern.converters}
    if (
        name in ("operations:detail", "operations:cancel", "operations:decide")
        or "consent_" in name
        or name == "connections:consent"
    ):
        given = {key: UUID if key == "pk" else value for key, value in given.items()}
    return reverse(name, kwargs={"team": "acme", **given} if "team" not in given else given)


def test_there_are_addresses_to_walk():
    assert len(TEAM) > 25


@pytest.mark.parametrize(("name", "view"), [(name, view) for name, _, view in OURS], ids=[name for name, *_ in OURS])
def test_every_view_says_who_may_see_it(name, view):
    assert getattr(view, "needs", None), f"{name} has neither team_view nor account_view nor public_view"


@pytest.mark.parametrize(("name", "entry"), [(n, e) for n, e, _ in TEAM], ids=[n for n, *_ in TEAM])
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_nobody_is_sent_to_sign_in(name, entry, method, client, team):
    answer = getattr(client, method)(address(name, entry))

    assert answer.status_code in (302, 405)
    if answer.status_code == 302:
        assert answer["Location"].startswith("/auth/login/")


@pytest.mark.parametrize(("name", "entry"), [(n, e) for n, e, _ in TEAM], ids=[n for n, *_ in TEAM])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_finds_nothing(name, entry, method, browser_of, stranger, team):
    answer = getattr(browser_of(stranger), method)(address(name, entry))

    assert answer.status_code in (404, 405)


@pytest.mark.parametrize(
    ("name", "entry"),
    [(n, e) for n, e, view in TEAM if not Role.VIEWER.covers(view.needs)],
    ids=[n for n, _, view in TEAM if not Role.VIEWER.covers(view.needs)],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_viewer_is_refused_what_needs_more(name, entry, method, browser_of, viewer):
    answer = getattr(browser_of(viewer), method)(address(name, entry))

    assert answer.status_code in (403, 405)


@pytest.mark.parametrize(("name", "entry"), [(n, e) for n, e, _ in TEAM], ids=[n for n, *_ in TEAM])
def test_no_page_answers_500_to_an_owner(name, entry, browser_of, owner):
    answer = browser_of(owner).get(address(name, entry))

    assert answer.status_code < 500


def test_every_answer_carries_the_headers_that_protect_it(browser_of, owner):
    answer = browser_of(owner).get(reverse("dashboard:index", args=["acme"]))

    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["Cache-Control"] == "no-store"

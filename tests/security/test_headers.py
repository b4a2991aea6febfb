"""What every answer carries, what the browser may do with it, and what of it leads elsewhere."""

import os
import subprocess
import sys

import pytest
from django.conf import settings as conf
from django.db import OperationalError
from django.test import Client as Browser
from django.urls import reverse

from tests.conftest import signed_in
from tests.test_urls import TEAM, address

pytestmark = pytest.mark.django_db
PUBLIC = ("/", "/setup/", "/auth/login/", "/auth/password/reset/", "/join/x/", "/health/live", "/nowhere/")
ALL = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
DIRECTIVES = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:",
    "font-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'", "manifest-src 'self'",
}  # fmt: skip


def lacking(answer):
    """What an answer should carry and does not."""
    wrong = {name: answer.get(name) for name, value in ALL.items() if answer.get(name) != value}
    if set(answer["Content-Security-Policy"].split("; ")) != DIRECTIVES:
        wrong["Content-Security-Policy"] = answer["Content-Security-Policy"]
    if "camera=()" not in answer.get("Permissions-Policy", ""):
        wrong["Permissions-Policy"] = answer.get("Permissions-Policy")
    return wrong


def test_every_page_of_a_team_carries_all_of_them_for_everybody(owner, viewer, stranger):
    wrong = {}
    for who, browser in {
        "owner": signed_in(owner),
        "viewer": signed_in(viewer),
        "stranger": signed_in(stranger),
    }.items():
        for name, entry, _ in TEAM:
            answer = browser.get(address(name, entry))
            missing = lacking(answer)
            if answer.get("Cache-Control") != "no-store":
                missing["Cache-Control"] = answer.get("Cache-Control")
            if missing:
                wrong[f"{who} {name} {answer.status_code}"] = missing

    assert wrong == {}


@pytest.mark.parametrize("path", PUBLIC)
def test_so_does_what_anybody_may_ask(path, owner):
    assert lacking(Browser().get(path)) == {}


def test_so_does_an_error_of_ours(owner, monkeypatch):
    monkeypatch.setattr("apps.dashboard.overview.of", lambda _request: 1 / 0)
    browser = signed_in(owner)
    browser.raise_request_exception = False

    answer = browser.get(reverse("dashboard:index", args=["acme"]))

    assert answer.status_code == 500
    assert lacking(answer) == {}
    assert "ZeroDivisionError" not in answer.content.decode()


def test_so_does_an_error_before_any_page_is_asked(owner, monkeypatch):
    """Such as of a database that is away when it is asked who somebody is."""

    def away(*_args, **_more):
        raise OperationalError

    browser = signed_in(owner)
    browser.raise_request_exception = False
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore._get_session_from_db", away)

    answer = browser.get(reverse("dashboard:index", args=["acme"]))

    assert answer.status_code == 503
    assert lacking(answer) == {}
    assert answer["Cache-Control"] == "no-store"


def test_so_does_a_host_that_is_not_ours(settings):
    settings.ALLOWED_HOSTS = ["panel.example.com"]

    assert lacking(Browser(headers={"host": "evil.test"}).get("/auth/login/")) == {}


@pytest.mark.parametrize("file", ["css/base.css", "img/mark.svg", "js/live.js"])
def test_so_does_a_file(file, settings):
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True

    answer = Browser().get(f"/static/{file}")
    answer.close()

    assert answer.status_code == 200
    assert lacking(answer) == {}
    assert answer["Cache-Control"] != "no-store"


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
@pytest.mark.parametrize("url", ["/", "/auth/login/", "/auth/password/reset/", "/setup/", "/nowhere/", "/health/live"])
def test_nobody_is_answered_by_another_method(method, url, db):
    answer = getattr(Browser(), method)(url)

    assert answer.status_code == 405
    assert lacking(answer) == {}


@pytest.mark.parametrize(("who", "size", "status"), [
    ("stranger", 65_000, 403), ("stranger", 66_000, 413), ("owner", 66_000, 403), ("owner", 221_000_000, 413),
])  # fmt: skip
def test_a_body_larger_than_any_form_is_not_read(who, size, status, owner):
    """403: it was looked at, and has no token."""
    browser = signed_in(owner) if who == "owner" else Browser()
    browser.handler.enforce_csrf_checks = True

    answer = browser.generic("POST", "/auth/login/", b"x", "multipart/form-data; boundary=b", CONTENT_LENGTH=str(size))

    assert answer.status_code == status


def test_a_part_of_a_page_whose_session_ended_loads_the_page_anew(db):
    answer = Browser(headers={"HX-Request": "true"}).get("/t/acme/changes/?page=shell")

    assert (answer.status_code, answer["HX-Refresh"]) == (200, "true")
    assert not answer.content


def test_a_part_of_a_page_that_wants_the_password_again_leads_the_page_there(owner):
    browser = Browser(headers={"HX-Request": "true"})
    browser.force_login(owner.user)

    answer = browser.get(reverse("members:team", args=["acme"]))

    assert answer["HX-Redirect"] == f"{reverse('account_reauthenticate')}?next=%2Ft%2Facme%2Fmembers%2Fteam%2F"


ALONE = ("profile", "new_team", "preferences", "account_logout", "account_change_password", "usersessions_list")
POSTED = [(name, address(name, entry)) for name, entry, _ in TEAM] + [(name, reverse(name)) for name in ALONE]


@pytest.mark.parametrize("url", [url for _, url in POSTED], ids=[name for name, _ in POSTED])
def test_nothing_is_posted_from_another_site(url, owner):
    """Without the token of a form of ours it is refused, whoever is signed in."""
    browser = signed_in(owner)
    browser.handler.enforce_csrf_checks = True

    assert browser.post(url).status_code == 403


def test_the_token_in_the_header_of_htmx_is_taken(owner):
    browser = signed_in(owner)
    browser.handler.enforce_csrf_checks = True
    page = browser.get(reverse("dashboard:index", args=["acme"])).content.decode()
    token = page.split('x-csrftoken": "')[1].split('"')[0]

    answer = browser.post(reverse("preferences"), {"language": "fr", "theme": "dark"}, headers={"X-CSRFToken": token})

    assert answer.status_code == 302


@pytest.mark.parametrize(
    "target", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)", "\thttps:evil"]
)
def test_a_form_leads_back_to_ourselves_alone(target, owner):
    answer = signed_in(owner).post(reverse("preferences"), {"language": "fr", "theme": "dark", "next": target})

    assert answer["Location"] == "/"


def test_a_host_that_is_not_ours_is_refused(settings):
    settings.ALLOWED_HOSTS = ["panel.example.com"]

    assert Browser(headers={"host": "evil.test"}).get("/auth/login/").status_code == 400


def test_htmx_speaks_with_ourselves_alone_and_runs_nothing(owner):
    page = signed_in(owner).get(reverse("dashboard:index", args=["acme"])).content.decode()

    for said in ('"selfRequestsOnly": true', '"allowEval": false', '"allowScriptTags": false', '"historyCacheSize": 0'):
        assert said in page


PRODUCTION = {
    "HOSTPANEL_MODE": "production",
    "HOSTPANEL_SECRET_KEY": "k" * 25 + "0123456789-abcdefghij-ZYXWVU",
    "HOSTPANEL_SEAL_KEYS": "tL2bqvX6cZ8nQJm9W3e5R7yU1iO0pA4sD6fG8hJ2kL0=",
    "HOSTPANEL_ALLOWED_HOSTS": "panel.example.com",
    "HOSTPANEL_BASE_URL": "https://panel.example.com",
    "HOSTPANEL_TRUSTED_PROXIES": "1",
}


def in_production(code, tmp_path):
    """What a process with a production environment prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HOSTPANEL_")}
    environment |= {**PRODUCTION, "HOSTPANEL_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "hostpanel.settings"}
    for other in ("DATABASE_URL", "DJANGO_ALLOW_ASYNC_UNSAFE"):
        environment.pop(other, None)
    done = subprocess.run(
        [sys.executable, *code], cwd=conf.BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_djangos_own_check_of_a_deployment_finds_nothing(tmp_path):
    status, said = in_production(["manage.py", "check", "--deploy", "--fail-level", "WARNING"], tmp_path)

    assert (status, "no issues" in said) == (0, True), said


def test_in_production_cookies_are_for_https_alone(tmp_path):
    code = (
        "import django; django.setup(); from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        "s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE, s.SECURE_HSTS_SECONDS, s.DEBUG)"
    )
    _, said = in_production(["-c", code], tmp_path)

    assert said.split() == ["__Host-session", "__Host-csrf", "True", "True", "True", "Lax", "31536000", "False"]

"""Secrets planted through every way in, and looked for everywhere afterwards: found nowhere.

Each place is also given something on purpose, so that a place that is not really looked at fails.
"""

import base64
import gzip
import io
import json
import logging
import re
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from urllib.parse import quote

import pytest
import redis
from allauth.mfa.totp.internal import auth as totp
from celery import current_app
from django.conf import settings as conf
from django.contrib.sessions.models import Session
from django.core import mail, signing
from django.db import connection as database
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from django.views.debug import ExceptionReporter, get_exception_reporter_filter

from apps.connections import services as connecting
from apps.connections.models import Connection
from apps.operations import engine, registry, services
from apps.operations.models import Operation
from apps.ovhapi.client import Client
from apps.upkeep import copying
from hostpanel.logs import logging_config
from tests import actions
from tests.conftest import signed_in

ACTIONS = [action for action in registry.every() if action.secrets]
FAULTS = {
    "all well": None,
    "refused, with the secret in OVH's words": {"kind": "refused"},
    "refused as busy": {"kind": "conflict_409"},
    "an answer that is lost": {"kind": "reset_after"},
    "an error page": {"kind": "http_502_html"},
    "cancelled by OVH": {"kind": "task_cancelled"},
    "an error of ours": None,
}


def secret_for(action, field):
    """A value that occurs nowhere else, and that every rule for passwords takes."""
    letters = base64.b32encode(f"{action.key}{field}".encode()).decode().lower().strip("=")
    value = f"Vogel{letters[-10:]}7Nest"
    begin, end = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"
    return f"{begin}\n{value}\n{end}\n" if field == "key" else value


def forms_of(secret):
    """How it could be written down."""
    core = secret.splitlines()[1] if "\n" in secret else secret
    return {core, quote(core, safe=""), json.dumps(core)[1:-1], core.encode().hex(), *_in_base64(core.encode())}


def _in_base64(core):
    """What of it shows in base64, wherever among other bytes it begins."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + core + b"\0" * 3).decode()
        # The letters at both ends hold bits of what is around it.
        yield whole[-(-before * 8 // 6) : (before + len(core)) * 8 // 6]


def value_of(server, key):
    """Not DUMP, which packs what is long."""
    readers = {
        b"string": server.get, b"list": lambda key: server.lrange(key, 0, -1), b"set": server.smembers,
        b"hash": server.hgetall, b"zset": lambda key: server.zrange(key, 0, -1),
    }  # fmt: skip
    return readers[server.type(key)](key)


class Plain:
    """A serializer that leaves bytes as they are."""

    def loads(self, kept):
        return kept


class Places:
    """Everything a secret could be left in. `look(name)`: what is there, as one text."""

    def __init__(self, owner, log, sent, redis_url, counted):
        self.owner, self.log, self.sent, self.redis_url = owner, log, sent, redis_url
        self.counted, self.planted = counted, set()
        self.browser = signed_in(owner)
        self.names = ("database", "sessions", "copy", "log", "messages", "redis", "mail", "pages")

    def look(self, name):
        return getattr(self, f"_{name}")()

    def _database(self):
        tables = database.introspection.table_names()
        with database.cursor() as cursor:
            return "".join(self._rows(cursor, table) for table in tables)

    def _rows(self, cursor, table):
        cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # names of tables
        return str(cursor.fetchall())

    def _sessions(self):
        """Opened with the secret key alone, as somebody could who has it and the database."""
        kept = Session.objects.values_list("session_data", flat=True)
        salt = "django.contrib.sessions.SessionStore"
        return str([signing.loads(each, salt=salt, serializer=Plain) for each in kept])

    def _copy(self):
        """The file that `manage.py export` writes."""
        with tempfile.TemporaryDirectory() as folder:
            copying.write(Path(folder) / "copy.gz")
            return gzip.decompress((Path(folder) / "copy.gz").read_bytes()).decode()

    def _log(self):
        return self.log.getvalue()

    def _messages(self):
        return str(self.sent)

    def _redis(self):
        """What the workers' queues hold once the hints are in them, and all else that is there."""
        url = self.redis_url.replace("unix://", "redis+socket://", 1)
        with current_app.connection_for_write(url) as connection:
            for task, *ids in self.sent:
                current_app.send_task(task, args=ids, connection=connection, retry=False)
        server = redis.Redis.from_url(self.redis_url)
        found = [(key, value_of(server, key)) for key in server.scan_iter()]
        server.delete(*(key for key, _ in found if key.startswith(conf.REDIS_PREFIX.encode())), "")
        server.close()
        return str(found)

    def _mail(self):
        return str([message.message().as_string() for message in mail.outbox])

    def _pages(self):
        team = self.owner.team.slug
        urls = [reverse(name, args=[team]) for name in ("dashboard:index", "operations:index", "dashboard:audit")]
        urls.append(reverse("connections:index", args=[team]))
        urls += [reverse("operations:detail", args=[team, pk]) for pk in Operation.objects.values_list("pk", flat=True)]
        for each in Connection.objects.all():
            urls += [reverse(f"connections:{page}", args=[team, each.pk]) for page in ("detail", "edit", "renew")]
        rooms = ("hostings:detail", "databases:index", "ftpusers:index", "modules:index", "domains:ssl")
        names = set(Operation.objects.values_list("service__name", flat=True))
        urls += [reverse(room, args=[team, name]) for room in rooms for name in names if name]
        return "".join(self.browser.get(url).content.decode() for url in urls)


@pytest.fixture
def places(owner, hints, redis_url, settings, counted):
    settings.REDIS_URL = redis_url
    Connection.objects.update(rate_per_minute=60_000)  # this bucket is a real one
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    made = logging_config(as_json=True)["formatters"]["event"]
    handler.setFormatter(made.pop("()")(**made))
    handler.setLevel(logging.DEBUG)
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield Places(owner, out, hints, redis_url, counted)
    root.removeHandler(handler)
    root.setLevel(before)


def assert_nowhere(secrets, places, *, but=()):
    found = {
        (name, secret.strip()[:60])
        for name in places.names
        if name not in but
        for text in [places.look(name)]
        for secret in secrets
        for form in forms_of(secret)
        if form in text
    }
    places.counted["secrets planted"] += len(set(secrets) - places.planted)
    places.planted |= set(secrets)
    places.counted["places searched"] += len(set(places.names) - set(but))
    places.counted["secrets found"] += len(found)
    assert found == set()


@pytest.mark.parametrize("how", FAULTS)
@pytest.mark.parametrize("action", ACTIONS, ids=[action.key for action in ACTIONS])
def test_a_secret_of_an_operation_is_nowhere_however_it_ends(
    action, how, ovh, service, owner, places, settled, monkeypatch
):
    target, params = actions.make(action.key, ovh, service)
    planted = {field: secret_for(action, field) for field in action.secrets if field in params}
    fault = FAULTS[how]
    if fault:
        words = f"{' and '.join(planted.values())} is refused"
        ovh.fault(fault["kind"], method=action.method, message=words)
    if how == "an error of ours":
        monkeypatch.setattr(Client, "call", _broken)
    operation = services.request(
        action, service=service, target=target, params={**params, **planted}, member=owner, key=uuid.uuid4().hex
    )
    assert operation.sealed
    assert_nowhere(planted.values(), places, but=() if how == "all well" else ("pages",))

    if how == "an error of ours":
        engine.submit(operation.pk)
        monkeypatch.undo()
    else:
        settled(operation)

    operation.refresh_from_db()
    assert not operation.is_over or operation.sealed == ""
    if how == "all well":
        assert operation.state == "succeeded"
    if how.startswith("refused, with"):
        assert "…" in operation.ovh_message
    assert_nowhere(planted.values(), places)


def _broken(_client, _method, _path, **given):
    msg = f"something nobody expected about {given}"
    raise RuntimeError(msg)


@pytest.mark.parametrize(
    ("way", "fields"),
    [
        ("keys", {"application_key": "ak", "application_secret": "Appsecret7Nest", "consumer_key": "Consumer7Nest"}),
        ("consent", {"application_key": "ak", "application_secret": "Appsecret7Nest"}),
        ("oauth2", {"client_id": "EU.id", "client_secret": "Clientsecret7Nest"}),
    ],
)
def test_a_credential_ovh_refuses_is_nowhere_not_even_in_the_form_again(way, fields, ovh, owner, places):
    given = {"way": way, "name": "Bakery", "endpoint": "sandbox", **fields}

    answer = places.browser.post(reverse("connections:create", args=["acme"]), given)

    assert answer.status_code == 422
    secrets = [value for name, value in fields.items() if "secret" in name or "consumer" in name]
    assert not [secret for secret in secrets if secret in answer.content.decode()]
    assert_nowhere(secrets, places)


def test_a_credential_that_is_kept_is_nowhere_in_clear(ovh, owner, places):
    given = {name: ovh.account[name] for name in ("application_key", "application_secret", "consumer_key")}
    url = reverse("connections:create", args=["acme"])

    assert places.browser.post(url, {"way": "keys", "name": "B", "endpoint": "sandbox", **given}).status_code == 302
    connecting.check(Connection.objects.get())

    assert_nowhere([given["application_secret"], given["consumer_key"]], places)


def test_a_key_its_owner_says_yes_to_is_nowhere_in_clear(ovh, owner, places):
    """What OVH gave, and the application's secret, while it waits for the yes and once it is kept."""
    given = {name: ovh.account[name] for name in ("application_key", "application_secret")}
    typed = {"way": "consent", "name": "B", "endpoint": "sandbox", **given}
    page = places.browser.post(reverse("connections:create", args=["acme"]), typed, follow=True)
    opened = page.context["opened"]
    secrets = [given["application_secret"], opened.credentials.consumer_key]
    assert_nowhere([*secrets, opened.validation_url], places)

    key = ovh.running.world.credentials[opened.credentials.consumer_key]
    key |= {"status": "validated", "nichandle": ovh.account["nichandle"]}
    answer = places.browser.post(
        reverse("connections:consent_confirm", args=["acme", opened.consent.pk]),
        {"nichandle": ovh.account["nichandle"]},
    )

    assert answer.status_code == 302
    assert_nowhere(secrets, places)


def test_what_proves_who_somebody_is_is_nowhere_in_clear(owner, places):
    """The secret of an app for codes while it is set up and afterwards, and recovery codes."""
    password = give_password(owner)
    browser = places.browser = signed_in(owner)
    browser.post(reverse("account_reauthenticate"), {"password": password})
    browser.get(reverse("mfa_activate_totp"))
    secret = browser.session["mfa.totp.secret"]
    assert_nowhere([secret], places)

    code = totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))
    assert browser.post(reverse("mfa_activate_totp"), {"code": code}).status_code == 302
    codes = browser.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]

    assert_nowhere([secret, *codes], places)


def give_password(member):
    password = "Personal7Nest-first"
    member.user.set_password(password)
    member.user.save()
    return password


def test_links_that_let_somebody_in_are_in_their_mail_alone(owner, places):
    browser, stranger = signed_in(owner), Browser()
    browser.post(
        reverse("members:invite", args=["acme"]), {"email": "n@hostpanel.test", "role": "viewer", "scope": "all"}
    )
    stranger.post(reverse("account_reset_password"), {"email": owner.user.email})
    texts = "".join(str(message.body) for message in mail.outbox)
    invitation, reset = re.search(r"/join/([\w-]+)/", texts).group(1), re.search(r"/key/\w+?-(\S+)/", texts).group(1)
    stranger.post(f"/join/{invitation}/", {"name": "N", "password": "short"})
    assert stranger.get(re.search(r"/auth/password/reset/key/\S+", texts).group()).status_code == 302

    assert_nowhere([invitation, reset], places, but=("mail",))


@pytest.mark.parametrize("name", ["databases:create", "ftpusers:create"])
def test_a_password_in_a_form_that_fails_does_not_come_back(name, service, places):
    url = reverse(name, args=["acme", service.name])

    answer = places.browser.post(url, {"key": "k", "password": "Wrongform7Nest", "login": "!", "user": "!"})

    assert answer.status_code == 422
    assert "Wrongform7Nest" not in answer.content.decode()
    assert_nowhere(["Wrongform7Nest"], places)


def test_the_password_of_a_person_is_nowhere_in_clear(owner, places):
    give_password(owner)
    browser = Browser()
    browser.post(reverse("account_login"), {"login": owner.user.email, "password": "Personal7Nest-first"})
    anew = "Lakeside7Nest-then"
    change = {"oldpassword": "Personal7Nest-first", "password1": anew, "password2": anew}
    answer = browser.post(reverse("account_change_password"), change)
    assert answer.status_code == 302, answer.context["form"].errors
    browser.post(reverse("account_login"), {"login": owner.user.email, "password": "Personal7Nest-wrong"})

    assert_nowhere(["Personal7Nest-first", anew, "Personal7Nest-wrong"], places)


def test_an_error_report_holds_nothing_that_was_typed(service, owner, rf):
    """What a mail to the admins or a page of an error would hold, with every variable of every frame."""
    password = uuid.uuid4().hex
    request = rf.post("/", {"password": password, "harmless": password})
    try:
        _broken(None, "POST", "/", body=request)
    except RuntimeError:
        reporter = ExceptionReporter(request, *sys.exc_info())
    text = reporter.get_traceback_text() + reporter.get_traceback_html()

    assert type(get_exception_reporter_filter(request)).__name__ == "NothingOfTheirs"
    assert "harmless" in text
    assert password not in text


def test_the_file_of_the_database_holds_none_either(owner, transactional_db, settled, request):
    """With its write-ahead log, where what was deleted may still lie."""
    if database.vendor != "sqlite":
        pytest.skip("about SQLite's files")
    ovh, service = request.getfixturevalue("ovh"), request.getfixturevalue("service")
    action = registry.get("databases.create")
    target, params = actions.make(action.key, ovh, service)
    secret = secret_for(action, "password")
    operation = services.request(
        action, service=service, target=target, params={**params, "password": secret}, member=owner, key="k"
    )
    settled(operation)

    path = Path(database.settings_dict["NAME"])
    files = [each for each in path.parent.glob(f"{path.name}*") if each.is_file()]
    # In a process of its own: to close one of these files would drop the locks this process has on it.
    content = subprocess.run(["cat", *map(str, files)], capture_output=True, check=True).stdout
    assert operation.label.encode() in content
    assert not [form for form in forms_of(secret) if form.encode() in content]


def test_every_place_is_really_looked_at(owner, places, hints, service):
    canary = "Canary7Nest"
    Connection.objects.update(name=canary)  # shown on pages, kept in the database
    logging.getLogger("apps.ovhapi").debug("sent %s", canary)
    hints.append(("operations.submit", canary))
    server = redis.Redis.from_url(places.redis_url)
    server.set(f"hostpanel:{canary}", canary, ex=60)
    mail.send_mail("x", canary, None, ["x@hostpanel.test"])
    Session.objects.create(
        session_key="c", expire_date=timezone.now(),
        session_data=signing.dumps({"x": canary * 50}, salt="django.contrib.sessions.SessionStore", compress=True),
    )  # fmt: skip

    found = {name for name in places.names if any(form in places.look(name) for form in forms_of(canary))}
    server.delete(f"hostpanel:{canary}")

    assert found == set(places.names)


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_a_secret_in_base64_is_recognised_wherever_it_begins(before):
    hidden = base64.b64encode(f"{before}Canary7Nest and more".encode()).decode()

    assert [form for form in forms_of("Canary7Nest") if form in hidden]

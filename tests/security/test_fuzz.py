"""Whatever is typed into forms and addresses: an answer that is meant, never an error of ours, and never a call to OVH
that a valid form did not ask for.
"""

import uuid
from hashlib import sha256
from urllib.parse import unquote

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from apps.members.models import Invitation
from apps.operations.registry import every
from apps.teams.models import Role
from tests.conftest import signed_in
from tests.factories import MembershipFactory, OperationFactory, made
from tests.security.runs import tries
from tests.test_urls import OF_ALLAUTH, OPEN, OURS, path_of

ODD = [
    "", " ", "0", "-1", "1e309", "nan", "null", "true", "../..", "%00", "\x00", "<script>alert(1)</script>",
    "' OR 1=1--", "{{7*7}}", "ﷺ" * 50, "🙂" * 300, "é" * 5000, "9" * 400, "2026-02-30", "2026-11-23T25:61", "\r\nX: y",
    "a@b", "١٢٣", "xn--", ".", "/" * 300,
]  # fmt: skip
VALUE = st.one_of(st.sampled_from(ODD), st.text(max_size=60), st.integers().map(str))
NAMES = [
    "q", "page", "sort", "state", "account", "action", "type", "mode", "backup", "function", "status", "period",
    "again", "about", "since", "service", "operation", "from", "to", "creationDate_from", "offer", "home", "login",
    "latest", "branch", "active", "key", "next", "confirm_name",
]  # fmt: skip
MEANT = {200, 204, 302, 400, 403, 404, 405, 409, 410, 413, 422, 429, 503}
# They end the session that everything else is asked in.
ENDING = {"account_logout", "usersessions_list"}
TYPES = (
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "multipart/form-data", "application/json",
    "x", "text/plain; charset=nope",
)  # fmt: skip


class World:
    """Everything that has an address, and who asks there. What a request changes is taken back after it."""

    def __init__(self, service, owner):
        self.browser, self.stranger = signed_in(owner), Client()
        self.service, self.team = service, owner.team
        asked = {"service": service, "connection": service.connection, "team": owner.team, "requested_by": owner.user}
        self.pk = {
            "operations": made(OperationFactory, failed=True, **asked).pk,
            "connections": service.connection_id,
            "members": made(MembershipFactory, team=owner.team).pk,
        }
        invited = {"email": "asked@hostpanel.test", "role": Role.VIEWER, "invited_by": owner.user}
        self.invitation = Invitation.objects.create(team=owner.team, token_hash=sha256(b"token").hexdigest(), **invited)
        self.inside = sorted(set(self._inside()))
        self.outside = sorted(set(self._outside()))
        self._shapes = {}

    def _inside(self):
        database = self.service.databases.filter(gone_at=None, dumps__isnull=False).first()
        known = {
            "team": "acme", "service_name": self.service.name, "name": database.name,
            "dump_id": database.dumps.first().ovh_id, "domain": self.service.attacheddomains.first().domain,
            "login": self.service.ftpusers.last().login, "module_id": 1, "copy_id": uuid.uuid4(),
        }  # fmt: skip
        for name, entry, view in OURS:
            if getattr(view, "audience", "") == "everybody":
                continue
            room = name.partition(":")[0]
            pk = self.invitation.pk if name in ("members:renew", "members:withdraw") else self.pk.get(room)
            given_names = {**known, "pk": uuid.uuid4() if "consent" in name else pk}
            arguments = {key: given_names[key] for key in entry.pattern.converters}
            yield reverse(name, kwargs={"team": "acme", **arguments} if view.audience == "team" else arguments)
        yield from (path_of(name, entry) for name, entry in OF_ALLAUTH if name in OPEN - ENDING)

    def _outside(self):
        yield from (reverse(name) for name in ("home", "setup", "upkeep:live", "upkeep:metrics"))
        yield reverse("join", args=["token"])
        yield from (path_of(name, entry) for name, entry in OF_ALLAUTH if name in OPEN - ENDING)

    def draw(self, data):
        """(browser, address)."""
        if data.draw(st.integers(0, 4)) == 0:
            return self.stranger, data.draw(st.sampled_from(self.outside))
        return self.browser, data.draw(st.sampled_from(self.inside))

    def shape(self, browser, address):
        """{name: strategy} of the form at an address, with what would be right there among what is odd."""
        if address not in self._shapes:
            answer = undone(lambda: browser.get(address))
            form = (answer.context or {}).get("form") if hasattr(answer, "context") else None
            fields = form if isinstance(form, forms.BaseForm) else ()
            self._shapes[address] = {bound.html_name: value_of(bound, address) for bound in fields}
        return self._shapes[address]


def value_of(bound, address):
    """For one field: a file, or something odd, or what could be meant."""
    if isinstance(bound.field, forms.FileField):
        return st.builds(
            SimpleUploadedFile,
            st.sampled_from(["a.sql", "a.gz", "../../x.sql", "é\u202e.txt", "a" * 300]),
            st.binary(max_size=300),
        )
    meant = [str(key) for key, _words in getattr(bound.field, "choices", ()) if not isinstance(key, list | tuple)]
    meant += [str(bound.value())] if bound.value() not in (None, "") else []
    meant += [unquote(part) for part in address.split("/") if part]
    return st.one_of(st.sampled_from(meant), VALUE)


def undone(look):
    """What `look` gives; what it changed is taken back."""
    with transaction.atomic():
        savepoint = transaction.savepoint()
        try:
            return look()
        finally:
            transaction.savepoint_rollback(savepoint)


@pytest.fixture
def world(service, owner, ovh):
    return World(service, owner)


@pytest.fixture
def tried(counted):
    """Counts an input, and whether its answer is none that is meant."""

    def count(answer):
        counted["inputs tried"] += 1
        counted["inputs answered wrongly"] += answer.status_code not in MEANT

    return count


def test_there_is_enough_to_walk(world):
    assert len(world.inside) > 100
    assert len(world.outside) > 10
    assert len({*fields(), *NAMES}) > 60


def fields():
    """Every name a form of an action has."""
    return {name for action in every() for name in action.form.base_fields}


ODD_HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "HX-Request": st.just("true"),
        "HX-Boosted": st.just("true"),
        "HX-Current-URL": st.sampled_from(["::%%", "http://[", "/t/acme/?q=%ff"]),
        "Accept-Language": st.sampled_from(["fr;q=nan", "x" * 3000, "en-\u00e9", "*"]),
        "Cookie": st.sampled_from(
            [
                "time_zone=Europe",
                "time_zone=../../etc/passwd",
                "time_zone=%00",
                "language=xx; language=",
                "messages=a:b",
            ]
        ),
        "X-Forwarded-For": st.sampled_from(["", ",", "::ffff:1", "unix:", "<script>"]),
        "Referer": st.sampled_from(["::%%", "https://evil.test/"]),
    },
)


@tries(60)
@given(data=st.data())
def test_no_address_answers_500_whatever_stands_in_it(world, tried, data):
    browser, address = world.draw(data)
    query = data.draw(st.dictionaries(st.sampled_from(NAMES), VALUE, max_size=6))
    headers = data.draw(ODD_HEADERS)
    if "Cookie" in headers:
        kept = "; ".join(f"{each.key}={each.value}" for each in browser.cookies.values())
        headers["Cookie"] = f"{headers['Cookie']}; {kept}"

    answer = undone(lambda: browser.get(address, query, headers=headers))

    tried(answer)
    assert answer.status_code in MEANT, (address, query)


@tries(60)
@given(data=st.data())
def test_no_form_answers_500_whatever_is_typed_into_it(world, tried, data):
    browser, address = world.draw(data)
    form = data.draw(st.fixed_dictionaries({}, optional=world.shape(browser, address)))
    form |= data.draw(st.dictionaries(st.sampled_from(sorted({*fields(), *NAMES})), VALUE, max_size=4))

    answer = undone(lambda: browser.post(address, form))

    tried(answer)
    assert answer.status_code in MEANT, (address, form)


@tries(30)
@given(data=st.data())
def test_no_body_that_is_none_makes_an_address_answer_500(world, tried, data):
    browser, address = world.draw(data)
    body = data.draw(st.binary(max_size=200) | st.sampled_from(BODIES))
    kind = data.draw(st.sampled_from(TYPES))

    answer = undone(lambda: browser.generic("POST", f"{address}?q=%ff%00&page=%f0", body, kind))

    tried(answer)
    assert answer.status_code in MEANT, (address, body, kind)


BODIES = [
    b"a=%ff%fe&b=%00", b"=&&&=", b"a=1&" * 1500, b'{"a": NaN}', b"--b\r\n",
    b"--b\r\nContent-Disposition: form-data\r\n\r\nx",
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="\xff/../x"\r\n\r\n\x00\r\n--b--\r\n',
    b'--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--b--\r\n',
]  # fmt: skip

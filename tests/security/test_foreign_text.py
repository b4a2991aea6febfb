"""What comes from OVH, from DNS and from certificates is text: a domain named `<script>` does nothing."""

from html.parser import HTMLParser

import pytest
from django.db import models
from django.urls import reverse
from django.utils import timezone

from apps.connections.client import client_for
from apps.connections.models import Connection
from apps.inventory import columns, sync
from apps.inventory.models import (
    AttachedDomain,
    Database,
    Dump,
    FtpUser,
    Module,
    ModuleOffer,
    Probe,
    Service,
    ServiceTask,
    Zone,
)
from apps.operations.models import Operation
from tests.conftest import signed_in
from tests.factories import ModuleOfferFactory, OperationFactory, made

pytestmark = pytest.mark.django_db
CANARY = (
    """'"><hp-canary hx-get=/x hx-trigger=load onclick=alert(1)></hp-canary><script>hp</script>{{ 7|add:7 }}\u202e"""
)
SHORT = "<hp-canary>"
ODD_NAMES = ["<script>alert(1)</script>", "a/b", "%2e%2e", "a b", "é.fr", "\u202egpj.exe", "?x", "#"]
OFTHEIRS = (Service, AttachedDomain, Database, Dump, FtpUser, Module, ModuleOffer, ServiceTask, Zone)
# Columns the panel decides by, not OVH; and what stands in addresses, which has tests of its own below.
OURS = {"problem", "endpoint"}
IN_ADDRESSES = {(Zone, "name"), (Service, "name"), (AttachedDomain, "domain"), (Database, "name"), (FtpUser, "login")}


class Found(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, text):
        super().__init__()
        self.wrong, self.text = [], text
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "hp-canary" or (tag == "script" and not given.get("src") and given.get("type") != "application/json"):
            self.wrong.append((tag, attrs))
        for name, value in attrs:
            is_link = name in ("href", "src", "action", "formaction", "hx-get", "hx-post")
            if name.startswith(("on", "hx-on")) or (is_link and (value or "").strip().lower().startswith(BAD)):
                self.wrong.append((tag, name, value))


BAD = ("javascript:", "data:text", "vbscript:", "//", "http://evil", "/x")


def poison(model):
    """Every text column of every row of a kind holds the canary, and so does every value of its raw answer."""
    for row in model.objects.all():
        for field in model._meta.concrete_fields:
            is_free = not field.choices and field.name not in OURS and (model, field.name) not in IN_ADDRESSES
            if isinstance(field, models.CharField | models.TextField) and is_free and not field.name.endswith("url"):
                longest = field.max_length or len(CANARY)
                setattr(row, field.name, CANARY if longest >= len(CANARY) else SHORT[:longest])
            elif isinstance(field, models.JSONField):
                setattr(row, field.name, poisoned(getattr(row, field.name)))
        row.save()


def poisoned(value):
    if isinstance(value, dict):
        return {name: poisoned(each) for name, each in value.items()}
    if isinstance(value, list):
        return [poisoned(each) for each in value] or [CANARY]
    return CANARY if isinstance(value, str) else value


@pytest.fixture
def world(service):
    """An account as OVH has it, with an operation, a module, a look at a certificate; all its text poisoned."""
    made(OperationFactory, service=service, failed=True, label=CANARY, ovh_message=CANARY, query_id=CANARY[:60])
    made(ModuleOfferFactory)
    Module.objects.create(service=service, ovh_id=9, target_url="https://a.example/")
    domain = service.attacheddomains.first()
    Probe.objects.update_or_create(
        domain=domain,
        defaults={
            "dns": {"A": [CANARY], "AAAA": [CANARY], "error": ""},
            "tls": {"issuer": CANARY, "names": [CANARY], "error": "", "subject": CANARY},
            "probed_at": timezone.now(), "tls_expires_at": timezone.now(),
        },
    )  # fmt: skip
    for model in OFTHEIRS:
        poison(model)
    Connection.objects.update(name=CANARY[:80], nichandle=SHORT, organisation=CANARY, health_message=CANARY)
    return service


OF_TEAM = (
    "dashboard:index", "inventory:services", "inventory:domains", "inventory:databases", "operations:index",
    "connections:index", "dashboard:audit",
)  # fmt: skip
OF_SERVICE = (
    "hostings:detail", "domains:index", "domains:ssl", "databases:index", "backups:index", "ftpusers:index",
    "modules:index", "operations:tasks", "domains:attach", "databases:create", "ftpusers:create", "domains:ssl_import",
    "hostings:rename", "modules:catalogue", "modules:install",
)  # fmt: skip
OF_OBJECTS = (
    ("databases", "name", ("databases:detail", "databases:delete", "databases:password", "databases:import")),
    ("attacheddomains", "domain", ("domains:detail", "domains:edit", "domains:detach")),
    ("ftpusers", "login", ("ftpusers:detail", "ftpusers:edit", "ftpusers:delete")),
)


def addresses(service, owner):
    team = owner.team.slug
    yield from (reverse(name, args=[team]) for name in OF_TEAM)
    yield from (reverse(name, args=[team, service.name]) for name in OF_SERVICE)
    for related, column, names in OF_OBJECTS:
        for key in getattr(service, related).values_list(column, flat=True)[:3]:
            yield from (reverse(name, args=[team, service.name, key]) for name in names)
    for pk in Operation.objects.values_list("pk", flat=True):
        yield reverse("operations:detail", args=[team, pk])
    yield reverse("connections:detail", args=[team, service.connection_id])
    yield reverse("dashboard:search", args=[team]) + "?q=canary"


def test_no_page_takes_foreign_text_for_markup(world, owner):
    browser = signed_in(owner)
    wrong, shown = {}, 0
    for url in addresses(world, owner):
        answer = browser.get(url)
        assert answer.status_code < 500, url
        text = answer.content.decode()
        shown += "&lt;hp-canary" in text
        if found := Found(text).wrong:
            wrong[url] = found[:3]

    assert wrong == {}
    assert shown > 20  # the canary really was on the pages


@pytest.mark.parametrize("name", ODD_NAMES)
def test_an_object_with_a_name_like_that_breaks_no_page(name, service, owner):
    AttachedDomain.objects.filter(pk=service.attacheddomains.first().pk).update(domain=name)
    Database.objects.filter(pk=service.databases.first().pk).update(name=name)
    FtpUser.objects.filter(pk=service.ftpusers.first().pk).update(login=name)
    browser = signed_in(owner)

    for page in ("domains:index", "databases:index", "ftpusers:index", "backups:index", "hostings:detail"):
        answer = browser.get(reverse(page, args=["acme", service.name]))
        assert answer.status_code == 200, page
        assert Found(answer.content.decode()).wrong == []
    for page in ("inventory:domains", "inventory:databases", "dashboard:index"):
        assert browser.get(reverse(page, args=["acme"])).status_code == 200, page


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_hosting_with_a_name_like_that_breaks_no_list(name, service, owner):
    Service.objects.filter(pk=service.pk).update(name=name)

    for page in ("inventory:services", "inventory:domains", "inventory:databases", "dashboard:index"):
        assert signed_in(owner).get(reverse(page, args=["acme"])).status_code == 200, page


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", " javascript:alert(1)", "//evil.test", "ftp://x"]
)
def test_an_address_that_is_none_of_the_web_is_not_kept(url):
    module = columns.module_fields({"id": 1, "targetUrl": url})
    database = columns.database_fields({"name": "x", "guiURL": url})
    dump = columns.dump_fields({"id": 1, "url": url})

    assert (module["target_url"], database["gui_url"], dump["url"]) == ("", "", "")


@pytest.mark.parametrize("name", [".", "..", "", "x" * 300, 7, None])
def test_a_name_that_can_be_none_is_not_taken_and_costs_no_row(name, ovh, service):
    base = f"/hosting/web/{service.name}/attachedDomain"
    truth = client_for(service.connection).objects(base)
    before = service.attacheddomains.filter(gone_at=None).count()
    ovh.control("POST", "faults", kind="answers", method="GET", path=f"{base}$", data=[{**truth[0], "domain": name}])

    sync.refresh(service, client_for(service.connection))

    assert service.attacheddomains.filter(gone_at=None).count() == before

"""The lists: the same few queries at any size, narrowed by what stands in the address."""

import re
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import AttachedDomainFactory, ConnectionFactory, DatabaseFactory, DumpFactory, ServiceFactory

SERVICES = reverse("inventory:services", args=["acme"])
PAGES = ["inventory:services", "inventory:domains", "inventory:databases", "dashboard:index", "operations:index"]


def fill(team, count):
    account = ConnectionFactory(team=team)
    for service in ServiceFactory.create_batch(count, connection=account):
        AttachedDomainFactory(service=service)
        DumpFactory(database=DatabaseFactory(service=service))


def queries_of(browser, url):
    with CaptureQueriesContext(database) as seen:
        assert browser.get(url).status_code == 200
    return len(seen)


@pytest.mark.parametrize("name", PAGES)
def test_a_list_costs_the_same_queries_for_ten_rows_and_fifty(name, team, viewer, browser_of):
    browser, url = browser_of(viewer), reverse(name, args=["acme"])
    fill(team, 10)
    queries_of(browser, url)
    few = queries_of(browser, url)

    fill(team, 40)

    assert queries_of(browser, url) == few
    assert few <= 30


def test_services_are_found_by_either_name(team, viewer, browser_of):
    account = ConnectionFactory(team=team)
    ServiceFactory(connection=account, display_name="bakery.fr", name="abc.cluster001.hosting.ovh.net")
    ServiceFactory(connection=account, display_name="garage.fr")

    page = browser_of(viewer).get(SERVICES, {"q": "baker"}).content.decode()

    assert "bakery.<wbr>fr" in page
    assert "garage" not in page


@pytest.mark.parametrize(
    "query",
    [
        {"q": "\0"},
        {"page": "many"},
        {"page": "-1"},
        {"sort": "'; drop"},
        {"state": "x"},
        {"account": "x"},
        {"offer": "x"},
    ],
)
def test_rubbish_in_the_address_is_no_error(query, team, viewer, browser_of):
    fill(team, 1)

    for name in (
        "inventory:services",
        "inventory:domains",
        "inventory:databases",
        "operations:index",
        "dashboard:search",
    ):
        assert browser_of(viewer).get(reverse(name, args=["acme"]), query).status_code == 200


def test_htmx_gets_the_rows_alone_and_everybody_else_the_page(team, viewer, browser_of):
    fill(team, 1)
    browser = browser_of(viewer)

    part = browser.get(SERVICES, headers={"HX-Request": "true"}).content.decode()
    whole = browser.get(SERVICES, headers={"HX-Request": "true", "HX-Boosted": "true"}).content.decode()

    assert "<html" not in part
    assert "<html" in whole


def test_another_teams_service_does_not_exist(team, viewer, browser_of, stranger):
    theirs = ServiceFactory(connection=ConnectionFactory(team=stranger.team))

    answer = browser_of(viewer).get(reverse("hostings:detail", args=["acme", theirs.name]))

    assert answer.status_code == 404


def test_a_service_of_an_account_outside_the_members_scope_does_not_exist(team, viewer, browser_of):
    viewer.sees_all_accounts = False
    viewer.save()
    theirs = ServiceFactory(connection=ConnectionFactory(team=team))

    answer = browser_of(viewer).get(reverse("hostings:detail", args=["acme", theirs.name]))

    assert answer.status_code == 404


def test_a_domain_named_like_a_script_is_shown_as_text(team, viewer, browser_of):
    service = ServiceFactory(connection=ConnectionFactory(team=team), display_name="<script>alert(1)</script>")
    AttachedDomainFactory(service=service, domain="<script>alert(2)</script>")

    for url in (SERVICES, reverse("domains:index", args=["acme", service.name])):
        assert b"<script>alert" not in browser_of(viewer).get(url).content


@pytest.mark.parametrize("name", ["a/b.fr", "../../x", "a b", "?x=1#y", "%2F", "ü\n"])
def test_a_name_of_any_kind_from_ovh_has_a_page(name, operator, browser_of):
    service = ServiceFactory(connection__team=operator.team)
    AttachedDomainFactory(service=service, domain=name)
    browser = browser_of(operator)

    listed = browser.get(reverse("domains:index", args=["acme", service.name]))
    assert listed.status_code == 200
    assert browser.get(reverse("domains:detail", args=["acme", service.name, name])).status_code in (200, 404)


@pytest.mark.parametrize(
    ("hours", "used_mb", "words"),
    [
        (2, 10, "backed up"),
        (30, 10, "no backup of today"),
        (24 * 9 + 1, 10, "9 days without backup"),
        (2, 300, "full, read-only"),
        (24 * 9 + 1, 300, "full, read-only"),
    ],
)
def test_a_database_in_trouble_is_never_shown_as_well(hours, used_mb, words, team, viewer, browser_of):
    service = ServiceFactory(connection=ConnectionFactory(team=team))
    database = DatabaseFactory(service=service, quota_size_mb=200, quota_used_mb=used_mb)
    DumpFactory(database=database, created_at=timezone.now() - timedelta(hours=hours))

    page = browser_of(viewer).get(reverse("inventory:databases", args=["acme"])).content.decode()

    tags = re.findall(r'<span class="tag (\w+)">([^<]+)</span></td>', page)
    assert tags == [({"backed up": "good", "no backup of today": "warn"}.get(words, "bad"), words)]

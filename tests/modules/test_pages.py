"""The list, the catalogue and the forms, for everybody who may see them."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.inventory.columns import module_fields
from apps.inventory.models import Catalogue
from apps.operations.live import Cursor
from tests.factories import (
    AttachedDomainFactory,
    ConnectionFactory,
    DatabaseFactory,
    ModuleFactory,
    ModuleOfferFactory,
    OperationFactory,
    ServiceFactory,
)


@pytest.fixture
def hosting(team):
    made = ServiceFactory(connection=ConnectionFactory(team=team))
    AttachedDomainFactory(service=made, domain="example.fr")
    return made


@pytest.fixture
def offers(db):
    """The catalogue as the pages meet it."""
    Catalogue.objects.create(endpoint="sandbox", read_at=timezone.now())
    return [
        ModuleOfferFactory(ovh_id=101, version="6.8.2"),
        ModuleOfferFactory(ovh_id=102, version="6.7.2", latest=False),
        ModuleOfferFactory(ovh_id=103, version="7.0-beta", branch="testing"),
        ModuleOfferFactory(ovh_id=104, version="4.0", branch="old", active=False),
        ModuleOfferFactory(ovh_id=201, endpoint="ovh-ca", version="9.9"),
    ]


def page_of(browser, hosting, name="index", *args, **query):
    answer = browser.get(reverse(f"modules:{name}", args=["acme", hosting.name, *args]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_costs_the_same_queries_for_ten_rows_and_fifty(hosting, offers, viewer, browser_of):
    browser, address = browser_of(viewer), reverse("modules:index", args=["acme", hosting.name])
    ModuleFactory.create_batch(10, service=hosting)
    browser.get(address)
    counts = []
    for more in (0, 40):
        ModuleFactory.create_batch(more, service=hosting)
        with CaptureQueriesContext(database) as seen:
            browser.get(address)
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 30


def test_a_module_is_called_by_its_name_and_version(hosting, offers, viewer, browser_of):
    ModuleFactory(service=hosting, module_id=102, target_url="https://blog.example.fr/", admin_folder="wp-admin")
    ModuleFactory(service=hosting, module_id=777)

    page = page_of(browser_of(viewer), hosting)

    assert "WordPress 6.7.2" in page
    assert "Module 777" in page
    assert 'href="https://blog.example.fr/wp-admin"' in page
    assert "as chef" in page


def test_a_hosting_without_modules_offers_the_catalogue(hosting, operator, browser_of):
    page = page_of(browser_of(operator), hosting)

    assert "No module here" in page
    assert "Look at the catalogue" in page


@pytest.mark.parametrize(("status", "words"), [("creating", "being made"), ("deleting", "being deleted")])
def test_what_is_done_to_it_is_said(hosting, viewer, browser_of, status, words):
    ModuleFactory(service=hosting, status=status)

    assert words in page_of(browser_of(viewer), hosting)


@pytest.mark.parametrize(
    ("query", "versions"),
    [
        ({}, {"6.8.2"}),
        ({"latest": "false"}, {"6.7.2"}),
        ({"latest": "any"}, {"6.8.2", "6.7.2"}),
        ({"branch": "testing"}, {"7.0-beta"}),
        ({"branch": "old", "active": "false"}, {"4.0"}),
        ({"branch": "any", "active": "any", "latest": "any"}, {"6.8.2", "6.7.2", "7.0-beta", "4.0"}),
        ({"branch": "rubbish", "active": "\0"}, {"6.8.2"}),
    ],
)
def test_the_catalogue_is_narrowed_by_the_address(hosting, offers, viewer, browser_of, query, versions):
    page = page_of(browser_of(viewer), hosting, "catalogue", **query)

    every = {offer.version for offer in offers}
    assert {version for version in every if f"WordPress {version}" in page} == versions


def test_an_entry_says_what_one_chooses_by(hosting, offers, operator, browser_of):
    page = page_of(browser_of(operator), hosting, "catalogue")

    for words in ("OVHcloud", "English, French", "78 MB", "PHP\N{NO-BREAK SPACE}8.1", "install/?module=101"):
        assert words in page


def test_what_cannot_be_installed_says_why(hosting, offers, operator, viewer, browser_of):
    everything = {"branch": "any", "active": "any", "latest": "any"}

    assert "OVH does not install this version any more" in page_of(
        browser_of(operator), hosting, "catalogue", **everything
    )
    assert "This needs the role" in page_of(browser_of(viewer), hosting, "catalogue")


def test_before_it_was_read_the_catalogue_says_so_and_asks_for_it(hosting, viewer, browser_of, hints):
    page = page_of(browser_of(viewer), hosting, "catalogue")

    assert "Just being read from OVH" in page
    assert ("inventory.read_catalogue", "sandbox") in hints


def test_the_form_offers_the_versions_stable_first(hosting, offers, operator, browser_of):
    page = page_of(browser_of(operator), hosting, "install", module="103")

    assert page.index("6.8.2, stable") < page.index("6.7.2, stable") < page.index("7.0-beta, testing")
    assert '<option value="103" selected' in page
    assert "4.0" not in page
    assert "The folder must be empty" in page


@pytest.mark.parametrize("module", ["", "x", "999", "9" * 40, "201"])
def test_what_is_not_in_the_catalogue_leads_back_to_it(hosting, offers, operator, browser_of, module):
    address = reverse("modules:install", args=["acme", hosting.name])

    answer = browser_of(operator).get(address, {"module": module})

    assert answer.status_code == 302
    assert answer["Location"].endswith("/modules/catalogue/")


def test_an_inactive_entry_offers_the_versions_that_can_be_installed(hosting, offers, operator, browser_of):
    assert '<option value="101" selected' in page_of(browser_of(operator), hosting, "install", module="104")


def test_deleting_names_the_database_that_stays(hosting, offers, owner, browser_of):
    DatabaseFactory(service=hosting, user="dbsite")
    module = ModuleFactory(service=hosting, raw={"dependencies": [{"name": "dbsite"}, "rubbish"]})

    page = page_of(browser_of(owner), hosting, "delete", module.ovh_id)

    assert "This cannot be undone" in page
    assert "dbsite" in page
    assert f"Type {module.path} to confirm" in page


def test_only_administrators_are_offered_to_delete(hosting, offers, operator, owner, browser_of):
    ModuleFactory(service=hosting)

    assert "/delete/" not in page_of(browser_of(operator), hosting)
    assert "/delete/" in page_of(browser_of(owner), hosting)


def tell(browser, hosting, page, since):
    query = {"page": page, "service": hosting.name, "since": since}
    return browser.get(reverse("operations:changes", args=["acme"]), query).content.decode()


def test_an_open_list_is_told_of_a_change(hosting, offers, viewer, browser_of):
    since = Cursor.now().text
    OperationFactory(service=hosting, action="modules.delete", label="www", target={"id": 1})

    assert 'id="modules"' in tell(browser_of(viewer), hosting, "modules.index", since)


def test_an_open_catalogue_is_told_when_it_was_read(hosting, viewer, browser_of):
    since = Cursor.now().text
    Catalogue.objects.create(endpoint="sandbox", read_at=timezone.now() + timedelta(seconds=1))
    ModuleOfferFactory()

    page = tell(browser_of(viewer), hosting, "modules.catalogue", since)

    assert 'id="catalogue"' in page
    assert "WordPress 6.8.2" in page


def test_the_passwords_of_a_modules_databases_are_never_kept():
    raw = {"id": 1, "dependencies": [{"name": "db", "password": "Geheim12345"}, None, "x"], "targetUrl": "javascript:x"}

    fields = module_fields(raw)

    assert "Geheim12345" not in str(fields)
    assert fields["raw"]["dependencies"] == [{"name": "db"}]
    assert fields["target_url"] == ""

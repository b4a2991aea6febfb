"""What OVH would refuse is said beside its field."""

import pytest
from django.utils import translation

from apps.modules.forms import ModuleInstallForm, random_prefix
from tests.factories import AttachedDomainFactory, DatabaseFactory, ModuleFactory, ModuleOfferFactory, ServiceFactory

GOOD = {
    "key": "k", "moduleId": "101", "domain": "example.fr", "path": "", "language": "fr", "adminName": "chef",
    "adminPassword": "Geheim12345", "source": "existing", "existing": "dbsite.mysql.db", "password": "Basis!12345",
    "prefix": "wp_", "server": "", "port": "3306", "name": "", "user": "",
}  # fmt: skip
BY_HAND = {
    "source": "by_hand", "server": "sql.example.net", "port": "3306", "name": "shop", "user": "shopper",
    "password": "anything",
}  # fmt: skip


@pytest.fixture
def hosting(db):
    made = ServiceFactory(primary_login="atelie")
    AttachedDomainFactory(service=made, domain="example.fr", path="www")
    AttachedDomainFactory(service=made, domain="shop.example.fr", path="./shop/")
    AttachedDomainFactory(service=made, domain="*.example.fr", path="www")
    DatabaseFactory(service=made, user="dbsite", server="sql1.example.net", port=3307)
    DatabaseFactory(service=made, user="dbpost", type="postgresql")
    DatabaseFactory(service=made, user="dbfull", state="readonly")
    ModuleFactory(service=made, path="./blog")
    return made


@pytest.fixture
def offers(db):
    return [
        ModuleOfferFactory(ovh_id=101),
        ModuleOfferFactory(ovh_id=102, version="6.7", latest=False, languages=["en"]),
        ModuleOfferFactory(ovh_id=103, version="7.0", branch="testing", admin_name_type="email"),
    ]


@pytest.fixture
def form_of(hosting, offers):
    def make(**others):
        return ModuleInstallForm(GOOD | others, service=hosting, offers=offers, chosen=offers[0])

    return make


@pytest.fixture
def empty_form(hosting, offers):
    return ModuleInstallForm(service=hosting, offers=offers, chosen=offers[0])


def test_a_database_of_the_hosting_fills_in_its_own_fields(form_of):
    form = form_of()

    assert form.is_valid(), form.errors
    given = form.params()
    assert (given["server"], given["port"], given["name"], given["user"]) == (
        "sql1.example.net", 3307, "dbsite", "dbsite",
    )  # fmt: skip
    assert (given["moduleId"], given["module"], given["path"]) == (101, "WordPress 6.8.2", "./www")


def test_a_database_given_by_hand_is_taken_as_it_is(form_of):
    form = form_of(**BY_HAND)

    assert form.is_valid(), form.errors
    given = form.params()
    assert (given["server"], given["port"], given["name"], given["user"], given["existing"]) == (
        "sql.example.net", 3306, "shop", "shopper", "",
    )  # fmt: skip


def test_one_that_ovh_makes_needs_nothing(form_of):
    form = form_of(source="ovh", existing="", password="", port="rubbish", server="rubbish")

    assert form.is_valid(), form.errors
    given = form.params()
    assert {given[name] for name in ("server", "port", "name", "user", "password", "prefix", "existing")} == {"", None}


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("moduleId", "999", "Select a valid choice"),
        ("domain", "other.fr", "Select a valid choice"),
        ("domain", "*.example.fr", "Select a valid choice"),
        ("path", "www/é", "Only letters without accents"),
        ("path", "../x", "two dots are not possible"),
        ("path", "blog", "already installed in ./blog"),
        ("path", "/blog/", "already installed in ./blog"),
        ("language", "de", "Select a valid choice"),
        ("adminName", "", "required"),
        ("adminName", "chef de", "Only letters without accents"),
        ("adminName", "é", "Only letters without accents"),
        ("adminPassword", "", "required"),
        ("adminPassword", "kurz", "8 to 30 characters"),
        ("source", "magic", "Select a valid choice"),
        ("existing", "dbpost.mysql.db", "Select a valid choice"),
        ("existing", "dbfull.mysql.db", "Select a valid choice"),
        ("existing", "", "required"),
        ("password", "", "Type the password of this database"),
        ("password", "Kurz1", "8 to 31 characters"),
        ("password", "A1" + "a" * 30, "8 to 31 characters"),
        ("password", "ohnegross123", "only with upper case"),
        ("password", "NurBuchstaben", "only with upper case"),
        ("prefix", "1wp", "a letter first"),
        ("prefix", "wp-", "a letter first"),
    ],
)
def test_a_wrong_value_is_said_beside_its_field(form_of, field, value, sentence):
    form = form_of(**{field: value})

    assert not form.is_valid()
    assert sentence in str(form.errors.get(field))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("server", "", "OVH needs this"),
        ("server", "not a server", "not the name of a server"),
        ("port", "", "OVH needs this"),
        ("port", "80", "ports from 1024 to 49151"),
        ("port", "50000", "ports from 1024 to 49151"),
        ("port", "many", "whole number"),
        ("name", "", "OVH needs this"),
        ("user", "", "OVH needs this"),
        ("password", "", "Type the password"),
    ],
)
def test_what_is_given_by_hand_must_be_whole(form_of, field, value, sentence):
    form = form_of(**BY_HAND | {field: value})

    assert not form.is_valid()
    assert sentence in str(form.errors.get(field))


def test_the_folder_left_out_is_the_domains(form_of):
    form = form_of(domain="shop.example.fr")

    assert form.is_valid(), form.errors
    assert form.params()["path"] == "./shop"


def test_a_language_must_be_one_of_the_version(form_of):
    form = form_of(moduleId="102")

    assert "does not come in this language" in str(form.errors["language"])


@pytest.mark.parametrize(("name", "is_good"), [("chef@example.fr", True), ("chef", False)])
def test_where_the_module_wants_an_e_mail_address_it_must_be_one(form_of, name, is_good):
    form = form_of(moduleId="103", adminName=name)

    assert form.is_valid() is is_good
    assert is_good or "e-mail address" in str(form.errors["adminName"])


@pytest.mark.parametrize(("spoken", "chosen"), [("fr", "fr"), ("en", "en"), ("de", "en")])
def test_the_viewers_language_is_offered_first_if_the_module_has_it(hosting, offers, spoken, chosen):
    with translation.override(spoken):
        form = ModuleInstallForm(service=hosting, offers=offers, chosen=offers[0])

    assert form.initial["language"] == chosen


def test_the_first_domain_and_a_database_of_the_hosting_are_chosen(empty_form):
    assert empty_form.initial["domain"] == "example.fr"
    assert empty_form.initial["source"] == "existing"
    assert empty_form.initial["prefix"].endswith("_")


def test_each_prefix_is_another_one():
    assert len({random_prefix() for _ in range(20)}) > 15


def test_without_a_place_ovh_makes_no_database(hosting, form_of):
    hosting.choices = {"databaseCreationCapabilities": [{"type": "sqlPerso", "available": 0}]}

    form = form_of(source="ovh")

    assert "not possible here" in str(form.errors["source"])
    assert "all databases of this hosting are in use" in str(form["source"])
    assert "disabled" in str(form["source"])


def test_without_a_database_here_another_way_is_chosen(offers):
    bare = ServiceFactory(primary_login="bare")

    form = ModuleInstallForm(service=bare, offers=offers, chosen=offers[0])

    assert form.initial["source"] == "ovh"
    assert "there is no MySQL database here" in str(form["source"])


def test_a_hosting_without_domains_leaves_the_domain_to_ovh(offers):
    bare = ServiceFactory(primary_login="bare")

    form = ModuleInstallForm(
        GOOD | {"domain": "", "source": "ovh"}, service=bare, offers=offers, chosen=offers[0]
    )  # fmt: skip

    assert form.is_valid(), form.errors
    assert form.params()["path"] == "./www"

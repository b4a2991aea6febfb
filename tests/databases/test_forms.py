"""What OVH would refuse is said beside its field."""

import pytest
from django.urls import reverse

from apps.databases.forms import DatabaseCreateForm
from tests.factories import ConnectionFactory, DatabaseFactory, ServiceFactory

GOOD = {
    "key": "k", "capabilitie": "sqlPerso", "type": "mysql", "version": "mysql 8.0", "user": "neu",
    "password": "Geheim12345",
    "quota": "",
}  # fmt: skip
CHOICES = {
    "databaseCreationCapabilities": [
        {"type": "sqlPerso", "available": 2, "quota": {"unit": "MB", "value": 200}, "engines": ["mysql"]},
        {"type": "extraSqlPerso", "available": 1, "quota": {"unit": "MB", "value": 400}},
    ],
    "databaseAvailableType": ["mysql", "postgresql"],
    "databaseAvailableVersion": {"mysql": {"default": "8.4", "list": ["8.4", "8.0"]}, "postgresql": {"list": ["15"]}},
}


@pytest.fixture
def hosting(db):
    return ServiceFactory(primary_login="atelie", choices=CHOICES)


def form_of(hosting, **others):
    return DatabaseCreateForm(GOOD | others, service=hosting)


def test_a_good_form_gives_ovhs_parameters_in_ovhs_names(hosting):
    form = form_of(hosting)

    assert form.is_valid(), form.errors
    assert form.params() == {
        "capabilitie": "sqlPerso", "type": "mysql", "version": "8.0", "user": "atelieneu", "password": "Geheim12345",
        "quota": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("user", "", "required"),
        ("user", "Neu", "Only lower-case letters and digits"),
        ("user", "neu-1", "Only lower-case letters and digits"),
        ("user", "é", "Only lower-case letters and digits"),
        ("user", "atelie", "Only lower-case letters and digits"),
        ("user", "abcdefghijk", "at most 16"),
        ("user", "alt", "already a database of this name"),
        ("password", "", "required"),
        ("password", "Kurz1", "8 to 30 characters"),
        ("password", "A1" + "a" * 29, "8 to 30 characters"),
        ("password", "NurBuchstaben", "a digit"),
        ("password", "ohnegross123", "an upper-case letter"),
        ("password", "OHNEKLEIN123", "a lower-case letter"),
        ("password", "Mit Leer123", "only letters and digits"),
        ("password", "Mit-Strich123", "only letters and digits"),
        ("password", "Äußerst123", "only letters and digits"),
        ("type", "oracle", "Select a valid choice"),
        ("version", "mysql 1.0", "Select a valid choice"),
        ("version", "postgresql 15", "not one of the chosen engine"),
        ("capabilitie", "sqlPro", "Select a valid choice"),
        ("quota", "400", "Only an extra database"),
        ("quota", "123", "Select a valid choice"),
    ],
)
def test_a_wrong_value_is_said_beside_its_field(hosting, field, value, sentence):
    DatabaseFactory(service=hosting, user="ateliealt")

    form = form_of(hosting, **{field: value})

    assert not form.is_valid()
    assert sentence in str(form.errors.get(field))


def test_the_prefix_may_be_typed_or_left_out(hosting):
    form = form_of(hosting, user="atelieneu")

    assert form.is_valid()
    assert form.params()["user"] == "atelieneu"


def test_before_ovh_was_asked_the_usual_choices_are_offered(db):
    form = DatabaseCreateForm(GOOD | {"version": ""}, service=ServiceFactory(primary_login="atelie", choices={}))

    assert form.is_valid(), form.errors


def test_a_hosting_with_no_database_left_says_so_instead_of_showing_a_form(team, operator, browser_of):
    full = [{"type": "sqlPerso", "available": 0, "quota": {"unit": "MB", "value": 200}}]
    service = ServiceFactory(connection=ConnectionFactory(team=team), choices={"databaseCreationCapabilities": full})

    page = browser_of(operator).get(reverse("databases:create", args=["acme", service.name])).content.decode()

    assert "All databases of this hosting are in use" in page
    assert 'name="password"' not in page


def test_an_engine_that_does_not_come_with_the_kind_of_database_is_refused_beside_it(hosting):
    form = form_of(hosting, type="postgresql", version="")

    assert "comes only with MySQL" in str(form.errors["type"])


def test_the_engine_offered_first_is_one_of_the_first_kind(hosting):
    hosting.choices = CHOICES | {"databaseAvailableType": ["postgresql", "mysql"]}

    assert DatabaseCreateForm(service=hosting).initial["type"] == "mysql"

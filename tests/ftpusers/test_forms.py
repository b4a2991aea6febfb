"""What OVH would refuse is said beside its field."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from apps.ftpusers.forms import AccessForm, UserCreateForm, UserEditForm
from apps.inventory.models import FtpUser
from tests.factories import ServiceFactory

GOOD = {
    "key": "k", "login": "agence", "password": "Geheim12345", "home": "/", "sshState": "sftponly", "access_ends": "",
}  # fmt: skip
EDIT = {"key": "k", "home": "www", "sshState": "none", "state": "rw", "access_ends": ""}


@pytest.fixture
def hosting(db):
    return ServiceFactory(primary_login="atelie")


def test_a_good_form_gives_ovhs_parameters_in_ovhs_names(hosting):
    form = UserCreateForm(GOOD, service=hosting)

    assert form.is_valid(), form.errors
    assert form.params() == {
        "login": "atelie-agence", "password": "Geheim12345", "home": "/", "sshState": "sftponly", "access_ends": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("login", "", "required"),
        ("login", "atelie-", "Only letters without accents"),
        ("login", "mit leer", "Only letters without accents"),
        ("login", "a-b", "Only letters without accents"),
        ("login", "é", "Only letters without accents"),
        ("login", "abcdefghijklmn", "at most 20"),
        ("login", "alt", "already a user of this name"),
        ("login", "ALT", "already a user of this name"),
        ("password", "", "required"),
        ("password", "Kurz1", "8 to 30 characters"),
        ("password", "Mit-Strich123", "only letters and digits"),
        ("home", "", "required"),
        ("home", "www/é", "Only letters without accents"),
        ("home", "www leer", "Only letters without accents"),
        ("home", "www/../etc", "two dots are not possible"),
        ("sshState", "maybe", "Select a valid choice"),
        ("sshState", "", "required"),
        ("access_ends", "2020-01-01T10:00", "This has passed already"),
        ("access_ends", "soon", "valid date"),
    ],
)
def test_a_wrong_value_is_said_beside_its_field(hosting, field, value, sentence):
    FtpUser.objects.create(service=hosting, login="atelie-alt")

    form = UserCreateForm(GOOD | {field: value}, service=hosting)

    assert not form.is_valid()
    assert sentence in str(form.errors.get(field))


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("www", "./www"),
        ("./www", "./www"),
        ("/www/", "./www"),
        ("/", "/"),
        (".", "/"),
        (".well-known", "./.well-known"),
    ],
)
def test_a_home_is_sent_as_ovh_takes_it(hosting, typed, sent):
    form = UserEditForm(EDIT | {"home": typed}, service=hosting)

    assert form.is_valid(), form.errors
    assert form.params()["home"] == sent


def test_the_prefix_may_be_typed_or_left_out(hosting):
    form = UserCreateForm(GOOD | {"login": "atelie-agence"}, service=hosting)

    assert form.is_valid()
    assert form.params()["login"] == "atelie-agence"


@pytest.mark.parametrize(("field", "value"), [("state", "maybe"), ("state", ""), ("sshState", "x"), ("home", "..")])
def test_a_wrong_value_of_a_change_is_said_too(hosting, field, value):
    form = UserEditForm(EDIT | {field: value}, service=hosting)

    assert not form.is_valid()
    assert field in form.errors


def test_the_end_is_read_in_the_viewers_time_zone(hosting):
    with timezone.override(ZoneInfo("Europe/Paris")):
        form = AccessForm({"access_ends": "2100-01-01T10:00"})

        assert form.is_valid(), form.errors
        assert "Europe/Paris" in str(form["access_ends"].help_text)

    assert form.cleaned_data["access_ends"] == datetime(2100, 1, 1, 9, tzinfo=UTC)


def test_the_end_is_offered_again_in_the_viewers_time_zone(hosting):
    ends = timezone.now().replace(year=2100, month=1, day=1, hour=9, minute=30) + timedelta()
    form = UserEditForm(service=hosting, initial={"access_ends": ends.isoformat()})

    with timezone.override(ZoneInfo("Europe/Paris")):
        assert 'value="2100-01-01T10:30"' in str(form["access_ends"])

"""What the environment says, and the sentences it is refused with."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from hostpanel import environment

GOOD = {
    "HOSTPANEL_MODE": "production",
    "HOSTPANEL_SECRET_KEY": "k" * 60,
    "HOSTPANEL_SEAL_KEYS": "b1m8B-ZM0pHe3FqhqTdapfk4xBKOl3zTlrrTdYjW4zg=",
    "HOSTPANEL_ALLOWED_HOSTS": "panel.example.com",
    "HOSTPANEL_BASE_URL": "https://panel.example.com",
}


@pytest.fixture
def given(monkeypatch):
    for name in ("DATABASE_URL", "REDIS_URL", "HOSTPANEL_OVH_ENDPOINTS", "HOSTPANEL_DEBUG"):
        monkeypatch.delenv(name, raising=False)

    def read(**others):
        for name, value in (GOOD | others).items():
            monkeypatch.setenv(name, value)
        return environment.read()

    return read


def test_a_complete_environment_is_taken(given):
    assert given().is_production


@pytest.mark.parametrize(
    ("others", "sentence"),
    [
        ({"HOSTPANEL_SECRET_KEY": ""}, "HOSTPANEL_SECRET_KEY is not set"),
        ({"HOSTPANEL_SECRET_KEY": "short"}, "too short"),
        ({"REDIS_URL": "redis:6379"}, "REDIS_URL cannot be read"),
        ({"HOSTPANEL_LOG_LEVEL": "loud"}, "HOSTPANEL_LOG_LEVEL is 'LOUD'; it must be one of DEBUG"),
        ({"HOSTPANEL_SEAL_KEYS": ""}, "HOSTPANEL_SEAL_KEYS is not set"),
        ({"HOSTPANEL_SEAL_KEYS": "rubbish"}, "Key 1 of HOSTPANEL_SEAL_KEYS is not a seal key"),
        ({"HOSTPANEL_DEBUG": "true"}, "HOSTPANEL_DEBUG is on"),
        ({"HOSTPANEL_ALLOWED_HOSTS": ""}, "HOSTPANEL_ALLOWED_HOSTS"),
        ({"HOSTPANEL_ALLOWED_HOSTS": "*"}, "HOSTPANEL_ALLOWED_HOSTS"),
        ({"HOSTPANEL_BASE_URL": "http://panel.example.com"}, "https://"),
        ({"HOSTPANEL_MODE": "live"}, "HOSTPANEL_MODE is 'live'"),
        ({"HOSTPANEL_OVH_ENDPOINTS": "nonsense"}, "HOSTPANEL_OVH_ENDPOINTS has 'nonsense'"),
        ({"DATABASE_URL": "mysql://u@h/d"}, "DATABASE_URL must be a postgresql:// address"),
    ],
)
def test_what_is_wrong_is_refused_with_a_sentence(given, others, sentence):
    with pytest.raises(ImproperlyConfigured, match=sentence.replace("(", r"\(").replace(".", r"\.")):
        given(**others)


def test_secrets_are_read_from_files_that_variables_name(given, monkeypatch, tmp_path):
    (tmp_path / "key").write_text("s" * 60 + "\n")
    monkeypatch.delenv("HOSTPANEL_SECRET_KEY", raising=False)
    others = {"HOSTPANEL_SECRET_KEY": "", "HOSTPANEL_SECRET_KEY_FILE": str(tmp_path / "key")}

    assert given(**others).secret_key == "s" * 60


def test_both_a_secret_and_its_file_are_refused(given, tmp_path):
    with pytest.raises(ImproperlyConfigured, match="are both set; leave one"):
        given(HOSTPANEL_SECRET_KEY_FILE=str(tmp_path / "key"))


def test_a_file_that_is_not_there_is_said(given, tmp_path):
    with pytest.raises(ImproperlyConfigured, match="which cannot be read"):
        given(HOSTPANEL_SECRET_KEY="", HOSTPANEL_SECRET_KEY_FILE=str(tmp_path / "none"))


def test_a_password_that_comes_by_itself_goes_into_the_address(given, tmp_path):
    (tmp_path / "password").write_text("p@ss/word")
    database = {"DATABASE_URL": "postgresql://panel@db/panel", "DATABASE_PASSWORD_FILE": str(tmp_path / "password")}

    found = given(**database, REDIS_URL="redis://redis:6379/0", REDIS_PASSWORD="p@ss")

    assert (found.database["USER"], found.database["PASSWORD"]) == ("panel", "p@ss/word")
    assert found.redis_url == "redis://:p%40ss@redis:6379/0"


def test_two_passwords_for_one_address_are_refused(given):
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL holds a password and REDIS_PASSWORD is set too"):
        given(REDIS_URL="redis://:one@redis:6379/0", REDIS_PASSWORD="two")


def test_nothing_is_thrown_away_sooner_than_its_floor(given):
    assert given().keep_days["operations"] == 730

    with pytest.raises(ImproperlyConfigured, match="HOSTPANEL_KEEP_OPERATIONS_DAYS is 5; it must be 90 or more"):
        given(HOSTPANEL_KEEP_OPERATIONS_DAYS="5")

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

"""Which OVH can be chosen, and what is taken for its pages."""

import ovh.client
import pytest

from apps.ovhapi import endpoints


def test_the_environments_endpoints_come_first(settings):
    settings.OVH_ENDPOINTS = {"sandbox": "http://127.0.0.1:8001/1.0"}

    assert [name for name, _ in endpoints.choices()] == ["sandbox", "ovh-eu", "ovh-ca", "ovh-us"]


def test_an_extra_endpoint_has_a_token_address_at_its_own_host(settings):
    settings.OVH_ENDPOINTS = {"elsewhere": "https://ovh.example/api/1.0"}

    assert endpoints.token_url("elsewhere") == "https://ovh.example/auth/oauth2/token"
    assert ovh.client.ENDPOINTS["elsewhere"] == "https://ovh.example/api/1.0"


def test_an_endpoint_nobody_named_is_refused():
    with pytest.raises(KeyError):
        endpoints.base_url("made-up")


@pytest.mark.parametrize(
    ("url", "is_ovhs"),
    [
        ("https://www.ovh.com/auth/?credentialToken=x", True),
        ("https://eu.api.ovh.com/auth/?credentialToken=x", True),
        ("http://www.ovh.com/auth/", False),
        ("https://ovh.com.evil.example/auth/", False),
        ("https://evilovh.com/auth/", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_only_ovhs_pages_are_pages_of_ovh(url, is_ovhs):
    assert endpoints.is_of("ovh-eu", url) is is_ovhs

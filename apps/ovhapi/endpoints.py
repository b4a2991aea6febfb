"""Which OVH an account is at. More than OVH's own come from the environment alone."""

from urllib.parse import urlsplit

import ovh.client
from django.conf import settings

OWN = ("ovh-eu", "ovh-ca", "ovh-us")


def install() -> None:
    """Make python-ovh know the endpoints of `settings.OVH_ENDPOINTS`, with their OAuth2 token addresses."""
    for name, url in settings.OVH_ENDPOINTS.items():
        parts = urlsplit(url)
        ovh.client.ENDPOINTS[name] = url
        ovh.client.OAUTH2_TOKEN_URLS[name] = f"{parts.scheme}://{parts.netloc}/auth/oauth2/token"


def choices() -> list[tuple[str, str]]:
    """(name, words) of every endpoint an account can be at; the environment's first."""
    words = {"ovh-eu": "OVHcloud Europe", "ovh-ca": "OVHcloud Canada", "ovh-us": "OVHcloud US"}
    extra = [(name, f"{name} ({urlsplit(url).netloc})") for name, url in settings.OVH_ENDPOINTS.items()]
    return extra + [(name, words[name]) for name in OWN]


def create_app_url(endpoint: str) -> str:
    """Where a person makes an application key for that endpoint; empty where OVH has no such page."""
    bases = {
        "ovh-eu": "https://eu.api.ovh.com",
        "ovh-ca": "https://ca.api.ovh.com",
        "ovh-us": "https://api.us.ovhcloud.com",
    }
    return f"{bases[endpoint]}/createApp/" if endpoint in bases else ""

"""Which OVH an account is at. More than OVH's own come from the environment alone."""

import os
from collections.abc import Iterable
from urllib.parse import urlencode, urlsplit

import ovh.client
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.ovhapi.rules import Rule

OWN = {
    "ovh-eu": _("OVHcloud Europe"),
    "ovh-ca": _("OVHcloud Canada"),
    "ovh-us": _("OVHcloud US"),
}
CREATE_APP = {
    "ovh-eu": "https://eu.api.ovh.com/createApp/",
    "ovh-ca": "https://ca.api.ovh.com/createApp/",
    "ovh-us": "https://api.us.ovhcloud.com/createApp/",
}
OVH_HOSTS = (".ovh.com", ".ovhcloud.com")


def install() -> None:
    """Make python-ovh know the endpoints of `settings.OVH_ENDPOINTS`, with their OAuth2 token addresses."""
    for name, url in settings.OVH_ENDPOINTS.items():
        parts = urlsplit(url)
        ovh.client.ENDPOINTS[name] = url
        ovh.client.OAUTH2_TOKEN_URLS[name] = f"{parts.scheme}://{parts.netloc}/auth/oauth2/token"
        if parts.scheme == "http":
            # oauthlib refuses plain HTTP unless told; only the environment can name such an endpoint.
            os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"


def choices() -> list[tuple[str, str]]:
    """(name, words) of every endpoint an account can be at; the environment's first."""
    extra = [(name, f"{name} ({urlsplit(url).netloc})") for name, url in settings.OVH_ENDPOINTS.items()]
    return extra + [(name, str(words)) for name, words in OWN.items()]


def base_url(endpoint: str) -> str:
    """The address calls to `endpoint` begin with; KeyError for one nobody has named."""
    install()
    url: str = ovh.client.ENDPOINTS[endpoint]
    return url


def token_url(endpoint: str) -> str:
    """Where a service account of that endpoint gets its OAuth2 token; KeyError where there is no OAuth2."""
    install()
    url: str = ovh.client.OAUTH2_TOKEN_URLS[endpoint]
    return url


def create_app_url(endpoint: str) -> str:
    """Where a person makes an application key for that endpoint; empty where OVH has no such page."""
    return CREATE_APP.get(endpoint, "")


def create_token_url(endpoint: str, rules: Iterable[Rule]) -> str:
    """Where a person makes all three keys at once, the rights filled in; empty where OVH has no such page."""
    page = create_app_url(endpoint)
    rights = urlencode([(rule["method"], rule["path"]) for rule in rules], safe="/*")
    return f"{page.replace('createApp', 'createToken')}?{rights}" if page else ""


def is_of(endpoint: str, url: str) -> bool:
    """Whether `url`, which that endpoint answered, is a page of the same OVH: nobody is sent elsewhere."""
    asked, answered = urlsplit(base_url(endpoint)), urlsplit(url)
    if endpoint in settings.OVH_ENDPOINTS:
        return (asked.scheme, asked.netloc) == (answered.scheme, answered.netloc)
    return answered.scheme == "https" and (answered.hostname or "").endswith(OVH_HOSTS)

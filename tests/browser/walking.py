"""Every page one gets to by clicking, one of each kind: what the tests of looks and widths walk over."""

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

TEAM = "/t/marelle"
# Beside what is linked: a list without rows, what was found, and an address of nothing.
MORE = (
    f"{TEAM}/services/?q=nothing-like-this", f"{TEAM}/search/?q=atelier", f"{TEAM}/search/", f"{TEAM}/nowhere/",
    "/styleguide/", "/styleguide/500/",
)  # fmt: skip
# Addresses that show no page of their own to the owner of the demo, and why.
NO_PAGE = {
    "dashboard:history": "a piece of the overview",
    "operations:changes": "pieces for the poller",
    "domains:check": "a piece of a form",
    "inventory:refresh": "a button",
    "inventory:sync": "a button",
    "hostings:unblock": "a button",
    "hostings:measure": "a button",
    "hostings:flush": "a button",
    "domains:ssl_look": "a button",
    "domains:restart": "a button",
    "domains:purge": "a button",
    "databases:measure": "a button",
    "databases:copy": "a button",
    "operations:cancel": "a button",
    "operations:decide": "a button",
    "connections:check": "a button",
    "connections:consent": "a button",
    "connections:consent_return": "comes back from OVH",
    "connections:consent_confirm": "after coming back from OVH",
    "databases:delete_copy": "needs a copy",
    "databases:copy_restore": "needs a copy",
    "domains:domain_ssl_regenerate": "needs a certificate of one domain",
    "domains:domain_ssl_delete": "needs a certificate of one domain",
    "domains:ssl_order": "needs a hosting without a certificate",
    "dashboard:audit_csv": "a file",
    "members:renew": "a button",
    "members:withdraw": "a button",
}
ROOMS = (
    "dashboard", "inventory", "hostings", "domains", "databases", "backups", "modules", "ftpusers", "operations",
    "connections", "members",
)  # fmt: skip
MOST = 200
LINK = re.compile(r'<a\b[^>]*?\shref="([^"#]+)')


def walk(page, url, starts):
    """{name of the address: path} of what is linked from `starts`, and from there on; one path of each name.

    As the person who is signed in on `page`; nothing is drawn, for that takes long.
    """
    found, waiting = {}, [*starts, *MORE]
    while waiting and len(found) < MOST:
        path = waiting.pop(0)
        name = path if path in MORE else name_of(path)
        if not name or name in found or name in NO_PAGE or name == "account_logout":
            continue
        answer = page.request.get(url + path)
        if "text/html" in answer.headers.get("content-type", ""):
            found[name] = _path(answer.url)
            links = [urljoin(answer.url, unescape(link)) for link in LINK.findall(answer.text())]
            waiting += [_path(link) for link in links if link.startswith(url)]
    return found


def _path(address):
    return urlsplit(address)._replace(scheme="", netloc="", fragment="").geturl()


def name_of(path):
    """What the URLconf calls the address; nothing for a path it does not know."""
    try:
        return resolve(urlsplit(path).path).view_name
    except Resolver404:
        return ""


def names(patterns=None, prefix=""):
    """Every name in the URLconf."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(each, URLResolver):
            inside = f"{prefix}{each.namespace}:" if each.namespace else prefix
            yield from names(each.url_patterns, inside)
        elif isinstance(each, URLPattern) and each.name:
            yield prefix + each.name

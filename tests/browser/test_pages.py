"""Every page for everyone: axe finds nothing, in light and dark; nothing is wider than a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = [pytest.mark.browser]
TEAM = "/t/marelle"
PATHS = [
    f"{TEAM}/", f"{TEAM}/services/", f"{TEAM}/services/?q=nothing-like-this", f"{TEAM}/domains/", f"{TEAM}/databases/",
    f"{TEAM}/operations/", f"{TEAM}/connections/", f"{TEAM}/connections/new/", f"{TEAM}/members/", f"{TEAM}/audit/",
    f"{TEAM}/search/?q=atelier", f"{TEAM}/nowhere/", "/auth/2fa/", "SERVICE/", "SERVICE/domains/",
    "SERVICE/domains/attach/", "SERVICE/ssl/", "SERVICE/ssl/regenerate/", "SERVICE/ssl/import/", "SERVICE/ssl/delete/",
    "SERVICE/databases/", "SERVICE/databases/new/", "SERVICE/backups/", "SERVICE/tasks/",
    "SERVICE/renewal/", "SERVICE/backups/files/restore/", "DOMAIN", "DOMAINedit/", "DOMAINdetach/", "DATABASE",
    "DATABASEimport/", "DATABASEpassword/", "DATABASEdelete/", "DATABASErestore/",
]  # fmt: skip


@pytest.fixture(scope="module")
def named(panel, browser):
    page = browser.new_page()
    panel.sign_in(page)
    page.goto(f"{panel.url}{TEAM}/services/?q=escalade")
    service = page.locator("td a.name").first.get_attribute("href")
    found = {"SERVICE": service.rstrip("/")}
    for word, room in (("DOMAIN", "domains"), ("DATABASE", "databases")):
        page.goto(f"{panel.url}{service}{room}/")
        found[word] = page.locator(f"#{room} a.name").first.get_attribute("href")
    page.close()
    return found


def address(path, named):
    """A path with the demo's own names."""
    for word, found in named.items():
        path = path.replace(word, found)
    return path


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(theme, panel, browser, named):
    page = browser.new_context(color_scheme=theme).new_page()
    panel.sign_in(page)
    found = {}
    for path in PATHS:
        page.goto(panel.url + address(path, named))
        found |= {
            f"{path} {each['id']}": each["nodes"][0]["html"][:120] for each in Axe().run(page).response["violations"]
        }

    assert found == {}


def test_nothing_is_wider_than_a_phone(panel, browser, named):
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    panel.sign_in(page)
    wide = {}
    for path in PATHS:
        page.goto(panel.url + address(path, named))
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 390:
            wide[path] = width

    assert wide == {}

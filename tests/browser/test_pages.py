"""Every page for everyone: axe finds nothing, in light and dark; nothing is wider than a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = [pytest.mark.browser]
TEAM = "/t/marelle"
PATHS = [
    f"{TEAM}/", f"{TEAM}/services/", f"{TEAM}/services/?q=nothing-like-this", f"{TEAM}/domains/", f"{TEAM}/databases/",
    f"{TEAM}/operations/", f"{TEAM}/connections/", f"{TEAM}/connections/new/", f"{TEAM}/members/", f"{TEAM}/audit/",
    f"{TEAM}/search/?q=atelier", f"{TEAM}/nowhere/", "/auth/2fa/", "SERVICE/", "SERVICE/domains/",
    "SERVICE/domains/attach/", "SERVICE/databases/", "SERVICE/databases/new/", "SERVICE/backups/",
]  # fmt: skip


@pytest.fixture(scope="module")
def service_path(panel, browser):
    page = browser.new_page()
    panel.sign_in(page)
    page.goto(f"{panel.url}{TEAM}/services/?q=escalade")
    path = page.locator("td a.name").first.get_attribute("href")
    page.close()
    return path.rstrip("/")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(theme, panel, browser, service_path):
    page = browser.new_context(color_scheme=theme).new_page()
    panel.sign_in(page)
    found = {}
    for path in PATHS:
        page.goto(panel.url + path.replace("SERVICE", service_path))
        found |= {
            f"{path} {each['id']}": each["nodes"][0]["html"][:120] for each in Axe().run(page).response["violations"]
        }

    assert found == {}


def test_nothing_is_wider_than_a_phone(panel, browser, service_path):
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    panel.sign_in(page)
    wide = {}
    for path in PATHS:
        page.goto(panel.url + path.replace("SERVICE", service_path))
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 390:
            wide[path] = width

    assert wide == {}

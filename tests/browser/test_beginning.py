"""A panel nobody has set up yet: its first owner, the team, and a colleague who follows an invitation."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from scripts.house import House
from tests.browser.test_pages import DESK, MISPLACED, PHONE, violations

pytestmark = [pytest.mark.browser]
PASSWORD = "quiet-otters-by-the-lake"


@pytest.fixture(scope="module")
def new_panel(tmp_path_factory):
    """Only what it takes to show pages: the simulated OVH, Redis and the web."""
    house = House(tmp_path_factory.mktemp("new-panel"))
    house.prepare()
    house.start_web()
    yield house
    house.group.stop()


def wrong_with(page):
    """What axe finds in both themes, and what sticks out at a desk and on a phone."""
    page.emulate_media(reduced_motion="reduce")
    page.evaluate(Axe().axe_script)
    found = list(violations(page))
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        width, wrong = page.evaluate(MISPLACED)
        found += [*wrong, *([f"{width} px wide"] if width > size["width"] else [])]
    return found


def test_a_first_owner_sets_the_panel_up_and_a_colleague_joins(new_panel, browser, page):
    page.goto(new_panel.url)
    assert page.url.endswith("/setup/")
    assert wrong_with(page) == []
    for name, value in (("team", "Atelier"), ("name", "Ada"), ("email", "ada@example.com"), ("password", PASSWORD)):
        page.fill(f"[name={name}]", value)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/t/atelier/connections/new/")
    assert wrong_with(page) == []

    page.goto(f"{new_panel.url}/t/atelier/members/invite/")
    page.fill("[name=email]", "ben@example.com")
    page.locator(".form-actions button").click()
    link = page.locator("#link").input_value()
    assert wrong_with(page) == []

    other = browser.new_context(locale="fr")
    theirs = other.new_page()
    theirs.goto(link)
    assert wrong_with(theirs) == []
    theirs.fill("[name=name]", "Ben")
    theirs.fill("[name=password]", PASSWORD)
    theirs.press("[name=password]", "Enter")
    theirs.wait_for_url("**/t/atelier/")
    expect(theirs.locator("h1")).to_be_visible()
    assert wrong_with(theirs) == []
    theirs.goto(link)
    assert wrong_with(theirs) == []
    other.close()

    page.goto(f"{new_panel.url}/t/atelier/members/")
    expect(page.get_by_text("ben@example.com")).to_be_visible()

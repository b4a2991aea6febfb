"""The modules under static/js, each on the style guide in a browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.urls("tests.ui.urls"),
    pytest.mark.django_db(transaction=True),
]
CARD = '<article id="operation-1" hx-swap-oob="true"><span data-announce="{words}">{words}</span></article>'
POLLER = """
  const poller = document.createElement("div");
  poller.id = "poller";
  poller.setAttribute("hx-get", "/changes");
  poller.setAttribute("hx-trigger", "hostpanel:poll");
  poller.setAttribute("hx-swap", "none");
  document.body.append(poller);
  htmx.process(poller);
"""


def poll(page, answer=None):
    """What the page does when its poller is answered so; with nothing, when nobody answers."""
    page.unroute_all()
    page.route("**/changes", lambda route: route.fulfill(body=answer) if answer else route.abort())
    with page.expect_event("requestfinished" if answer else "requestfailed"):
        page.evaluate("htmx.trigger('#poller', 'hostpanel:poll')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_wrong_with_any_part(guide, scheme, width):
    page = guide(color_scheme=scheme, viewport={"width": width, "height": 900})

    found = {each["id"]: each["nodes"][0]["html"] for each in Axe().run(page).response["violations"]}

    assert found == {}


def test_no_part_is_wider_than_a_phone_or_refused_by_the_policy(guide):
    page = guide(viewport={"width": 390, "height": 844})

    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.complaints == []


def test_nothing_moves_for_those_who_asked_for_that(guide):
    page = guide(reduced_motion="reduce")

    moving = "[...document.querySelectorAll('*')].filter((e) => getComputedStyle(e).animationName !== 'none').length"

    assert page.evaluate(moving) == 0


def test_a_dialog_closes_with_escape_and_gives_the_focus_back(guide):
    page = guide()
    page.click("[data-dialog]")
    expect(page.get_by_role("dialog")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("[data-dialog]")).to_be_focused()


def test_a_menu_closes_with_escape_and_by_a_click_elsewhere(guide):
    page = guide()
    menu = page.locator("details.menu").first
    menu.locator("summary").click()
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")

    menu.locator("summary").click()
    page.click("h1")

    expect(menu).not_to_have_attribute("open", "")


def test_a_made_password_is_one_ovh_takes(guide):
    page = guide()
    box = page.locator(".password-box").first

    box.locator("[data-password-make]").click()

    made = box.locator("input").input_value()
    assert len(made) == 20
    assert made.isalnum()
    assert any(letter.islower() for letter in made)
    assert any(letter.isupper() for letter in made)
    assert any(letter.isdigit() for letter in made)


def test_a_password_is_shown_when_asked(guide):
    page = guide()
    box = page.locator(".password-box").first

    box.locator("[data-password-show]").click()

    expect(box.locator("input")).to_have_attribute("type", "text")
    expect(box.locator("[data-password-show]")).to_have_attribute("aria-pressed", "true")


def test_what_is_copied_is_said(guide):
    page = guide(permissions=["clipboard-read", "clipboard-write"])

    page.click("[data-copy]")

    expect(page.locator("#announce")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "198.51.100.27"


def test_news_are_told_once_and_the_rows_that_changed_are_shown(guide):
    page = guide()
    page.evaluate(POLLER)

    poll(page, CARD.format(words="Restore mareatelier: finished"))

    expect(page.locator("#announce")).to_have_text("Restore mareatelier: finished")
    expect(page.locator("#operation-1")).to_have_attribute("data-fresh", "")


def test_what_stays_the_same_is_neither_told_nor_shown(guide):
    page = guide()
    page.evaluate(POLLER)
    poll(page, CARD.format(words="Restore mareatelier: running"))
    expect(page.locator("#operation-1[data-fresh]")).to_have_count(1)

    poll(page, CARD.format(words="Restore mareatelier: running"))

    expect(page.locator("#operation-1[data-fresh]")).to_have_count(0)


def test_a_lost_connection_is_said_after_two_failures_and_forgotten_when_it_is_back(guide):
    page = guide()
    page.evaluate(POLLER)
    poll(page)
    expect(page.locator("#offline")).to_be_hidden()

    poll(page)
    expect(page.locator("#offline")).to_be_visible()

    poll(page, CARD.format(words="back"))
    expect(page.locator("#offline")).to_be_hidden()


def test_nobody_is_asked_while_the_page_is_hidden(guide):
    page = guide()
    page.evaluate(POLLER)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/static/" not in request.url else None)
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true})")

    page.evaluate("htmx.trigger('#poller', 'hostpanel:poll')")

    assert asked == []


def test_a_form_is_sent_once_and_its_button_shows_it(guide):
    page = guide()
    submit_twice = """() => {
      const form = document.querySelector("#forms form");
      const button = form.querySelector(".primary");
      let sent = 0;
      document.addEventListener("submit", (event) => { sent += !event.defaultPrevented; event.preventDefault(); });
      button.type = "submit";
      form.noValidate = true;
      form.requestSubmit(button);
      form.requestSubmit(button);
      return [sent, button.className];
    }"""

    sent, classes = page.evaluate(submit_twice)

    assert sent == 1
    assert "busy" in classes


def test_a_part_that_cannot_be_had_is_said_by_the_whole_page(guide):
    page = guide()
    page.route("**/part?q=x", lambda route: route.fulfill(status=500, body="It failed, and this is why."))
    page.evaluate("""
      const filter = document.createElement("form");
      filter.id = "filter";
      filter.setAttribute("hx-get", "/part?q=x");
      filter.setAttribute("hx-trigger", "ask");
      document.body.append(filter);
      htmx.process(filter);
      htmx.trigger(filter, "ask");
    """)

    page.wait_for_url("**/part?q=x")


def test_escape_sends_toasts_away_but_a_menu_first(guide):
    page = guide()
    page.evaluate("document.getElementById('toasts').innerHTML = '<div class=toast data-toast>Kept.</div>'")
    page.locator("details.menu").first.locator("summary").click()

    page.keyboard.press("Escape")
    expect(page.locator("[data-toast]")).to_have_count(1)
    page.keyboard.press("Escape")

    expect(page.locator("[data-toast]")).to_have_count(0)

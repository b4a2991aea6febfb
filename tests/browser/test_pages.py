"""Every page for everyone: axe finds nothing, light and dark, at a desk and on a phone; no text leaves its place."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.walking import NO_PAGE, ROOMS, TEAM, names, walk

pytestmark = [pytest.mark.browser]
SIZES = ((1440, 900), (1280, 800), (1024, 768), (390, 844))
DESK, LAPTOP, TABLET, PHONE = ({"width": width, "height": height} for width, height in SIZES)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": TAGS, "resultTypes": ["violations"]}
# All that another theme can change.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
LOOK = "(rules) => axe.run(rules).then(({violations}) => violations.map((each) => [each.id, each.nodes[0].html]))"
# What is wider than its box where the box does not scroll, in the person's sight.
STICKING_OUT = """() => [...document.querySelectorAll("h1, h2, p, td, dd, dt, small, .btn, .tag, .name, .place")]
    .filter((each) => each.offsetParent && !each.closest(".sr-only, .tabs, pre") && each.clientWidth > 0)
    .filter((each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX === "visible"
        && getComputedStyle(each).display !== "inline")
    .map((each) => `${each.tagName}.${each.className}: ${each.innerText.slice(0, 60)}`)"""

# A state that lies on the name it stands beside.
OVERLAPPING = """() => [...document.querySelectorAll("tr:has(> td.state)")].map((row) =>
        [row.querySelector("td:first-child .name"), row.querySelector("td.state .tag")])
    .filter(([name, tag]) => name?.offsetParent && tag?.offsetParent)
    .filter(([name, tag]) => [...name.getClientRects()].some((line) => {
        const box = tag.getBoundingClientRect();
        return line.right > box.left + 1 && line.left < box.right && line.bottom > box.top && line.top < box.bottom;
    }))
    .map(([name, tag]) => `${name.innerText} under ${tag.innerText}`)"""

MISPLACED = f"() => [document.documentElement.scrollWidth, [...({STICKING_OUT})(), ...({OVERLAPPING})()]]"


@pytest.fixture(scope="module")
def pages(panel, browser):
    """{name of its address: path}; an operation is asked for first, so that there is one to look at."""
    page = browser.new_page()
    panel.sign_in(page)
    page.goto(f"{panel.url}{TEAM}/services/?q=agence")
    service = page.locator("td a.name").first.get_attribute("href")
    page.goto(f"{panel.url}{service}databases/")
    page.locator("#databases a.name").first.click()
    page.get_by_role("link", name="Back up").click()
    page.locator(".form-actions button").click()
    # Another one has room for a database; a certificate can be imported whatever there is.
    page.goto(f"{panel.url}{TEAM}/services/?q=escalade")
    roomy = page.locator("td a.name").first.get_attribute("href")
    starts = [service, f"{service}ssl/import/", f"{roomy}databases/", f"{TEAM}/"]
    found = walk(page, panel.url, starts)
    page.close()
    return found


@pytest.fixture
def open_each(panel, browser, pages):
    """Opens each page in a window made as `given` says, the one to sign in first: (name, page)."""
    contexts = []

    def open_all(**given):
        context = browser.new_context(**given)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda line: page.complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(f"{panel.url}/auth/login/")
        yield "account_login", page
        panel.sign_in(page)
        for name, path in pages.items():
            page.complaints.clear()
            page.goto(panel.url + path)
            yield name, page

    yield open_all
    for context in contexts:
        context.close()


def test_every_page_of_the_panel_is_walked_to(pages):
    ours = {name for name in names() if name.partition(":")[0] in ROOMS}

    assert {name for name in ours - set(pages) if name not in NO_PAGE and name != "dashboard:search"} == set()


def test_axe_finds_nothing_nothing_sticks_out_and_no_page_complains(open_each):
    """One visit to each page for all of it, for opening them takes longest; in French, the longer of the languages."""
    found, axe = {}, Axe().axe_script
    for name, page in open_each(viewport=DESK, locale="fr", reduced_motion="reduce"):
        assert page.locator("h1").count() == 1, name
        assert not page.title().startswith("Hostpanel"), name
        page.evaluate(axe)
        for size in (PHONE, TABLET, LAPTOP, DESK):
            page.set_viewport_size(size)
            width, wrong = page.evaluate(MISPLACED)
            if width > size["width"] or wrong:
                found[f"{name} at {size['width']}"] = [width, *wrong]
            if size in (PHONE, DESK):
                found |= {f"{name} {rule}": html[:160] for rule, html in violations(page)}
        # An address of nothing is said to be one on the console too.
        if page.complaints and "nowhere" not in name:
            found[f"{name} console"] = list(page.complaints)

    assert found == {}


def violations(page):
    """(rule, html) of what axe finds, in both themes; axe is on the page."""
    for theme, rules in (("dark", COLOURS), ("light", RULES)):
        page.emulate_media(color_scheme=theme)
        for rule, html in page.evaluate(LOOK, rules):
            yield f"{theme} {rule}", html


def test_the_first_page_is_light_and_asks_nobody_else(panel, browser):
    context = browser.new_context()
    page = context.new_page()
    panel.sign_in(page)
    fresh = browser.new_context(storage_state=context.storage_state())
    first, answers = fresh.new_page(), []

    def keep(answer):
        answers.append(answer)

    first.on("response", keep)
    first.goto(f"{panel.url}{TEAM}/", wait_until="load")
    sizes = {
        answer.url: answer.request.sizes()["responseBodySize"] for answer in answers if "/changes" not in answer.url
    }
    fresh.close()
    context.close()

    assert {url for url in sizes if not url.startswith(panel.url)} == set()
    assert sum(sizes.values()) < 120_000
    assert len(sizes) < 26

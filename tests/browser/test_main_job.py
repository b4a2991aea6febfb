"""The main job, as a person does it: attach a domain, create a database, back it up, restore it; nothing reloaded."""

import re
import subprocess
import sys
import time

import pytest
from playwright.sync_api import expect

from tests.contract import CHECKER

pytestmark = [pytest.mark.browser, pytest.mark.worker]
PATIENT = 120_000
# Each way to do the main job has a hosting of its own, for each has room for one more database.


def newest(page):
    """The card of what was asked for last."""
    return page.locator("#happening article").first


def wait_until_finished(page, title):
    expect(newest(page)).to_contain_text(title)
    expect(newest(page).locator(".tag")).to_have_text("finished", timeout=PATIENT)


def open_service(page, panel, name="escalade"):
    page.goto(f"{panel.url}/t/marelle/services/?q={name}")
    page.locator("td a.name").first.click()


def do_the_main_job(page, panel, suffix, wait=wait_until_finished, confirm=None, where="escalade"):
    open_service(page, panel, where)
    page.get_by_role("link", name="Domains").nth(1).click()
    page.get_by_role("link", name="Attach a domain").click()
    page.fill("[name=domain]", f"neu{suffix}.example.com")
    page.uncheck("[name=with_www]")
    page.get_by_role("button", name="Attach the domain").click()
    wait(page, f"Attach neu{suffix}.example.com")

    page.locator(".tabs").get_by_role("link", name="Databases").click()
    page.get_by_role("link", name="New database").click()
    page.fill("[name=user]", suffix)
    page.fill("[name=password]", "Geheim12345")
    page.get_by_role("button", name="Create the database").click()
    wait(page, suffix)

    row = page.locator("#databases tbody tr", has_text=suffix)
    row.get_by_role("link", name="Back up", exact=True).click()
    page.get_by_role("button", name="Back up", exact=True).click()
    wait(page, suffix)

    page.locator("#backups tbody tr", has_text=suffix).get_by_role("link", name="Restore").first.click()
    page.fill("[name=confirm_name]", (confirm or expected_name)(page))
    page.get_by_role("button", name="Restore").click()
    wait(page, suffix)


def expected_name(page):
    """What the button waits for."""
    return page.locator("[name=confirm_name]").evaluate(NAME_TO_TYPE)


NAME_TO_TYPE = "field => field.form.querySelector('[data-confirm-name]').dataset.confirmName"


def test_the_main_job_is_done_in_the_browser_without_a_reload(page, panel):
    problems = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    panel.sign_in(page)
    before = len(panel.control("GET", "effects"))

    do_the_main_job(page, panel, f"b{int(time.time()) % 1000}")

    made = [effect["path"].rpartition("/")[2] for effect in panel.control("GET", "effects")[before:]]
    assert made == ["attachedDomain", "database", "dump", "dump", "restore"]
    assert problems == []


def reload_until_finished(page, title):
    """Without scripts news come with a reload."""
    expect(newest(page)).to_contain_text(title)
    ends = time.monotonic() + PATIENT / 1000
    while time.monotonic() < ends and newest(page).locator(".tag").inner_text() != "finished":
        time.sleep(1)
        page.reload()
    expect(newest(page).locator(".tag")).to_have_text("finished")


def test_without_scripts_the_main_job_is_done_all_the_same(browser, panel):
    page = browser.new_context(java_script_enabled=False, locale="en").new_page()
    panel.sign_in(page)
    before = len(panel.control("GET", "effects"))

    do_the_main_job(page, panel, f"n{int(time.time()) % 1000}", reload_until_finished, name_to_type, "cours-chant")

    made = [effect["path"].rpartition("/")[2] for effect in panel.control("GET", "effects")[before:]]
    assert made == ["attachedDomain", "database", "dump", "dump", "restore"]
    page.context.close()


def name_to_type(page):
    """As the form asks for it: "Type … to confirm"."""
    form = page.locator("form", has=page.locator("[name=confirm_name]")).inner_text()
    found = re.search(r"Type (\S+) to confirm", form)
    assert found, form
    return found[1]


def press_on(page, what):
    """Reach it with the Tab key alone, however far it is, and press Enter."""
    expect(what.first).to_be_visible()
    for _ in range(80):
        page.keyboard.press("Tab")
        if what.first.evaluate("each => each === document.activeElement"):
            outline = what.first.evaluate("each => getComputedStyle(each).outlineStyle")
            assert outline != "none", "one does not see where one is"
            return page.keyboard.press("Enter")
    msg = f"the Tab key does not lead to {what}"
    raise AssertionError(msg)


def type_into(page, name, text):
    """Reach a field with the Tab key alone, and type."""
    field = page.locator(f"[name={name}]")
    for _ in range(80):
        if field.evaluate("each => each === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.insert_text(text)
    expect(field).to_have_value(text)


def test_the_main_job_is_done_with_the_keyboard_alone(page, panel):
    suffix = f"k{int(time.time()) % 1000}"
    panel.sign_in(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("friterie")
    page.keyboard.press("Enter")
    press_on(page, page.locator("main a.hit").first)

    press_on(page, page.locator(".tabs").get_by_role("link", name="Domains"))
    press_on(page, page.get_by_role("link", name="Attach a domain"))
    type_into(page, "domain", f"neu{suffix}.example.com")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # without its www
    press_on(page, page.get_by_role("button", name="Attach the domain"))
    wait_until_finished(page, f"Attach neu{suffix}.example.com")

    press_on(page, page.locator(".tabs").get_by_role("link", name="Databases"))
    press_on(page, page.get_by_role("link", name="New database"))
    type_into(page, "user", suffix)
    type_into(page, "password", "Geheim12345")
    press_on(page, page.get_by_role("button", name="Create the database"))
    wait_until_finished(page, suffix)

    row = page.locator("#databases tbody tr", has_text=suffix)
    press_on(page, row.get_by_role("link", name="Back up", exact=True))
    press_on(page, page.get_by_role("button", name="Back up", exact=True))
    wait_until_finished(page, suffix)

    press_on(page, page.locator("#backups tbody tr", has_text=suffix).get_by_role("link", name="Restore"))
    type_into(page, "confirm_name", page.locator("[name=confirm_name]").evaluate(NAME_TO_TYPE))
    press_on(page, page.get_by_role("button", name="Restore"))
    wait_until_finished(page, suffix)


def test_the_focus_goes_to_the_first_thing_that_is_wrong(page, panel):
    panel.sign_in(page)
    open_service(page, panel)
    page.locator(".tabs").get_by_role("link", name="Databases").click()
    page.get_by_role("link", name="New database").click()
    page.fill("[name=user]", "Wrong Name")
    page.fill("[name=password]", "short")

    page.get_by_role("button", name="Create the database").click()

    expect(page.locator("[name=user]")).to_be_focused()


def test_back_and_reload_bring_the_same_filters(page, panel):
    panel.sign_in(page)
    page.goto(f"{panel.url}/t/marelle/databases/")
    page.select_option("[name=backup]", "late")
    page.wait_for_url("**backup=late**")
    few = page.locator("#databases tbody tr").count()
    page.locator("#databases a.name").first.click()
    page.wait_for_url("**/services/**")

    page.go_back()

    expect(page.locator("[name=backup]")).to_have_value("late")
    expect(page.locator("#databases tbody tr")).to_have_count(few)
    page.reload()
    expect(page.locator("#databases tbody tr")).to_have_count(few)


def test_a_destructive_button_sleeps_until_the_name_is_typed(page, panel):
    panel.sign_in(page)
    open_service(page, panel)
    page.locator(".tabs").get_by_role("link", name="Domains").click()
    page.locator("#domains summary").first.click()
    page.get_by_role("link", name="Detach").first.click()
    button = page.get_by_role("button", name="Detach")
    name = button.get_attribute("data-confirm-name")

    expect(button).to_be_disabled()
    page.fill("[name=confirm_name]", "something else")
    expect(button).to_be_disabled()
    page.fill("[name=confirm_name]", name)
    expect(button).to_be_enabled()


def test_a_wrong_form_keeps_what_was_typed_but_the_password(page, panel):
    panel.sign_in(page)
    open_service(page, panel)
    page.locator(".tabs").get_by_role("link", name="Databases").click()
    page.get_by_role("link", name="New database").click()
    page.fill("[name=user]", "Wrong Name")
    page.fill("[name=password]", "Geheim12345")

    page.get_by_role("button", name="Create the database").click()

    expect(page.locator(".field.wrong .error")).to_contain_text("lower-case")
    expect(page.locator("[name=user]")).to_have_value("Wrong Name")
    expect(page.locator("[name=password]")).to_have_value("")


def test_a_made_password_is_one_that_ovh_takes(page, panel):
    panel.sign_in(page)
    open_service(page, panel)
    page.locator(".tabs").get_by_role("link", name="Databases").click()
    page.get_by_role("link", name="New database").click()

    page.get_by_role("button", name="Make one").click()

    made = page.locator("[name=password]").input_value()
    assert re.fullmatch(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9]{20}", made)


def test_a_viewer_sees_and_changes_nothing(page, panel):
    panel.sign_in(page, "viewer")
    open_service(page, panel)
    page.locator(".tabs").get_by_role("link", name="Databases").click()

    expect(page.get_by_role("button", name="New database")).to_be_disabled()
    expect(page.get_by_role("link", name="Back up", exact=True)).to_have_count(0)
    page.locator(".tabs").get_by_role("link", name="Backups").click()
    reasons = page.locator("[popover]")
    assert reasons.count() > 1
    assert [each for each in reasons.all() if each.is_visible()] == [], "why not is said when it is asked for"


def test_all_that_was_called_is_as_ovhs_schema_says(panel):
    if not CHECKER.is_file():
        pytest.skip("OVH's schema is not here; HOSTPANEL_CONTRACT can name its folder")
    command = [sys.executable, CHECKER, panel.record, "--complete", "--errors", "--skip-rejected"]

    checked = subprocess.run(command, capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout[-3000:]

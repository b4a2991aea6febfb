"""What a person does with a hosting day by day, in the browser."""

import time

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.worker]
PATIENT = 120_000


@pytest.fixture
def database_page(page, panel):
    """The page of a database of the demo."""
    panel.sign_in(page)
    page.goto(f"{panel.url}/t/marelle/services/?q=escalade")
    page.locator("td a.name").first.click()
    page.locator(".tabs").get_by_role("link", name="Databases").click()
    page.locator("#databases a.name").first.click()
    return page


def newest(page):
    return page.locator("#happening article").first


def test_a_file_is_imported_and_its_way_is_shown(database_page, panel, tmp_path):
    page, file = database_page, tmp_path / "shop.sql"
    file.write_bytes(b"INSERT INTO visitors VALUES (1);" * 40_000)
    page.locator("#facts summary").click()
    page.locator("#facts").get_by_role("link", name="Import a file").click()

    page.set_input_files("[name=file]", file)
    button = page.get_by_role("button", name="Import a file")
    page.fill("[name=confirm_name]", button.get_attribute("data-confirm-name"))
    button.click()

    page.wait_for_url("**/databases/*.db/")
    expect(newest(page)).to_contain_text("Import a file into database")
    expect(newest(page).locator(".tag")).to_have_text("finished", timeout=PATIENT)
    uploaded = panel.control("GET", "documents")
    assert [(each["name"], each["size"]) for each in uploaded] == [("shop.sql", file.stat().st_size)]


def test_a_wrong_file_is_said_beside_its_field_without_leaving_the_page(database_page, tmp_path):
    page, file = database_page, tmp_path / "shop.zip"
    file.write_bytes(b"PK")
    page.locator("#facts summary").click()
    page.locator("#facts").get_by_role("link", name="Import a file").click()
    page.set_input_files("[name=file]", file)
    button = page.get_by_role("button", name="Import a file")
    page.fill("[name=confirm_name]", button.get_attribute("data-confirm-name"))

    button.click()

    expect(page.locator(".field.wrong .error")).to_contain_text("end in .sql")
    page.fill("[name=confirm_name]", "another")
    expect(page.get_by_role("button", name="Import a file")).to_be_disabled()


def test_the_use_of_a_database_appears_without_a_reload(database_page):
    expect(database_page.locator("#use svg")).to_be_visible(timeout=20_000)
    database_page.select_option("#period", "daily")
    expect(database_page.locator("#use svg")).to_be_visible(timeout=20_000)


def test_the_records_a_domain_lacks_are_shown_and_looked_at_again(page, panel):
    panel.sign_in(page)
    page.goto(f"{panel.url}/t/marelle/services/?q=escalade")
    page.locator("td a.name").first.click()
    page.locator(".tabs").get_by_role("link", name="Domains").click()
    page.get_by_role("link", name="Attach a domain").click()
    name = f"lack{int(time.time()) % 1000}.example"

    page.uncheck("[name=with_www]")
    page.fill("[name=domain]", name)

    expect(page.locator("#dns")).to_contain_text(f"{name} does not point to this hosting yet")
    records = page.locator("#dns .pairs dd").all_inner_texts()
    panel.control("POST", f"records/{name}", A=[records[0].strip()])
    panel.control("POST", f"records/ovhcontrol.{name}", TXT=[records[1].strip()])
    expect(page.locator("#dns")).to_contain_text(f"{name} points to this hosting", timeout=20_000)

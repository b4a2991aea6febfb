"""Something to look at: changes asked for as somebody would, a copy in the panel, an invitation."""

import time
from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.browser.walking import TEAM


def service_like(page: Page, url: str, word: str) -> str:
    """The path of the first service with `word` in its name."""
    page.goto(f"{url}{TEAM}/services/?q={word}")
    return page.locator("td a.name").first.get_attribute("href") or ""


def ask_for_changes(page: Page, url: str, *services: str) -> str:
    """A backup on each service, one of them kept in the panel too; a domain; somebody invited: the path to join by."""
    for service in services:
        page.goto(f"{url}{service}databases/")
        page.locator("a[id^=back-up-]").first.click()
        _send(page)
    _keep_a_copy(page, url, services[0])
    hotel = service_like(page, url, "hotel")
    page.goto(f"{url}{hotel}domains/attach/")
    page.fill("[name=domain]", f"reservations{int(time.time()) % 1000}.hotel-confluence.fr")
    _send(page)
    page.goto(f"{url}{TEAM}/members/invite/")
    page.fill("[name=email]", "camille@marelle.test")
    _send(page)
    return urlsplit(page.locator("#link").input_value()).path


def _keep_a_copy(page: Page, url: str, service: str) -> None:
    page.goto(f"{url}{service}databases/")
    page.locator("#databases a.name").last.click()
    page.wait_for_load_state("load")
    button = page.locator("form[action$='/copy/'] button").first
    if button.count():
        button.click()
        page.wait_for_load_state("load")


def _send(page: Page) -> None:
    with page.expect_navigation():
        page.locator(".form-actions button").first.click()

"""What there is to picture: every page one gets to by clicking, and what a page shows only sometimes."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from apps.ui.samples import ERRORS
from scripts.house import PASSWORD
from tests.browser.walking import TEAM, walk

# Neither a password of the demo nor one OVH takes.
SHORT = "short"


@dataclass(frozen=True)
class Place:
    """A page as `who` sees it ("" for nobody); `do` brings it into the state to picture.

    All of its height, or what is in the window when that is what matters (`is_whole`).
    """

    name: str
    path: str
    who: str = "owner"
    do: Callable[[Page], None] | None = None
    is_whole: bool = True


def press(selector: str) -> Callable[[Page], None]:
    """Presses the first such thing."""
    return lambda page: page.locator(selector).first.click()


def send(**fields: str) -> Callable[[Page], None]:
    """Fills the page's form and sends it, past what the browser itself would refuse."""

    def act(page: Page) -> None:
        form = page.locator("main form[method=post]:is(:has(.form-actions), [data-sign-in])").first
        for name, value in fields.items():
            form.locator(f"[name={name}]").fill(value)
        form.evaluate("form => { form.noValidate = true; }")
        form.evaluate("form => form.requestSubmit()")
        page.locator("main [role=alert]").first.wait_for()

    return act


def invite(page: Page) -> None:
    """To the page that shows the link, once."""
    page.fill("[name=email]", f"a{time.time():.0f}@marelle.test")
    page.locator(".form-actions button").first.click()
    page.locator("#link").wait_for()


def prove(page: Page) -> None:
    """Says who one is once more, and is at what one wanted then."""
    if page.locator("[data-reauthenticate], form[action*=reauthenticate]").count():
        page.fill("[name=password]", PASSWORD)
        page.locator("main form button").first.click()
        page.wait_for_load_state("load")


def lose_connection(page: Page) -> None:
    """As when the poller has had no answer twice."""
    page.evaluate("document.getElementById('offline').hidden = false")


def everywhere(page: Page, url: str, service: str, roomy: str) -> list[Place]:
    """All places of the panel, as the owner signed in on `page`; two services with much in them are given."""
    starts = [service, f"{service}ssl/import/", f"{roomy}databases/", f"{TEAM}/"]
    found: dict[str, str] = walk(page, url, starts)  # type: ignore[no-untyped-call]  # of the tests
    linked = [Place(_slug(name), path, do=prove if name.startswith("mfa_") else None) for name, path in found.items()]
    return [*linked, *signed_out(), *sometimes(service, found), *of_a_viewer(service)]


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.removeprefix(f"{TEAM}/")).strip("-")


def signed_out() -> list[Place]:
    """Before anybody has signed in."""
    return [
        Place("sign-in", "/auth/login/", ""),
        Place("sign-in-refused", "/auth/login/", "", send(login="owner@hostpanel.test", password=SHORT)),
        Place("password-forgotten", "/auth/password/reset/", ""),
        *(Place(f"error-{error}", f"/styleguide/{error}/", "") for error in ERRORS),
    ]


def sometimes(service: str, found: dict[str, str]) -> list[Place]:
    """Errors in forms, open menus, lists that are empty or long, a lost connection."""
    team, database, domain = TEAM, found["databases:detail"], found["domains:detail"]
    return [
        Place("inventory-services-many", f"{team}/services/?page=2"),
        Place("inventory-domains-none", f"{team}/domains/?q=nothing-like-this"),
        Place("inventory-databases-none", f"{team}/databases/?q=nothing-like-this"),
        Place("operations-index-none", f"{team}/operations/?q=nothing-like-this"),
        Place("operations-index-over", f"{team}/operations/?state=succeeded"),
        Place("dashboard-audit-none", f"{team}/audit/?q=nothing-like-this"),
        Place("dashboard-search-none", f"{team}/search/?q=nothing-like-this"),
        Place("dashboard-index-menu", f"{team}/", do=press(".top details.menu > summary"), is_whole=False),
        Place("dashboard-index-offline", f"{team}/", do=lose_connection, is_whole=False),
        Place("databases-index-menu", f"{service}databases/", do=press(".row-menu > summary"), is_whole=False),
        Place("domains-index-menu", f"{service}domains/", do=press(".row-menu > summary"), is_whole=False),
        Place("domains-attach-refused", f"{service}domains/attach/", do=send(domain="not a domain")),
        Place("databases-create-refused", found["databases:create"], do=send()),
        Place("databases-password-refused", f"{database}password/", do=send(password=SHORT)),
        Place("databases-delete-refused", f"{database}delete/", do=send(confirm_name="another")),
        Place("databases-import-refused", f"{database}import/", do=send()),
        Place("domains-detach-refused", f"{domain}detach/", do=send(confirm_name="another")),
        Place("connections-create-refused", f"{team}/connections/new/", do=send(name="x")),
        Place("members-invite-refused", f"{team}/members/invite/", do=send(email="nobody")),
        Place("members-invited", f"{team}/members/invite/", do=invite),
        Place("ftpusers-create-refused", f"{service}users/new/", do=send(password=SHORT)),
        Place("profile-refused", "/profile/", do=send(name="")),
    ]


def of_a_viewer(service: str) -> list[Place]:
    """What somebody sees who may only read."""
    return [
        Place(f"viewer-{name}", path, "viewer")
        for name, path in (
            ("overview", f"{TEAM}/"),
            ("service", service),
            ("databases", f"{service}databases/"),
            ("backups", f"{service}backups/"),
            ("connections", f"{TEAM}/connections/"),
            ("members", f"{TEAM}/members/"),
            ("refused", f"{TEAM}/members/invite/"),
        )
    ]

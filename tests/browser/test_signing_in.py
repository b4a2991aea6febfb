"""A passkey: made, used to sign in, used to prove it again; with the browser's own stand-in for a key."""

import pytest
from playwright.sync_api import expect

from tests.browser.walking import TEAM

pytestmark = [pytest.mark.browser]


@pytest.fixture
def keyring(browser):
    """(page, what the browser reports to the policy): a window with a key that recognises its owner."""
    context = browser.new_context(locale="en")
    page = context.new_page()
    reported = []
    page.on("console", lambda line: reported.append(line.text) if "Content Security Policy" in line.text else None)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield page, reported
    context.close()


def test_a_passkey_is_made_and_signs_in(panel, keyring):
    page, reported = keyring
    home = panel.url.replace("127.0.0.1", "localhost")  # a key belongs to a name, not to an address
    page.goto(f"{home}/auth/login/")
    page.fill("[name=login]", "viewer@hostpanel.test")
    page.fill("[name=password]", "marelle-demo")
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"**{TEAM}/")
    page.goto(f"{home}/auth/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.fill("[name=password]", "marelle-demo")
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/webauthn/add/")
    page.fill("[name=name]", "My laptop")
    page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/**")
    page.goto(f"{home}/auth/2fa/webauthn/")
    expect(page.get_by_text("My laptop")).to_be_visible()
    page.context.clear_cookies()

    page.goto(f"{home}/auth/login/")
    page.click("#passkey_login")
    page.wait_for_url(f"**{TEAM}/")

    expect(page.locator("h1")).to_be_visible()
    assert reported == []

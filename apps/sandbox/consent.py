"""The page on which an account's owner says yes to a consumer key; OVH has one such, this one says what it is."""

import base64
import html
import secrets
from urllib.parse import parse_qs

from apps.sandbox.state import Json, World

STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { margin: 0; background: light-dark(#f4f5f9, #101218); color: light-dark(#1a1d29, #e8eaf2) }
main { max-width: 30rem; margin: 8vh auto; padding: 1.5rem 2rem; background: light-dark(#fff, #191c25);
  border: 1px solid light-dark(#dfe2ec, #2b3040); border-radius: 12px }
h1 { font-size: 1.3rem; margin: .2rem 0 1rem } p.what { color: light-dark(#5a6072, #a4abc0); margin: 0; font-size: .85rem }
label { display: block; font-weight: 600; margin: 1rem 0 .3rem }
select, button { font: inherit; padding: .55rem .8rem; border-radius: 8px; border: 1px solid light-dark(#c3c8d8, #434a60) }
select { width: 100%; background: inherit; color: inherit } .row { display: flex; gap: .6rem; margin-top: 1.4rem }
button { cursor: pointer; background: none; color: inherit } button.yes { background: #1c3fd1; color: #fff; border-color: #1c3fd1 }
details { margin-top: 1rem } code { font-size: .85em; overflow-wrap: anywhere } ul { padding-left: 1.1rem; max-height: 14rem; overflow: auto }
@media (max-width: 34rem) { main { margin: 0; border: 0; border-radius: 0; min-height: 100vh } }
"""


def page(world: World, query: str) -> tuple[int, str]:
    """The page for a credential token: (status, HTML)."""
    token = parse_qs(query).get("credentialToken", [""])[0]
    credential = find(world, token)
    if credential is None:
        return 404, _frame("<h1>This request is unknown or was answered already</h1>")
    accounts = "".join(
        f'<option value="{html.escape(nic)}">{html.escape(nic)} ({html.escape(account["organisation"])})</option>'
        for nic, account in world.accounts.items()
    )
    rules = "".join(
        f"<li><code>{html.escape(rule['method'])} {html.escape(rule['path'])}</code></li>"
        for rule in credential["rules"]
    )
    application = world.applications[credential["application_key"]]["name"]
    return 200, _frame(
        f"<h1>Let “{html.escape(application)}” use your account?</h1>"
        f'<form method="post" action="/auth/"><input type="hidden" name="credentialToken" value="{html.escape(token)}">'
        f'<label for="account">Account</label><select id="account" name="nichandle">{accounts}</select>'
        '<label for="validity">Valid for</label><select id="validity" name="validity">'
        '<option value="">unlimited</option><option value="1">1 day</option><option value="30">30 days</option></select>'
        f"<details><summary>{len(credential['rules'])} rights asked for</summary><ul>{rules}</ul></details>"
        '<div class="row"><button class="yes" name="answer" value="yes">Authorize</button>'
        '<button name="answer" value="no">Refuse</button></div></form>'
    )


def answer(world: World, form: str) -> tuple[int, str, str]:
    """What the person said: (status, HTML, where to go next)."""
    given = {name: values[0] for name, values in parse_qs(form).items()}
    credential = find(world, given.get("credentialToken", ""))
    if credential is None:
        return 404, _frame("<h1>This request is unknown or was answered already</h1>"), ""
    is_yes = given.get("answer") == "yes" and given.get("nichandle") in world.accounts
    days = given.get("validity", "")
    credential |= {
        "token": "",
        "status": "validated" if is_yes else "refused",
        "nichandle": given.get("nichandle", "") if is_yes else "",
        "expires": world.now() + int(days) * 86400 if days.isdigit() else None,
    }
    world.is_changed = True
    target = credential.get("redirection") or ""
    done = "The key is ready to be used." if is_yes else "The key was refused."
    return (302 if target else 200), _frame(f"<h1>{done}</h1>"), target


def find(world: World, token: str) -> Json | None:
    """The credential that waits under this token."""
    return next((each for each in world.credentials.values() if token and each.get("token") == token), None)


def oauth_token(world: World, form: str, authorization: str = "") -> tuple[int, Json]:
    """`POST /auth/oauth2/token` with client credentials, in the form or (as python-ovh does) as Basic authorization."""
    given = {name: values[0] for name, values in parse_qs(form).items()}
    if authorization.startswith("Basic "):
        client_id, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        given |= {"client_id": client_id, "client_secret": secret}
    client = world.clients.get(given.get("client_id", ""))
    if client is None or client["secret"] != given.get("client_secret") or client["status"] != "validated":
        return 401, {"error": "invalid_client", "error_description": "Unknown client or wrong secret"}
    token = secrets.token_urlsafe(32)
    world.tokens[token] = {"client_id": given["client_id"], "expires": world.now() + 3600}
    return 200, {"access_token": token, "expires_in": 3600, "scope": "all", "token_type": "Bearer"}


def front(base: str) -> str:
    """What the bare address shows."""
    return _frame(
        f"<h1>A simulated OVH API</h1><p>It speaks the protocol of OVH's API below <code>{html.escape(base)}/1.0</code>.</p>"
    )


def _frame(body: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Sandbox</title><style>{STYLE}</style><main>"
        f'<p class="what">The sandbox. It stands for OVH here; nothing you do on this page reaches OVH.</p>{body}</main>'
    )

"""Asks OVH what a credential opens, before it is trusted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from apps.ovhapi.client import Client
from apps.ovhapi.errors import NotGranted, Refused
from apps.ovhapi.rules import missing_rules


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a credential opens. `missing`: rights the panel would need, "PUT /hosting/web/*" or IAM actions."""

    nichandle: str
    organisation: str
    expires_at: datetime | None
    missing: list[str]


def verify(client: Client, *, is_service_account: bool) -> Verified:
    """Whose account it is, until when, and what is missing.

    Costs 2 calls, 3 for a service account. Raises Lapsed when it opens nothing, NotGranted when it may not even read,
    NotNow when OVH cannot say.
    """
    nichandle, expires_at = "", None
    missing: list[str] = []
    if is_service_account:
        nichandle = _account_of(client)
        # A service account has no rules to look at: reading is tried, writing shows when it is needed.
        client.get("/hosting/web")
    else:
        expires_at, missing = _current(client)
        _refuse_unless_readable(missing)
    me = _me(client)
    return Verified(
        nichandle=str(me.get("nichandle") or nichandle)[:60],
        organisation=str(me.get("organisation") or _person(me))[:160],
        expires_at=expires_at,
        missing=missing,
    )


def _current(client: Client) -> tuple[datetime | None, list[str]]:
    """Until when the consumer key is good, and which rights it lacks (GET /auth/currentCredential)."""
    raw = client.get("/auth/currentCredential")
    known: dict[str, Any] = raw if isinstance(raw, dict) else {}
    granted = [rule for rule in known.get("rules") or [] if isinstance(rule, dict)]
    return _moment(known.get("expiration")), [f"{rule['method']} {rule['path']}" for rule in missing_rules(granted)]


def _refuse_unless_readable(missing: list[str]) -> None:
    """A key that may not list the hostings is of no use."""
    needed = [right for right in missing if right.startswith("GET /hosting/web")]
    if needed:
        msg = "The key may not read the hostings."
        raise NotGranted(msg, missing=needed)


def _account_of(client: Client) -> str:
    """The nic handle behind a service account (GET /auth/details), which needs no right."""
    details = client.get("/auth/details")
    return str(details.get("account") or "") if isinstance(details, dict) else ""


def _me(client: Client) -> dict[str, Any]:
    """GET /me; nothing where that is not allowed, for it only tells a name."""
    try:
        me = client.get("/me")
    except (NotGranted, Refused):
        return {}
    return me if isinstance(me, dict) else {}


def _person(me: dict[str, Any]) -> str:
    return " ".join(str(me[name]) for name in ("firstname", "name") if me.get(name))


def _moment(text: Any) -> datetime | None:
    try:
        moment = parse_datetime(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment and is_aware(moment) else None

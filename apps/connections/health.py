"""The words for people about accounts, by id: rendered in the reader's language when shown, never stored."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from apps.connections.models import BLOCKED_BY, Connection, Health
from apps.ovhapi.errors import Lapsed, NotGranted, NotNow, OvhError

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Words:
    """What is the matter (`%(name)s` is the account), what it means, what to do; and how urgent it looks."""

    title: "_StrPromise"
    meaning: "_StrPromise | str" = ""
    todo: "_StrPromise | str" = ""
    tone: str = "warn"  # good, warn or bad


NOTHING_LOST = _("Changes wait and go on by themselves; nothing is lost.")

HEALTH: dict[str, Words] = {
    Health.OK: Words(_("%(name)s is working."), tone="good"),
    Health.LAPSED: Words(
        _("OVH no longer accepts the key of %(name)s."),
        _("Changes for this account wait; nothing is lost. What you see is as it was before."),
        _("Renew the key. Everything goes on by itself then."),
        tone="bad",
    ),
    Health.MISSING_RIGHTS: Words(
        _("The key of %(name)s may not do everything the panel offers."),
        _("Changes that need a missing right wait; everything else works."),
        _("Renew the key and allow the rights listed below."),
    ),
    Health.UNREACHABLE: Words(
        _("OVH does not answer for %(name)s."),
        NOTHING_LOST,
        _("There is nothing to do but wait. If it lasts, look at OVH's status page."),
    ),
    Health.RATE_LIMITED: Words(_("OVH asks us to slow down for %(name)s."), NOTHING_LOST),
    Health.CLOCK: Words(
        _("OVH refuses the panel's signature for %(name)s."),
        _("The clocks differ, or the application secret is not the one of the key. Changes wait; nothing is lost."),
        _("Check the time of the server the panel runs on, then renew the key if the time is right."),
        tone="bad",
    ),
    Health.SEALED: Words(
        _("The panel cannot open the key of %(name)s."),
        _("It was sealed with a seal key the panel has not got. Changes wait; nothing is lost."),
        _("Put that seal key back into HOSTPANEL_SEAL_KEYS and restart the panel, or renew the account's key."),
        tone="bad",
    ),
}


@dataclass(frozen=True)
class Sentence:
    """Words about one account, ready to show."""

    title: str
    meaning: str
    todo: str
    tone: str


def words_of(connection: Connection) -> Sentence:
    """How the account is, in words. A value nobody knows is shown as it came."""
    words = HEALTH.get(connection.health)
    if words is None:
        return Sentence(connection.health, "", "", "warn")
    title = str(words.title) % {"name": connection.name}
    return Sentence(title, str(words.meaning), str(words.todo), words.tone)


# Why a credential was not taken: OVH's code → (field it belongs to, words).
REFUSED_CREDENTIALS: dict[str, tuple[str, "_StrPromise"]] = {
    "INVALID_KEY": (
        "application_key",
        _("OVH does not know this application key. Check it, and that the endpoint is the one it was made at."),
    ),
    "INVALID_SIGNATURE": (
        "application_secret",
        _("This is not the secret of that application key. Copy it again from OVH, whole and without spaces."),
    ),
    "NOT_CREDENTIAL": (
        "consumer_key",
        _("OVH does not know this consumer key for that application. Check it, or connect with OVH to get a new one."),
    ),
    "INVALID_CREDENTIAL": (
        "consumer_key",
        _("This consumer key has expired, was refused, or nobody has said yes to it yet. Get a new one at OVH."),
    ),
    "OAUTH2_REFUSED": (
        "client_secret",
        _("OVH refuses this client id and secret. Check both, and that the service account still exists."),
    ),
}
CREDENTIAL_LAPSED = _("OVH does not accept this credential. Get a new one at OVH.")
CLOCK_DIFFERS = _("OVH refuses the signature because the clocks differ. Check the time of the panel's server.")
SLOW_DOWN = _("OVH asks us to slow down. Nothing was saved; try again in a minute.")
UNREACHABLE = _("OVH cannot be reached right now. Nothing was saved; try again in a minute.")
NOT_CHECKED = _("OVH cannot be reached right now, so the key could not be checked. Try again in a minute.")
NO_RIGHTS = _("This credential may not even read the account. It needs: %(rights)s.")
UNEXPECTED = _("OVH refused to check the credential: %(message)s")


def why_refused(error: OvhError) -> tuple[str, str]:
    """(field or "", sentence) for a credential that OVH did not take, or that could not be checked."""
    if error.code in REFUSED_CREDENTIALS:
        field, words = REFUSED_CREDENTIALS[error.code]
        return field, str(words)
    if isinstance(error, Lapsed):
        return "", str(CREDENTIAL_LAPSED)
    if isinstance(error, NotGranted):
        return "", str(NO_RIGHTS) % {"rights": ", ".join(error.missing)}
    if isinstance(error, NotNow):
        return "", str({"clock": CLOCK_DIFFERS, "rate_limited": SLOW_DOWN}.get(error.reason, UNREACHABLE))
    return "", str(UNEXPECTED) % {"message": error.message}


def why_not_checked(connection: Connection, error: OvhError) -> str:
    """A sentence for a check that did not go well."""
    if isinstance(error, NotNow) and error.reason not in BLOCKED_BY:
        return str(NOT_CHECKED)
    return words_of(connection).title

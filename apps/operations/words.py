"""The words for what happens to an operation, by id: rendered in the reader's language when shown, never stored."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Words:
    """What happened, what it means, what to do; the last two may be empty."""

    title: "_StrPromise | str"
    meaning: "_StrPromise | str" = ""
    todo: "_StrPromise | str" = ""


NOTHING_LOST = _("Nothing is lost; it goes on by itself.")

# Why an operation waits.
WAITING: dict[str, Words] = {
    "unreachable": Words(_("OVH cannot be reached."), NOTHING_LOST),
    "overloaded": Words(_("OVH answers slowly or not at all."), NOTHING_LOST),
    "rate_limited": Words(_("OVH asks us to slow down."), NOTHING_LOST),
    "bucket": Words(_("Many calls go to this account just now; this one waits its turn."), NOTHING_LOST),
    "paused": Words(_("OVH has failed several times; the panel pauses before it tries again."), NOTHING_LOST),
    "upload": Words(_("The file could not be brought to OVH."), NOTHING_LOST),
    "clock": Words(
        _("OVH refuses our signature because the clocks differ."),
        NOTHING_LOST,
        _("Check the time of the server the panel runs on."),
    ),
    "lapsed": Words(
        _("OVH no longer accepts the key of this account."),
        _("Nothing is lost; it goes on once the key is renewed."),
        _("Renew the key on the page of the account."),
    ),
    "missing_rights": Words(
        _("The key of this account lacks the right for this."),
        _("Nothing is lost; it goes on once a key with that right is there."),
        _("Renew the key on the page of the account and allow all that is listed there."),
    ),
    "busy": Words(_("Something else is being done to it at OVH."), _("It is sent once that has finished.")),
    "sealed": Words(
        _("The panel cannot open the key of this account, or the password that belongs to this."),
        NOTHING_LOST,
        _("Put the seal key it was sealed with back into the environment."),
    ),
    "first": Words(
        _("It waits for what was asked for just before it."),
        _("It is sent once that has succeeded, and given up if that fails."),
    ),
    "dns": Words(
        _("It waits until the domain points to this hosting."),
        _("The panel looks every minute, for a week, and sends it then."),
        _("Set the records that are missing; they are shown where the domain is attached."),
    ),
    "trouble": Words(_("The panel had trouble with OVH's answer."), _("It looks again by itself.")),
}

# How an operation ended without success.
ENDINGS: dict[str, Words] = {
    "refused": Words(
        _("OVH refused it."),
        _("Nothing was changed."),
        _("Correct what OVH objects to and ask again."),
    ),
    "cancelled_by_ovh": Words(
        _("OVH cancelled it."),
        _("OVH gives no reason for a cancelled task. What is there now is shown beside."),
        _("Try again; if it happens twice, ask OVH's support and name the query id."),
    ),
    "not_found": Words(
        _("OVH does not find it with this account's key."),
        _("It was removed meanwhile, or belongs to another account. Nothing was changed."),
        _("Refresh the service and look again."),
    ),
    "expired": Words(
        _("The service has expired."),
        _("OVH changes nothing on an expired service."),
        _("Renew the service at OVH, then ask again."),
    ),
    "not_as_asked": Words(
        _("OVH says it is done, but it does not look as asked."),
        _("What OVH shows now stands beside."),
        _("Look at it; ask again if it is still needed."),
    ),
    "not_known": Words(
        _("Nobody knows whether OVH did it."),
        _("OVH shows no trace of it and nothing else tells. The panel does not repeat what may have happened."),
        _("Look at the site whether it happened, then say so here."),
    ),
    "first_failed": Words(
        _("It was not sent."),
        _("What had to be done first did not succeed. Nothing was changed."),
        _("Look at what went wrong there, then ask for both again."),
    ),
    "never_ready": Words(
        _("It was not sent."),
        _("What it waited for did not come in time. Nothing was changed."),
        _("Put right what it waited for, then ask again."),
    ),
    "no_longer_allowed": Words(
        _("It was not sent."),
        _("Whoever asked for it no longer has the role or the account it needs."),
        _("Somebody with that role can ask again."),
    ),
}

# The steps on an operation's page.
EVENTS: dict[str, "_StrPromise"] = {
    "asked": _("Asked for"),
    "sending": _("Sent to OVH"),
    "released": _("What it waited for has come"),
    "accepted": _("Accepted by OVH"),
    "adopted": _("Found at OVH after the answer was lost"),
    "task": _("OVH's task is %(status)s"),
    "waiting": _("Waiting"),
    "goes_on": _("Goes on"),
    "unconfirmed": _("The answer was lost; finding out whether it happened"),
    "sender_died": _("The worker stopped while sending; finding out whether it happened"),
    "sender_gone": _("The worker stopped before it was sent; sending anew"),
    "restored": _("The panel was restored from a backup; finding out whether it happened meanwhile"),
    "absent": _("It did not happen; sending again"),
    "untold": _("OVH no longer knows its task; sending again, which does no harm"),
    "settling": _("OVH says it is done; checking"),
    "checked": _("Checked: it is as asked"),
    "already": _("It was already as asked"),
    "found_done": _("Found done at OVH"),
    "failed": _("Failed"),
    "cancelled": _("Taken back before it was sent"),
    "decided_happened": _("%(who)s says that it happened"),
    "decided_again": _("%(who)s says that it did not happen, and asked for it again"),
}

"""What one does with an OVH account: connect it, look at its key, renew the key, remove it."""

from dataclasses import dataclass
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.audit.services import record
from apps.connections import gate
from apps.connections.client import bucket_of, credentials_of, purpose_of
from apps.connections.models import BLOCKED_BY, Connection, Grant, Health
from apps.connections.verifying import Verified, verify
from apps.ovhapi.client import Client, Credentials, Lane
from apps.ovhapi.errors import NotGranted, NotNow, OvhError
from apps.sealing import box
from apps.teams.access import may
from apps.teams.models import Membership
from hostpanel.nudging import nudge

log = structlog.get_logger(__name__)

# A person waits for these calls in front of a form.
PATIENT_S = 12.0
FAREWELL_S = 4.0


class NotTaken(Exception):  # named by what it says
    """The account cannot be connected or changed so; `field` is the form's it belongs to, or empty."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Who asks, and from which address: for the rights and for the history."""

    member: Membership
    address: str | None = None

    def must_be_allowed(self, what: str) -> None:
        """Raise PermissionDenied when they may not do `what`, a row of the table of rights."""
        verdict = may(self.member, what, team_id=self.member.team_id)
        if not verdict:
            raise PermissionDenied(verdict.reason)

    def note(self, action: str, connection: Connection, **details: Any) -> None:
        """Write the history."""
        record(
            action, team_id=connection.team_id, actor=self.member.user, address=self.address,
            target=connection.name, account_id=connection.pk, details={"nichandle": connection.nichandle, **details},
        )  # fmt: skip


def look(credentials: Credentials) -> Verified:
    """What a credential opens, asked of OVH before it is kept. Raises as `verify` does."""
    client = Client(credentials, deadline_s=PATIENT_S)
    return verify(client, is_service_account=bool(credentials.client_id))


def create(
    asking: Asking, *, name: str, credentials: Credentials, verified: Verified, is_key_ours: bool = False
) -> Connection:
    """Connect an account whose credential was looked at. Raises NotTaken when it is connected already."""
    asking.must_be_allowed("connections.create")
    _refuse_twice(asking.member, name, verified.nichandle)
    with transaction.atomic():
        connection = _named_anew(asking.member, name, credentials.endpoint)
        _keep(connection, credentials, verified, is_key_ours=is_key_ours)
        if not asking.member.sees_all_accounts:
            Grant.objects.create(member=asking.member, connection=connection)
        asking.note("connections.created", connection, endpoint=connection.endpoint)
        nudge("inventory.sync_due")
    return connection


def _named_anew(member: Membership, name: str, endpoint: str) -> Connection:
    """The row of a new account. Raises NotTaken when its name was taken in the same moment, as by a second click."""
    connection = Connection(team_id=member.team_id, name=name, endpoint=endpoint, created_by=member.user)
    try:
        with transaction.atomic():
            connection.save(force_insert=True)
    except IntegrityError:
        raise NotTaken(_("Another account has this name already."), field="name") from None
    return connection


def replace_credential(
    asking: Asking, connection: Connection, *, credentials: Credentials, verified: Verified, is_key_ours: bool = False
) -> None:
    """Give the account a new credential that was looked at; what waited for it goes on.

    Raises NotTaken when it opens another OVH account: changes that wait were meant for this one.
    """
    asking.must_be_allowed("connections.renew")
    if connection.nichandle and verified.nichandle and connection.nichandle != verified.nichandle:
        words = _("This credential opens the account %(other)s, but this is %(this)s. Connect the other one by itself.")
        raise NotTaken(words % {"other": verified.nichandle, "this": connection.nichandle})
    former = credentials_to_end(connection)
    with transaction.atomic():
        _keep(connection, credentials, verified, is_key_ours=is_key_ours)
        asking.note("connections.credential_replaced", connection)
        nudge("operations.tick")
    if former is not None and former != credentials:
        say_farewell(former)


def remove(asking: Asking, connection: Connection) -> None:
    """Forget the credential and hide the account with its services; its history stays.

    Raises NotTaken while changes are under way: they would be orphaned.
    """
    asking.must_be_allowed("connections.remove")
    former = credentials_to_end(connection)
    with transaction.atomic():
        # A change asked for at the same moment waits for this row, or is seen below.
        Connection.objects.select_for_update().get(pk=connection.pk)
        if connection.operations.unfinished().exists():
            raise NotTaken(
                _("Changes are under way on this account. Wait until they have finished, or take them back.")
            )
        connection.grants.all().delete()
        Connection.objects.filter(pk=connection.pk).update(
            removed_at=timezone.now(), sealed="", health=Health.LAPSED, health_since=timezone.now()
        )
        asking.note("connections.removed", connection)
    if former is not None:
        say_farewell(former)


def edit(asking: Asking, connection: Connection, *, name: str, rate_per_minute: int) -> None:
    """Call the account otherwise, or let it make more or fewer calls."""
    asking.must_be_allowed("connections.edit")
    if _named(asking.member, name).exclude(pk=connection.pk).exists():
        raise NotTaken(_("Another account has this name already."), field="name")
    with transaction.atomic():
        former = {"name": connection.name, "rate_per_minute": connection.rate_per_minute}
        connection.name, connection.rate_per_minute = name, rate_per_minute
        connection.save(update_fields=["name", "rate_per_minute"])
        asking.note("connections.edited", connection, former=former, rate_per_minute=rate_per_minute)


def check(connection: Connection) -> OvhError | None:
    """Look at the credential again and book what it opens; the error when OVH could not be asked or said no.

    The panel itself does this every day, and every ten minutes while something is the matter.
    """
    try:
        client = Client(credentials_of(connection), bucket=bucket_of(connection), lane=Lane.POLL, deadline_s=PATIENT_S)
        verified = verify(client, is_service_account=connection.kind == Connection.Kind.OAUTH2)
    except box.CannotOpen as error:
        return _book_trouble(connection, NotNow(str(error), reason="sealed"))
    except OvhError as error:
        return _book_trouble(connection, error)
    _book(connection, verified)
    return None


def credentials_to_end(connection: Connection) -> Credentials | None:
    """The credential, where the panel asked for it itself: a typed one may serve other programs too."""
    if not connection.is_key_ours:
        return None
    try:
        return credentials_of(connection)
    except box.CannotOpen:
        return None


def say_farewell(credentials: Credentials) -> None:
    """End a consumer key at OVH (POST /auth/logout). Best effort: it is forgotten here in any case."""
    try:
        Client(credentials, deadline_s=FAREWELL_S).call("POST", "/auth/logout")
    except OvhError as error:
        log.warning("consumer key not ended", error=type(error).__name__, query_id=error.query_id)


def _refuse_twice(member: Membership, name: str, nichandle: str) -> None:
    """One name and one OVH account once in a team; an account that another team has belongs to them."""
    if _named(member, name).exists():
        raise NotTaken(_("Another account has this name already."), field="name")
    if not nichandle:
        return
    for other in Connection.objects.connected().filter(nichandle=nichandle):
        if other.team_id != member.team_id:
            raise NotTaken(_("Another team of this panel has connected the OVH account %s already.") % nichandle)
        words = _("The OVH account %(nic)s is connected already, as %(name)s. Renew its key there instead.")
        raise NotTaken(words % {"nic": nichandle, "name": other.name})


def _named(member: Membership, name: str) -> Any:
    return Connection.objects.connected().filter(team_id=member.team_id, name__iexact=name)


def _keep(connection: Connection, credentials: Credentials, verified: Verified, *, is_key_ours: bool) -> None:
    """Seal the credential into the row, with what it opens; the account begins anew."""
    is_service_account = bool(credentials.client_id)
    secrets = (
        {"client_secret": credentials.client_secret}
        if is_service_account
        else {"application_secret": credentials.application_secret, "consumer_key": credentials.consumer_key}
    )
    connection.kind = Connection.Kind.OAUTH2 if is_service_account else Connection.Kind.KEYS
    connection.application_key = credentials.client_id or credentials.application_key
    connection.sealed = box.seal(secrets, purpose=purpose_of(connection))
    connection.is_key_ours = is_key_ours
    for column, value in {**_findings(verified), **_well(verified)}.items():
        setattr(connection, column, value)
    connection.save()


def _findings(verified: Verified) -> dict[str, Any]:
    """The columns that say what a credential opens."""
    named = {"nichandle": verified.nichandle, "organisation": verified.organisation}
    return {
        **{column: value for column, value in named.items() if value},
        "credential_expires_at": verified.expires_at,
        "missing_rules": verified.missing,
        "checked_at": timezone.now(),
    }


def _well(verified: Verified) -> dict[str, Any]:
    """The columns of an account whose credential opens."""
    return {
        "health": Health.MISSING_RIGHTS if verified.missing else Health.OK,
        "health_since": timezone.now(),
        "health_message": "",
        "health_query_id": "",
        "failures": 0,
        "paused_until": None,
        "probe_until": None,
    }


@transaction.atomic
def _book(connection: Connection, verified: Verified) -> None:
    """Write down what the credential opens, unless it was replaced meanwhile."""
    mine = Connection.objects.filter(pk=connection.pk, sealed=connection.sealed)
    mine.update(**_findings(verified))
    well = _well(verified)
    # `since` moves only when the health does.
    mine.exclude(health=well["health"]).update(**well)
    mine.exclude(failures=0, paused_until=None).update(failures=0, paused_until=None, probe_until=None)
    connection.refresh_from_db()


def _book_trouble(connection: Connection, error: OvhError) -> OvhError:
    """Write down that the credential does not open; that OVH could not be asked says nothing about it."""
    mine = Connection.objects.filter(pk=connection.pk, sealed=connection.sealed)
    mine.update(checked_at=timezone.now())
    reason = error.reason if isinstance(error, NotNow) else ""
    health = BLOCKED_BY.get(reason)
    if isinstance(error, NotGranted):
        health = Health.MISSING_RIGHTS
    if health is not None:
        gate.fell_ill(connection.pk, health, error, sealed=connection.sealed)
    connection.refresh_from_db()
    return error

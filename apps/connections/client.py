"""The client of a connection: its credential opened, its calls counted, its health booked."""

import structlog

from apps.connections.gate import Gate
from apps.connections.models import Connection
from apps.ovhapi.bucket import Bucket
from apps.ovhapi.client import Client, Credentials, Lane
from apps.sealing import box

log = structlog.get_logger(__name__)


def purpose_of(connection: Connection) -> str:
    """What the credential of that row is sealed for."""
    return f"connection:{connection.pk}"


def credentials_of(connection: Connection) -> Credentials:
    """The credential, opened. Raises box.CannotOpen when its seal key is gone."""
    secrets = box.unseal(connection.sealed, purpose=purpose_of(connection))
    if connection.kind == Connection.Kind.OAUTH2 and secrets:
        return Credentials(endpoint=connection.endpoint, client_id=connection.application_key, **secrets)
    return Credentials(endpoint=connection.endpoint, application_key=connection.application_key, **secrets)


def bucket_of(connection: Connection) -> Bucket:
    """The calls this account may make, shared by all workers."""
    return Bucket(f"connection:{connection.pk}", connection.rate_per_minute)


def client_for(
    connection: Connection, *, lane: Lane = Lane.PERSON, deadline_s: float = 30, patience_s: float | None = None
) -> Client:
    """A client that calls OVH as this account, within its bucket; each call moves the account's health.

    Never raises: a credential that cannot be opened makes a client each call of which raises NotNow.
    """
    gate = Gate(connection.pk, connection.sealed)
    credentials = _opened(connection)
    return Client(
        credentials, bucket=bucket_of(connection), gate=gate, lane=lane, deadline_s=deadline_s, patience_s=patience_s
    )


def _opened(connection: Connection) -> Credentials:
    try:
        return credentials_of(connection)
    except box.CannotOpen as error:
        log.warning("credential cannot be opened", connection=connection.pk, reason=str(error))
        return Credentials(
            endpoint=connection.endpoint, application_key=connection.application_key, why_closed=str(error)
        )

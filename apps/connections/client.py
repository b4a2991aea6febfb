"""The client of a connection: its credential opened, its calls counted."""

from apps.connections.models import Connection
from apps.ovhapi.bucket import Bucket
from apps.ovhapi.client import Client, Credentials, Lane
from apps.sealing import box


def purpose_of(connection: Connection) -> str:
    """What the credential of that row is sealed for."""
    return f"connection:{connection.pk}"


def credentials_of(connection: Connection) -> Credentials:
    """The credential, opened. Raises box.CannotOpen when its seal key is gone."""
    secrets = box.unseal(connection.sealed, purpose=purpose_of(connection))
    if connection.kind == Connection.Kind.OAUTH2:
        return Credentials(endpoint=connection.endpoint, client_id=connection.application_key, **secrets)
    return Credentials(endpoint=connection.endpoint, application_key=connection.application_key, **secrets)


def client_for(connection: Connection, *, lane: Lane = Lane.PERSON) -> Client:
    """A client that calls OVH as this account, within its bucket."""
    bucket = Bucket(f"connection:{connection.pk}", connection.rate_per_minute)
    return Client(credentials_of(connection), bucket=bucket, lane=lane)

"""Sessions, sealed: django-allauth keeps in them reset keys, and the secret of an app for codes being set up."""

import json
from typing import Any

from apps.sealing import box

PURPOSE = "session"


class Sealed:
    """Django's serializer of sessions. One that no key opens any more is an empty one: its person signs in again."""

    def dumps(self, session: dict[str, Any]) -> bytes:
        """For the database."""
        return box.seal_bytes(json.dumps(session).encode(), purpose=PURPOSE).encode()

    def loads(self, kept: bytes) -> dict[str, Any]:
        """From the database."""
        try:
            session: dict[str, Any] = json.loads(box.unseal_bytes(kept.decode(), purpose=PURPOSE))
        except box.CannotOpen:
            return {}
        return session

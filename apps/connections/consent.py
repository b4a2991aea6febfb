"""Connect with OVH: a consumer key that its owner says yes to on OVH's own page.

What comes back proves nothing by itself: somebody could send a member a link to say yes to, or to come back by. So the
state is random, kept as a hash, good for one person in one session of one team, once, for 15 minutes; and nothing is
connected before the person has seen whose account it is and confirmed it.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from apps.connections.models import Connection, Consent
from apps.connections.services import PATIENT_S, Asking
from apps.ovhapi.client import Client, Credentials
from apps.sealing import box

LIVES = timedelta(minutes=15)


@dataclass(frozen=True)
class Opened:
    """A consent with its secrets opened."""

    consent: Consent
    credentials: Credentials
    validation_url: str


def begin(
    asking: Asking, session: SessionBase, *, name: str, credentials: Credentials, origin: str,
    connection: Connection | None = None,
) -> Consent:  # fmt: skip
    """Ask OVH for a consumer key; the consent says where its owner is to go.

    `origin`: how the panel's addresses begin. Raises NotNow or Lapsed.
    """
    asking.must_be_allowed("connections.consent")
    state = secrets.token_urlsafe(32)
    back = reverse("connections:consent_return", args=[asking.member.team.slug])
    redirection = f"{origin}{back}?state={state}"
    asked = Client(credentials, deadline_s=PATIENT_S).ask_for_consumer_key(redirection=redirection)
    consent = Consent(
        team_id=asking.member.team_id, user=asking.member.user, connection=connection, name=name,
        endpoint=credentials.endpoint, application_key=credentials.application_key,
        state_hash=_hash(state), session_hash=_of(session),
    )  # fmt: skip
    kept = {
        "application_secret": credentials.application_secret,
        "consumer_key": asked.consumer_key,
        "validation_url": asked.validation_url,
    }
    consent.sealed = box.seal(kept, purpose=_purpose(consent))
    with transaction.atomic():
        _forget_old()
        consent.save(force_insert=True)
    return consent


def find(asking: Asking, session: SessionBase, *, pk: UUID | None = None, state: str = "") -> Consent | None:
    """The consent of that id or state, if it is this person's, in this session and team, fresh and unused.

    And if they still see the account whose key it renews.
    """
    mine = Consent.objects.filter(
        Q(connection=None) | Q(connection__in=Connection.objects.visible_to(asking.member)),
        team_id=asking.member.team_id, user=asking.member.user, session_hash=_of(session),
        created_at__gt=timezone.now() - LIVES, used_at=None,
    ).select_related("connection")  # fmt: skip
    return mine.filter(pk=pk).first() if pk else mine.filter(state_hash=_hash(state)).first()


def opened(consent: Consent) -> Opened:
    """Its secrets. Raises box.CannotOpen."""
    kept = box.unseal(consent.sealed, purpose=_purpose(consent))
    url = kept.pop("validation_url")
    credentials = Credentials(endpoint=consent.endpoint, application_key=consent.application_key, **kept)
    return Opened(consent, credentials, url)


def use_up(consent: Consent) -> bool:
    """Take the consent for good; False when it was taken before."""
    taken = Consent.objects.filter(pk=consent.pk, used_at=None).update(used_at=timezone.now(), sealed="")
    return bool(taken)


def _forget_old() -> None:
    """Drop what nobody came back for, secrets and all."""
    Consent.objects.filter(created_at__lte=timezone.now() - LIVES).delete()


def _purpose(consent: Consent) -> str:
    return f"consent:{consent.pk}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _of(session: SessionBase) -> str:
    """The session, by a hash: whoever reads the table must not learn its key."""
    return _hash(session.session_key or "")

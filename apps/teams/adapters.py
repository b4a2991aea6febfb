"""What Hostpanel wants otherwise than django-allauth has it."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.urls import reverse

from apps.sealing import box
from apps.teams.access import origin_of
from apps.teams.history import note_failure

log = structlog.get_logger(__name__)

MFA_PURPOSE = "second factor"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is not typed
    """Nobody signs up by themselves: people are invited, the first owner is made at set-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # as allauth calls it
        """Closed."""
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Begins as the settings say: a request could name another host, and the link would lead there."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return origin_of(self.request) + path.replace("UID-KEY", key)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """As allauth does; a mail server that is away is logged, and is no error of who asked."""
        site = SimpleNamespace(name="Hostpanel", domain=urlsplit(origin_of(self.request)).netloc)
        try:
            super().send_mail(template_prefix, email, {**context, "current_site": site})
        except OSError as error:  # smtplib's errors are its children
            log.warning("mail not sent", kind=template_prefix, error=type(error).__name__)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Into the history of the teams of whoever that address belongs to."""
        note_failure(request, str(credentials.get("email") or ""))


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is not typed
    """Keeps TOTP secrets and recovery seeds sealed; allauth would keep them in clear."""

    def encrypt(self, text: str) -> str:
        """Sealed as every other secret."""
        return box.seal({"text": text}, purpose=MFA_PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """The text that `encrypt` sealed."""
        return box.unseal(encrypted_text, purpose=MFA_PURPOSE)["text"]

"""What Hostpanel wants otherwise than django-allauth has it."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from apps.sealing import box

MFA_PURPOSE = "second factor"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is not typed
    """Nobody signs up by themselves: people are invited, the first owner is made at set-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # as allauth calls it
        """Closed."""
        return False


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is not typed
    """Keeps TOTP secrets and recovery seeds sealed; allauth would keep them in clear."""

    def encrypt(self, text: str) -> str:
        """Sealed as every other secret."""
        return box.seal({"text": text}, purpose=MFA_PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """The text that `encrypt` sealed."""
        return box.unseal(encrypted_text, purpose=MFA_PURPOSE)["text"]

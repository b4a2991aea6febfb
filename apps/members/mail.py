"""The mail with an invitation."""

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.members.models import Invitation
from apps.teams.access import origin_of

log = structlog.get_logger(__name__)


def link_of(request: HttpRequest, token: str) -> str:
    """The whole address of an invitation."""
    return origin_of(request) + reverse("join", args=[token])


def can_send() -> bool:
    """Whether mail leaves this panel at all."""
    return not settings.EMAIL_BACKEND.endswith("console.EmailBackend")


def send(invitation: Invitation, link: str) -> bool:
    """Send the link; False when no mail is set up or it could not be sent, so that somebody copies it."""
    if not can_send():
        return False
    said = {"team": invitation.team.name, "who": str(invitation.invited_by or "")}
    text = render_to_string("members/invitation.txt", {"invitation": invitation, "link": link, **said})
    subject = " ".join((_("%(who)s invites you into %(team)s") % said).split())
    try:
        return bool(send_mail(subject, text, None, [invitation.email]))
    except OSError as error:  # smtplib's errors are its children
        log.warning("invitation not sent", error=type(error).__name__)
        return False

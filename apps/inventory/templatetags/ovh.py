"""OVH's values in words. One that nobody has seen before is shown as it came."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def database_mode(mode: str) -> str:
    """How a database runs: `classic`, `besteffort` or `module`."""
    words = {"classic": _("ordinary"), "besteffort": _("best effort"), "module": _("made for a module")}
    return words.get(mode, mode)


@register.filter
def ftp_access(ssh_state: str) -> str:
    """What a user may connect by: `none`, `sftponly` or `active`."""
    words = {"none": _("FTP only"), "sftponly": _("FTP and SFTP"), "active": _("FTP, SFTP and SSH")}
    return words.get(ssh_state, ssh_state or "–")


@register.filter
def object_status(status: str) -> str:
    """What is being done to a user or a module."""
    words = {"creating": _("being made"), "deleting": _("being deleted"), "updating": _("being changed")}
    return words.get(status, status or "–")


@register.filter
def module_branch(branch: str) -> str:
    """How ripe a version of a module is: `stable`, `testing` or `old`."""
    words = {"stable": _("stable"), "testing": _("testing"), "old": _("old")}
    return words.get(branch, branch or "–")


@register.filter
def module_language(code: str) -> str:
    """A language OVH installs a module in; `cz` is theirs."""
    words = {
        "cz": _("Czech"), "de": _("German"), "en": _("English"), "es": _("Spanish"), "fi": _("Finnish"),
        "fr": _("French"), "it": _("Italian"), "lt": _("Lithuanian"), "nl": _("Dutch"), "pl": _("Polish"),
        "pt": _("Portuguese"),
    }  # fmt: skip
    return words.get(code, code)


@register.filter
def requirement(raw: dict[str, Any]) -> str:
    """What a module of the catalogue needs, such as "PHP 8.1"; a dash where OVH does not say."""
    needs = raw.get("languageRequirement")
    told = needs if isinstance(needs, dict) else {}
    words = [str(told.get("unit") or "").upper(), str(told.get("value") or "")]
    return "\N{NO-BREAK SPACE}".join(word for word in words if word) or "–"


@register.filter
def database_status(status: str) -> str:
    """What is being done to a database."""
    words = {
        "creating": _("being made"), "deleting": _("being deleted"), "dumping": _("being backed up"),
        "restoring": _("being restored"), "updating": _("being changed"), "checking": _("being measured"),
        "importing": _("taking in a file"), "locked": _("locked by OVH"), "optimizing": _("being optimised"),
    }  # fmt: skip
    return words.get(status, status or "–")

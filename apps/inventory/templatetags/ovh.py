"""OVH's values in words. One that nobody has seen before is shown as it came."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def task_status(status: str) -> str:
    """Where a task of OVH's is."""
    words = {
        "init": _("just begun"), "todo": _("waiting at OVH"), "doing": _("running"), "done": _("done"),
        "cancelled": _("cancelled by OVH"),
    }  # fmt: skip
    return words.get(status, status)


@register.filter
def task_function(function: str) -> str:
    """What a task of OVH's does; one of the rarer kinds as OVH writes it."""
    words = {
        "attachedDomain/create": _("Attach a domain"), "attachedDomain/delete": _("Detach a domain"),
        "attachedDomain/update": _("Change a domain"), "attachedDomain/restart": _("Restart a domain"),
        "cdn/domain/flush": _("Empty a domain's cache"), "cdn/flush": _("Empty all caches"),
        "database/create": _("Create a database"), "database/delete": _("Delete a database"),
        "database/changePassword": _("Change a database's password"), "database/checkQuotaNow": _("Measure a database"),
        "database/copy": _("Copy a database"), "database/copyRestore": _("Put a copy into a database"),
        "database/import": _("Import a file into a database"), "database/restore": _("Restore a database"),
        "dump/create": _("Back up a database"), "dump/delete": _("Delete a backup"),
        "hostedssl/create": _("Make a certificate"), "hostedssl/delete": _("Delete a certificate"),
        "hostedssl/import": _("Import a certificate"), "hostedssl/regenerate": _("Renew a certificate"),
        "module/install": _("Install a module"), "module/delete": _("Delete a module"),
        "user/create": _("Create an FTP user"), "user/update": _("Change an FTP user"),
        "user/delete": _("Delete an FTP user"), "user/changePassword": _("Change an FTP user's password"),
        "web/checkQuotaNow": _("Measure the space"), "web/restoreSnapshot": _("Restore all files"),
    }  # fmt: skip
    return words.get(function, function)


@register.filter
def certificate_provider(provider: str) -> str:
    """Who made a certificate."""
    words = {
        "LETSENCRYPT": "Let’s Encrypt", "SECTIGO": "Sectigo", "COMODO": "Comodo", "CUSTOM": _("imported, your own"),
    }  # fmt: skip
    return words.get(provider, provider or "–")


@register.filter
def certificate_type(kind: str) -> str:
    """What its authority has checked."""
    words = {
        "DV": _("the domain was checked"), "EV": _("domain and organisation were checked"),
        "CUSTOM": _("checked by whoever issued it"),
    }  # fmt: skip
    return words.get(kind, kind or "–")


@register.filter
def certificate_status(status: str) -> str:
    """What is being done to a certificate."""
    words = {
        "created": _("in place"), "creating": _("being made"), "importing": _("being imported"),
        "regenerating": _("being made anew"), "deleting": _("being deleted"),
    }  # fmt: skip
    return words.get(status, status or "–")


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

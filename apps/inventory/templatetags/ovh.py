"""OVH's values in words. One that nobody has seen before is shown as it came."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def database_mode(mode: str) -> str:
    """How a database runs: `classic`, `besteffort` or `module`."""
    words = {"classic": _("ordinary"), "besteffort": _("best effort"), "module": _("made for a module")}
    return words.get(mode, mode)


@register.filter
def database_status(status: str) -> str:
    """What is being done to a database."""
    words = {
        "creating": _("being made"), "deleting": _("being deleted"), "dumping": _("being backed up"),
        "restoring": _("being restored"), "updating": _("being changed"), "checking": _("being measured"),
        "importing": _("taking in a file"), "locked": _("locked by OVH"), "optimizing": _("being optimised"),
    }  # fmt: skip
    return words.get(status, status or "–")

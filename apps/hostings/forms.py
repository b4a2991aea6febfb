"""The forms of the room."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.operations.forms import ActionForm

# OVH's limit.
LONGEST_NAME = 50


class RenameForm(ActionForm):
    """`PUT /hosting/web/{serviceName}`."""

    displayName = forms.CharField(  # noqa: N815  # OVH's spelling
        label=_("Name"), required=False, max_length=LONGEST_NAME,
        help_text=_("What people call it, here and in OVH's Manager; empty for OVH's own name."),
    )  # fmt: skip


class RenewalForm(ActionForm):
    """`PUT …/serviceInfos`. What is not in the form stays as OVH has it."""

    also_sends: ClassVar = {"renew": ()}
    keeps: ClassVar = frozenset({"automatic", "period", "deleteAtExpiration"})

    automatic = forms.BooleanField(
        label=_("Renew it automatically"), required=False,
        help_text=_("OVH charges the account each time. Else the hosting ends, with all its sites, on its last day."),
    )  # fmt: skip
    period = forms.TypedChoiceField(label=_("For how long each time"), required=False, coerce=int, empty_value=None)
    deleteAtExpiration = forms.BooleanField(  # noqa: N815  # OVH's spelling
        label=_("Have OVH delete it on its last day"), required=False,
        help_text=_("All files, databases and backups are deleted then."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = _dict(self.service.raw_infos.get("renew"))
        periods = self.service.raw_infos.get("possibleRenewPeriod")
        months = [each for each in periods if isinstance(each, int)] if isinstance(periods, list) else []
        field = self.fields["period"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # for the type checker
        field.choices = [(each, ngettext("%(n)s month", "%(n)s months", each) % {"n": each}) for each in months]
        for name in self.fields.keys() & self.known.keys():
            self.initial.setdefault(name, self.known[name])

    def clean(self) -> dict[str, Any]:
        """What is renewed is not deleted; what OVH forces cannot be switched off."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("automatic") and cleaned.get("deleteAtExpiration"):
            self.add_error(
                "deleteAtExpiration", gettext("A hosting that is renewed cannot be deleted on its last day.")
            )
        if self.known.get("forced") and not cleaned.get("automatic"):
            self.add_error(
                "automatic", gettext("OVH does not let this hosting end: its renewal is part of a contract.")
            )
        return cleaned

    def params(self) -> dict[str, Any]:
        """OVH's `renew`, whole."""
        given = {name: self.cleaned_data[name] for name in ("automatic", "period", "deleteAtExpiration")}
        kept = {"forced": False, "manualPayment": None, **self.known}
        return {"renew": {**kept, **{name: value for name, value in given.items() if value is not None}}}


def _dict(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


class ButtonForm(ActionForm):
    """A call without parameters of one's own."""


class MeasureForm(ActionForm):
    """`POST …/request`: a button."""

    also_sends: ClassVar = {"action": ("CHECK_QUOTA",)}

    def params(self) -> dict[str, Any]:
        """Measure the space that is used."""
        return {"action": "CHECK_QUOTA"}


class FlushForm(ActionForm):
    """`POST …/request`: a button."""

    also_sends: ClassVar = {"action": ("FLUSH_CACHE",)}

    def params(self) -> dict[str, Any]:
        """Empty the caches before all its sites."""
        return {"action": "FLUSH_CACHE"}

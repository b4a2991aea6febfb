"""The forms of the room."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.backups import snapshots
from apps.operations.forms import ActionForm, ConfirmForm


class DumpCreateForm(ActionForm):
    """`POST …/database/{name}/dump`."""

    date = forms.ChoiceField(
        label=_("State of the data"),
        widget=forms.RadioSelect,
        initial="now",
        choices=[
            ("now", _("As it is now")),
            ("daily.1", _("As of last night")),
            ("weekly.1", _("As of last Sunday")),
        ],
    )
    # OVH would send one by default.
    sendEmail = forms.BooleanField(  # noqa: N815  # OVH's spelling
        label=_("OVH tells the account's contact by e-mail"), required=False, initial=False
    )


class DumpRestoreForm(ConfirmForm):
    """`POST …/database/{name}/dump/{id}/restore`, which takes no parameters. `dump_first` is the panel's own."""

    dump_first = forms.BooleanField(
        label=_("Take a backup of the present state first"), required=False, initial=True,
        help_text=_("The restore waits for it, and is given up if it fails."),
    )  # fmt: skip


class DateRestoreForm(DumpRestoreForm):
    """`POST …/database/{name}/restore`: one of the backups OVH makes by itself, without naming a dump."""

    date = forms.ChoiceField(
        label=_("State of the data"),
        widget=forms.RadioSelect,
        initial="daily.1",
        choices=[("daily.1", _("As of last night")), ("weekly.1", _("As of last Sunday"))],
    )
    sendEmail = forms.BooleanField(  # noqa: N815  # OVH's spelling
        label=_("OVH tells the account's contact by e-mail"), required=False, initial=False
    )
    field_order = ("date", "dump_first", "sendEmail", "confirm_name")


class DumpDeleteForm(ConfirmForm):
    """`DELETE …/dump/{id}`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """`database_name`: what the dump is of, for the operation's title."""
        self.database_name: str = kwargs.pop("database_name")
        super().__init__(*args, **kwargs)

    def params(self) -> dict[str, Any]:
        """Nothing for OVH; the database's name for people."""
        return {"databaseName": self.database_name}


class SnapshotRestoreForm(ConfirmForm):
    """`POST …/restoreSnapshot`: all files of the hosting. Offers only snapshots that can exist."""

    backup = forms.ChoiceField(label=_("State of the files"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["backup"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # for the type checker
        field.choices = [(each.key, each.words) for each in snapshots.of(self.service)]

    def clean(self) -> dict[str, Any]:
        """OVH refuses while the hosting is in maintenance or less than half of its space is free."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for check in snapshots.preflight(self.service):
            if not check.is_good:
                raise forms.ValidationError(gettext("OVH would refuse this: %(why)s") % {"why": check.words})
        return cleaned

"""The forms of the room."""

from django import forms
from django.utils.translation import gettext_lazy as _

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
    """`POST …/database/{name}/dump/{id}/restore`; takes no parameters, so nothing but the name is asked for."""

"""The forms of the room. Rules OVH would refuse for are said here, beside their field."""

import re
from datetime import UTC, datetime
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.operations.forms import ActionForm, ConfirmForm, FolderField
from apps.ui.passwords import PasswordField

# The whole login, OVH's limit.
LOGIN_LENGTH = 20
SSH_STATES = [
    ("sftponly", _("FTP and SFTP")),
    ("none", _("FTP only")),
    ("active", _("FTP, SFTP and SSH, if the offer has it")),
]
STATES = [("rw", _("On: may read and write")), ("off", _("Off: nobody gets in"))]


class EndField(forms.DateTimeField):
    """When an access ends, in the viewer's time zone; empty for never."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(label=_("Access until"), required=False, widget=widget, **kwargs)

    def validate(self, value: datetime | None) -> None:
        """Only what is still to come can be waited for."""
        super().validate(value)
        if value is not None and value <= timezone.now():
            raise forms.ValidationError(gettext("This has passed already; name a time to come."))


def end_help() -> str:
    """What the field does, and whose clock it goes by."""
    words = gettext("The panel switches the user off then. Empty for no end. In your time zone, %(zone)s.")
    return words % {"zone": timezone.get_current_timezone_name()}


class _Ending(ActionForm):
    """A form whose user may get an end: `access_ends`, the panel's own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["access_ends"].help_text = end_help()
        typed = self.initial.get("access_ends")
        if isinstance(typed, str):  # of an operation asked for again
            self.initial["access_ends"] = parse_datetime(typed)

    def params(self) -> dict[str, Any]:
        """With the end as text: parameters are kept as JSON."""
        given = super().params()
        ends: datetime | None = given["access_ends"]
        return {**given, "access_ends": ends.astimezone(UTC).isoformat() if ends else ""}


class UserCreateForm(_Ending):
    """`POST /hosting/web/{serviceName}/user`."""

    login = forms.CharField(
        label=_("Login"), max_length=LOGIN_LENGTH, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Letters, digits and _ only; it can never be changed."),
    )  # fmt: skip
    password = PasswordField(label=_("Password"))
    home = FolderField(
        label=_("Home folder"), max_length=255, initial="/",
        help_text=_("Where the user begins, and above which it sees nothing by FTP. / is the whole hosting."),
    )  # fmt: skip
    sshState = forms.ChoiceField(  # noqa: N815  # OVH's spelling
        label=_("May connect by"), choices=SSH_STATES, initial="sftponly", widget=forms.RadioSelect
    )
    access_ends = EndField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prefix_shown = f"{self.service.primary_login}-"
        self.fields["login"].widget.attrs["data-prefix"] = self.prefix_shown
        again = self.initial.get("login")
        if again:
            self.initial["login"] = str(again).removeprefix(self.prefix_shown)

    def clean_login(self) -> str:
        """With the hosting's login and a hyphen in front, as OVH wants it, whether typed or not."""
        suffix: str = self.cleaned_data["login"].strip().removeprefix(self.prefix_shown)
        if not re.fullmatch(r"[A-Za-z0-9_]+", suffix):
            raise forms.ValidationError(gettext("Only letters without accents, digits and _ are possible here."))
        login = self.prefix_shown + suffix
        if len(login) > LOGIN_LENGTH:
            msg = gettext("With %(prefix)s in front it is %(length)s characters long; OVH takes at most %(most)s.")
            given = {"prefix": self.prefix_shown, "length": len(login), "most": LOGIN_LENGTH}
            raise forms.ValidationError(msg % given)
        if self.service.ftpusers.filter(gone_at=None, login__iexact=login).exists():
            raise forms.ValidationError(gettext("There is already a user of this name."))
        return login


class UserEditForm(_Ending):
    """`PUT …/user/{login}`."""

    home = FolderField(
        label=_("Home folder"), max_length=255,
        help_text=_("Where the user begins, and above which it sees nothing by FTP. / is the whole hosting."),
    )  # fmt: skip
    sshState = forms.ChoiceField(  # noqa: N815  # OVH's spelling
        label=_("May connect by"), choices=SSH_STATES, widget=forms.RadioSelect
    )
    state = forms.ChoiceField(label=_("State"), choices=STATES, widget=forms.RadioSelect)
    access_ends = EndField()


class UserPasswordForm(ActionForm):
    """`POST …/user/{login}/changePassword`."""

    password = PasswordField(label=_("New password"))


class UserDisableForm(ActionForm):
    """`PUT …/user/{login}`: a button."""

    also_sends: ClassVar = {"state": ("off",)}

    def params(self) -> dict[str, Any]:
        """The one thing that changes."""
        return {"state": "off"}


class UserDeleteForm(ConfirmForm):
    """`DELETE …/user/{login}`."""


class AccessForm(forms.Form):
    """The end of an access, by itself: nothing is sent to OVH before it comes."""

    access_ends = EndField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["access_ends"].help_text = end_help()

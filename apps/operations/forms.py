"""What the forms of all actions share."""

import re
import uuid
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext as _

from apps.inventory import folders
from apps.inventory.models import Service
from apps.operations.models import Operation


class ActionForm(forms.Form):
    """A form of one action on one service. Its fields bear OVH's names; `key` makes a double click one operation."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    # Fields whose files are kept beside the operation; its parameters hold their names.
    attached: ClassVar[tuple[str, ...]] = ()
    # What `params` sends beside the fields, with the values it can have: {"action": ("CHECK_QUOTA",)}.
    also_sends: ClassVar[dict[str, tuple[str, ...]]] = {}
    # What is asked for on the form and not sent under its own name.
    keeps: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self, *args: Any, service: Service, target: dict[str, Any] | None = None, again: Operation | None = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        """`target`: the path parameters beside serviceName. `again`: a refused operation whose values are offered."""
        self.service, self.target, self.again = service, target or {}, again
        initial = {
            "key": uuid.uuid4().hex,
            **(again.params if again else {}),
            **(kwargs.pop("initial", None) or {}),
        }
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)

    def params(self) -> dict[str, Any]:
        """What goes to OVH, in its names; the form must be valid."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in NOT_SENT}
        return given | {name: given[name].name for name in self.attached if given.get(name)}

    def renew_key(self) -> None:
        """What is sent from now on is another asking."""
        if isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data["key"] = uuid.uuid4().hex

    @property
    def uploads(self) -> "list[UploadedFile[bytes]]":
        """The files to be kept beside the operation."""
        return [self.cleaned_data[name] for name in self.attached if self.cleaned_data.get(name)]

    @property
    def ovh_said(self) -> dict[str, str]:
        """OVH's words about the operation asked for again: {field or "": message}, at the field they name."""
        if self.again is None or not self.again.ovh_message:
            return {}
        named = [name for name in self.fields if re.search(rf"\b{re.escape(name)}\b", self.again.ovh_message)]
        return {named[0] if named else "": self.again.ovh_message}


class ConfirmForm(ActionForm):
    """A form that asks for the name of what is to be destroyed."""

    confirm_name = forms.CharField(required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """`expected_name`: what must be typed."""
        self.expected_name: str = kwargs.pop("expected_name")
        super().__init__(*args, **kwargs)
        self.fields["confirm_name"].label = _("Type %(name)s to confirm") % {"name": self.expected_name}
        self.fields["confirm_name"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    def clean_confirm_name(self) -> str:
        """The typed name must be the object's own."""
        typed: str = self.cleaned_data["confirm_name"].strip()
        if typed != self.expected_name:
            msg = _("This is not its name. Type %(name)s to confirm.") % {"name": self.expected_name}
            raise forms.ValidationError(msg)
        return typed


class FolderField(forms.CharField):
    """A folder of the hosting, seen from its home; gives it as OVH takes it. What is empty stays empty."""

    allowed = re.compile(r"[A-Za-z0-9_./-]*")

    def to_python(self, value: Any) -> str:
        """`./www`, or `/` for the home itself."""
        text = (super().to_python(value) or "").strip()
        return folders.sent(text) if text and self.allowed.fullmatch(text) else text

    def validate(self, value: str) -> None:
        """Letters, digits and `_ . / -`; never upwards."""
        super().validate(value)
        if not self.allowed.fullmatch(value):
            raise forms.ValidationError(_("Only letters without accents, digits and _ . / - are possible here."))
        if ".." in value:
            raise forms.ValidationError(_("The folder must lie inside the hosting; two dots are not possible."))


NOT_SENT = frozenset({"key", "confirm_name"})

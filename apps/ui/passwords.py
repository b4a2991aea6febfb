"""A password OVH takes: 8 to 30 letters and digits, with an upper- and a lower-case letter and a digit."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

SHORTEST, LONGEST = 8, 30


class PasswordField(forms.CharField):
    """A new password for something at OVH. Never shown again after an error; the page offers to make one."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "new-password", "data-password": "generate"}
        kwargs.setdefault("help_text", _("8 to 30 letters and digits, with upper case, lower case and a digit."))
        super().__init__(widget=forms.PasswordInput(attrs=attrs), strip=False, **kwargs)

    def validate(self, value: str) -> None:
        """Say which rule it breaks."""
        super().validate(value)
        if not SHORTEST <= len(value) <= LONGEST:
            msg = gettext("It must have %(least)s to %(most)s characters; this has %(length)s.")
            raise forms.ValidationError(msg % {"least": SHORTEST, "most": LONGEST, "length": len(value)})
        if not re.fullmatch(r"[A-Za-z0-9]+", value):
            raise forms.ValidationError(gettext("OVH takes only letters and digits here, without accents."))
        for pattern, words in (
            ("[a-z]", gettext("a lower-case letter")),
            ("[A-Z]", gettext("an upper-case letter")),
            ("[0-9]", gettext("a digit")),
        ):
            if not re.search(pattern, value):
                raise forms.ValidationError(gettext("It needs %(what)s.") % {"what": words})

"""Form fields of the panel's own."""

from typing import Any

from django import forms


class NameField(forms.CharField):
    """What somebody or something is called: one line of what can be seen.

    It comes into the subjects of mails, into logs and tables; a line break would begin another header or row there.
    """

    def to_python(self, value: Any) -> str:
        """White space is one space; what shows nothing, such as a mark that turns the direction around, is left out."""
        plain = " ".join((super().to_python(value) or "").split())
        return "".join(each for each in plain if each.isprintable())

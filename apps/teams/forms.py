"""The forms of the room."""

from django import forms
from django.conf import settings

from apps.teams.models import User


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person chooses for themselves."""

    language = forms.ChoiceField(choices=[("", ""), *settings.LANGUAGES], required=False)

    class Meta:
        model = User
        fields = ("language", "theme")

"""The forms of the room."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.teams import starting
from apps.teams.models import Team, User
from apps.ui.fields import NameField


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person chooses from any page."""

    language = forms.ChoiceField(choices=[("", ""), *settings.LANGUAGES], required=False)

    class Meta:
        model = User
        fields = ("language", "theme")


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # django-allauth's forms are untyped
    """django-allauth's, with the label of the name translated."""

    name = forms.CharField(label=_("Name"), required=False)


@cache
def zones() -> list[tuple[str, str]]:
    """Every time zone that is a place, as `Europe / Paris`."""
    places = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return [("UTC", "UTC"), *((name, name.replace("/", " / ").replace("_", " ")) for name in places)]


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """Who a person is, and how they want to see the panel."""

    name = NameField(label=_("Your name"), max_length=80)
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("As the browser")), *settings.LANGUAGES], required=False
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=lambda: [("", _("As the browser")), *zones()], required=False
    )
    theme = forms.ChoiceField(label=_("Look"), choices=User.Theme.choices)

    class Meta:
        model = User
        fields = ("name", "language", "time_zone", "theme")


class PasswordMixin(forms.Form):
    """A new password that must hold against Django's checks; typed once, as it can be shown."""

    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        strip=False,
        help_text=_("At least 10 characters. A few words are easier to keep than a riddle."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "data-password": ""}),
    )

    def person(self) -> User:
        """Who it will belong to, as far as it is known: it must not be like their name."""
        raise NotImplementedError

    def clean_password(self) -> str:
        """Django's checks."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self.person())
        return password


class SetupForm(PasswordMixin):
    """The first person of a new panel and their team. `code` only where the panel asks for one."""

    code = forms.CharField(
        label=_("Set-up code"),
        max_length=64,
        help_text=_("Whoever runs the panel's machine sees it with `manage.py setup_link`."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "mono"}),
    )
    team = NameField(
        label=_("Your team"), max_length=80, help_text=_("Such as your agency. Its address is made of it."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )  # fmt: skip
    name = NameField(label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    field_order = ("code", "team", "name", "email", "password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not starting.code():
            del self.fields["code"]

    def person(self) -> User:
        """The owner to be."""
        return User(email=self.cleaned_data.get("email", ""), name=self.cleaned_data.get("name", ""))

    def clean_code(self) -> str:
        """It must be the panel's."""
        typed: str = self.cleaned_data["code"]
        if not starting.is_code(typed):
            raise forms.ValidationError(gettext("This is not the set-up code of this panel."))
        return typed

    def clean_email(self) -> str:
        """Two cases are one mailbox."""
        return str(self.cleaned_data["email"]).lower()


class TeamForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a team is called."""

    name = NameField(label=_("Name of the team"), max_length=80)

    class Meta:
        model = Team
        fields = ("name",)

"""The three ways to connect an account, and the forms of one that is there. A secret is never shown again."""

from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.connections import health
from apps.connections.client import credentials_of
from apps.connections.models import Connection, ConnectionQuerySet
from apps.connections.services import NotTaken
from apps.ovhapi import endpoints
from apps.ovhapi.client import Credentials
from apps.ovhapi.errors import OvhError
from apps.sealing import box
from apps.ui.fields import NameField

# What OVH makes them of; anything else could not even be put into the header of a call.
PLAIN = RegexValidator(
    r"^[!-~]+\Z", gettext_lazy("This is not a key of OVH's: it has letters or signs OVH does not use.")
)


def _secret(label: Any, **more: Any) -> forms.CharField:
    """A field for a secret: empty again after an error, and of no interest to a password store."""
    attrs = {"autocomplete": "off", "spellcheck": "false", "data-1p-ignore": ""}
    widget = forms.PasswordInput(attrs=attrs)
    return forms.CharField(label=label, max_length=200, widget=widget, validators=[PLAIN], **more)


def _key(label: Any, **more: Any) -> forms.CharField:
    attrs = {"autocomplete": "off", "spellcheck": "false", "class": "mono"}
    return forms.CharField(label=label, max_length=128, widget=forms.TextInput(attrs=attrs), validators=[PLAIN], **more)


class CredentialForm(forms.Form):
    """What the forms with a credential share. `connection`: the one whose credential is renewed."""

    way: ClassVar[str]

    def __init__(self, *args: Any, connection: Connection | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connection = connection
        if connection is None:
            self.fields = {**_identity(), **self.fields}

    @property
    def endpoint(self) -> str:
        """Of the account that is there, else the chosen one."""
        return self.connection.endpoint if self.connection else str(self.cleaned_data["endpoint"])

    @property
    def name(self) -> str:
        """What the account is called."""
        return self.connection.name if self.connection else str(self.cleaned_data["name"])

    @property
    def credentials(self) -> Credentials:
        """What was typed, for the valid form."""
        secrets = {name: value for name, value in self.cleaned_data.items() if name not in ("name", "endpoint")}
        return Credentials(endpoint=self.endpoint, **secrets)

    def blame(self, error: OvhError | NotTaken) -> None:
        """Say what was wrong beside the field it belongs to."""
        field, sentence = (error.field, error.sentence) if isinstance(error, NotTaken) else health.why_refused(error)
        self.add_error(field if field in self.fields else None, sentence)


def _identity() -> dict[str, forms.Field]:
    """The fields of an account that is not there yet."""
    return {
        "name": NameField(
            label=_("Name"),
            max_length=80,
            help_text=_("What your team calls this account, such as the client or agency it belongs to."),
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        ),
        "endpoint": forms.ChoiceField(label=_("Endpoint"), choices=endpoints.choices()),
    }


class KeysForm(CredentialForm):
    """Application key, its secret, and a consumer key, as OVH's page for keys shows all three."""

    way = "keys"
    application_key = _key(gettext_lazy("Application key"))
    application_secret = _secret(gettext_lazy("Application secret"))
    consumer_key = _secret(gettext_lazy("Consumer key"))


class ApplicationField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for the checker only
    """An application, chosen by an account that uses it."""

    def label_from_instance(self, obj: Connection) -> str:
        """Its key, and whose it is."""
        return _("%(key)s, as for %(name)s") % {"key": obj.application_key, "name": obj.name}


class ConsentForm(CredentialForm):
    """An application's key and secret; its consumer key comes once the account's owner says yes at OVH.

    `known`: accounts whose application may be used again, so that an agency makes one application, not twenty.
    """

    way = "consent"
    application = ApplicationField(
        Connection.objects.none(), label=gettext_lazy("Application"), required=False,
        empty_label=gettext_lazy("Another one, below"),
    )  # fmt: skip
    application_key = _key(gettext_lazy("Application key"), required=False)
    application_secret = _secret(gettext_lazy("Application secret"), required=False)

    def __init__(self, *args: Any, known: ConnectionQuerySet | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._application: Credentials | None = None
        choices = known.filter(kind=Connection.Kind.KEYS) if known is not None else Connection.objects.none()
        if self.connection is not None:
            choices = choices.filter(endpoint=self.connection.endpoint)
        field = self.fields.pop("application")
        if isinstance(field, ApplicationField) and choices.exists():
            field.queryset = choices
            self.fields["application"] = field
            self.order_fields(["name", "endpoint", "application"])

    def clean(self) -> dict[str, Any]:
        """The application is a known one at that endpoint, or its key and secret are typed."""
        typed = super().clean() or self.cleaned_data
        chosen = typed.get("application")
        if chosen is not None:
            self._take(chosen, self.connection.endpoint if self.connection else typed.get("endpoint"))
            return typed
        for name in ("application_key", "application_secret"):
            if not typed.get(name):
                self.add_error(name, _("This field is needed."))
        return typed

    def _take(self, chosen: Connection, endpoint: str | None) -> None:
        """Open the chosen application, if it is one of that endpoint."""
        if chosen.endpoint != endpoint:
            self.add_error("application", _("This application belongs to another endpoint."))
            return
        try:
            self._application = replace(credentials_of(chosen), consumer_key="")
        except box.CannotOpen:
            self.add_error("application", _("Its secret can no longer be opened. Type it anew below."))

    @property
    def credentials(self) -> Credentials:
        """The application that was chosen or typed; no consumer key yet."""
        if self._application is not None:
            return self._application
        return Credentials(
            endpoint=self.endpoint,
            application_key=self.cleaned_data["application_key"],
            application_secret=self.cleaned_data["application_secret"],
        )


class ServiceAccountForm(CredentialForm):
    """An OAuth2 service account, whose rights are policies in OVH's IAM."""

    way = "oauth2"
    client_id = _key(gettext_lazy("Client id"))
    client_secret = _secret(gettext_lazy("Client secret"))


WAYS: dict[str, type[CredentialForm]] = {form.way: form for form in (KeysForm, ConsentForm, ServiceAccountForm)}


class SettingsForm(forms.Form):
    """What the team calls the account, and how many calls it may make."""

    name = NameField(label=gettext_lazy("Name"), max_length=80)
    rate_per_minute = forms.IntegerField(
        label=gettext_lazy("Calls a minute"),
        min_value=6,
        max_value=6000,
        help_text=gettext_lazy("OVH names no limit; 60 is what one of its developers advised. More may be refused."),
    )


class RemoveForm(forms.Form):
    """Asks for the account's name before it is removed."""

    confirm_name = forms.CharField(max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, connection: Connection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected_name = connection.name
        self.fields["confirm_name"].label = _("Type %(name)s to confirm") % {"name": self.expected_name}

    def clean_confirm_name(self) -> str:
        """The typed name must be the account's own."""
        typed: str = self.cleaned_data["confirm_name"].strip()
        if typed != self.expected_name:
            msg = _("This is not its name. Type %(name)s to confirm.") % {"name": self.expected_name}
            raise forms.ValidationError(msg)
        return typed

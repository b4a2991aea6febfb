"""The forms of the room."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.connections.models import Connection
from apps.members.services import NotDone, Place, place_of
from apps.teams.forms import PasswordMixin
from apps.teams.models import Membership, Role, User
from apps.ui.fields import NameField

WORDS = {
    Role.VIEWER: gettext_lazy("Viewer: sees everything, changes nothing"),
    Role.OPERATOR: gettext_lazy("Operator: creates and changes, destroys nothing"),
    Role.ADMIN: gettext_lazy("Admin: destroys and restores too, connects accounts, invites"),
    Role.OWNER: gettext_lazy("Owner: everything, and who else is an owner"),
}


class PlaceForm(forms.Form):
    """What a member may do, and where. Offers what `giver` has themselves."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), widget=forms.RadioSelect)
    scope = forms.ChoiceField(label=gettext_lazy("Sees"), widget=forms.RadioSelect, initial="all")
    accounts = forms.ModelMultipleChoiceField(
        Connection.objects.none(), label=gettext_lazy("Chosen accounts"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def __init__(self, *args: Any, giver: Membership, member: Membership | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = Role(giver.role).up_to
        self._choices("role", [(role.value, WORDS[role]) for role in offered])
        scopes = [("all", _("all accounts of the team, also future ones")), ("chosen", _("chosen accounts"))]
        self._choices("scope", scopes if giver.sees_all_accounts else scopes[1:])
        accounts = self.fields["accounts"]
        assert isinstance(accounts, forms.ModelMultipleChoiceField)  # noqa: S101  # for the checker
        accounts.queryset = Connection.objects.visible_to(giver)
        self.initial.setdefault("scope", "all" if giver.sees_all_accounts else "chosen")
        self.initial.setdefault("role", Role.OPERATOR.value)
        if member is not None:
            place = place_of(member)
            self.initial["role"] = place.role.value
            self.initial["scope"] = "all" if place.accounts is None else "chosen"
            self.initial["accounts"] = [account.pk for account in place.accounts or ()]

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # for the checker
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """Chosen accounts are at least one."""
        typed = super().clean() or self.cleaned_data
        if typed.get("scope") == "chosen" and not typed.get("accounts") and "accounts" not in self.errors:
            self.add_error("accounts", _("Choose at least one account."))
        return typed

    @property
    def place(self) -> Place:
        """What the valid form says."""
        is_all = self.cleaned_data["scope"] == "all"
        return Place(
            role=Role(self.cleaned_data["role"]), accounts=None if is_all else tuple(self.cleaned_data["accounts"])
        )

    def blame(self, error: NotDone) -> None:
        """Say what was wrong beside the field it belongs to."""
        self.add_error(error.field if error.field in self.fields else None, error.sentence)


class InviteForm(PlaceForm):
    """Whom to invite, and as what."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    field_order = ("email", "role", "scope", "accounts")


class JoinForm(PasswordMixin):
    """Who has no account in the panel yet."""

    name = NameField(
        label=gettext_lazy("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ("name", "password")

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def person(self) -> User:
        """The member to be."""
        return User(email=self.email, name=self.cleaned_data.get("name", ""))


class OtherMember(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for the checker only
    """A member, by name and address."""

    def label_from_instance(self, obj: Membership) -> str:
        """As people tell each other apart."""
        return f"{obj.user.name} ({obj.user.email})"


class TransferForm(forms.Form):
    """Whose the team becomes."""

    to = OtherMember(
        Membership.objects.none(), label=gettext_lazy("New owner"), empty_label=gettext_lazy("Choose a member")
    )

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Membership.objects.filter(team_id=member.team_id, user__is_active=True).exclude(pk=member.pk)
        field = self.fields["to"]
        assert isinstance(field, OtherMember)  # noqa: S101  # for the checker
        field.queryset = others.select_related("user").order_by("user__name")


class TeamForm(forms.Form):
    """The team's name, and what it demands."""

    name = NameField(label=gettext_lazy("Name of the team"), max_length=80)
    needs_second_factor = forms.BooleanField(
        label=gettext_lazy("Every member needs a second factor"), required=False,
        help_text=gettext_lazy("Who has none is led to set one up, before any page of the team."),
    )  # fmt: skip

    def __init__(self, *args: Any, has_second_factor: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_second_factor = has_second_factor

    def clean_needs_second_factor(self) -> bool:
        """Who demands it must have it: else they would lock themselves out."""
        wanted: bool = self.cleaned_data["needs_second_factor"]
        if wanted and not self.has_second_factor:
            raise forms.ValidationError(_("Set up a second factor for yourself first."))
        return wanted

"""The forms of the room. Rules OVH would refuse for are said here, beside their field."""

import re
import secrets
import string
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from apps.inventory import folders
from apps.inventory.models import Database, ModuleOffer
from apps.inventory.templatetags.ovh import module_branch, module_language
from apps.operations.forms import ActionForm, ConfirmForm, FolderField
from apps.ui.passwords import PasswordField
from apps.ui.templatetags.ui import idna

EXISTING, BY_HAND, OVHS = "existing", "by_hand", "ovh"
LOWEST_PORT, HIGHEST_PORT = 1024, 49151
MYSQL_PORT = 3306
# The password of a database that is there, as OVH checks it for a module.
SHORTEST, LONGEST = 8, 31
# The fields each way to a database needs; the others say nothing.
NEEDED = {EXISTING: {"existing", "password"}, BY_HAND: {"server", "port", "name", "user", "password"}, OVHS: set()}
TO_REACH_IT = {"required": _("OVH needs this to reach the database.")}
NOT_KEPT = {"required": _("Type the password of this database: the panel does not keep it.")}
HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


class SourceRadios(forms.RadioSelect):
    """Radio buttons of which some cannot be pressed: `refused`, by value."""

    refused: frozenset[str] = frozenset()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The button, disabled where it is refused."""
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.refused:
            option["attrs"]["disabled"] = True
        return option


class ModuleInstallForm(ActionForm):
    """`POST /hosting/web/{serviceName}/module`. Its database, `dependencies` at OVH, is given in fields of its own."""

    also_sends: ClassVar = {"dependencies": ()}
    keeps: ClassVar = frozenset({"server", "port", "name", "user", "password", "prefix"})
    # A browser would insist on fields that are not seen.
    use_required_attribute = False

    moduleId = forms.TypedChoiceField(label=_("Version"), coerce=int)  # noqa: N815  # OVH's spelling
    domain = forms.ChoiceField(label=_("Domain"), help_text=_("Where the site is to be seen."))
    path = FolderField(
        label=_("Folder"), max_length=255, required=False,
        help_text=_("It must be empty. Left out, it is the folder of the domain."),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language"))
    adminName = forms.CharField(  # noqa: N815  # OVH's spelling
        label=_("Login of the administrator"), max_length=255, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    adminPassword = PasswordField(label=_("Password of the administrator"))  # noqa: N815  # OVH's spelling
    source = forms.ChoiceField(label=_("Its database"), widget=SourceRadios)
    existing = forms.ChoiceField(label=_("Which one"))
    server = forms.CharField(label=_("Server"), max_length=255, error_messages=TO_REACH_IT)
    port = forms.IntegerField(label=_("Port"), initial=MYSQL_PORT, error_messages=TO_REACH_IT)
    name = forms.CharField(label=_("Name of the database"), max_length=64, error_messages=TO_REACH_IT)
    user = forms.CharField(label=_("User"), max_length=64, error_messages=TO_REACH_IT)
    password = forms.CharField(
        label=_("Password of the database"), strip=False, max_length=255, error_messages=NOT_KEPT,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    prefix = forms.CharField(  # type: ignore[assignment]  # the metaclass takes it out: a form's own is not hidden
        label=_("Table prefix"), required=False, max_length=20,
        help_text=_("Begins the name of each table, so that several sites fit into one database."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """`offers`: the versions of the module, the first choice first; `chosen`: the one that was clicked."""
        self.offers: Sequence[ModuleOffer] = kwargs.pop("offers")
        chosen: ModuleOffer = kwargs.pop("chosen")
        super().__init__(*args, **kwargs)
        self.databases = [
            each for each in self.service.databases.filter(gone_at=None, type="mysql") if _is_usable(each)
        ]
        self._choose("moduleId", [(each.ovh_id, _version(each)) for each in self.offers], first=chosen.ovh_id)
        self._choose("domain", self._domains())
        self.fields["domain"].required = bool(self._domains())
        spoken = {code for each in self.offers for code in each.languages}
        languages = sorted(((code, module_language(code)) for code in spoken), key=lambda pair: pair[1])
        mine = (get_language() or "en")[:2]
        self._choose("language", languages, first=mine if mine in spoken else None)
        self._choose("existing", [(each.name, f"{each.user or each.name} · {each.server}") for each in self.databases])
        self._choose_source()
        self.initial.setdefault("prefix", random_prefix())
        self.fields["adminName"].help_text = _name_help(chosen.admin_name_type)

    def _choose(self, name: str, choices: list[tuple[Any, Any]], *, first: Any = None) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # for the type checker
        field.choices = choices
        if choices:
            self.initial.setdefault(name, first if first is not None else choices[0][0])

    def _domains(self) -> list[tuple[str, str]]:
        """The domains a site can be seen under, each with its folder."""
        rows = self.service.attacheddomains.filter(gone_at=None).exclude(domain__startswith="*.")
        return [(row.domain, f"{idna(row.domain)} · {row.path or '/'}") for row in rows]

    def _choose_source(self) -> None:
        """Where its database comes from; what is not possible here says why."""
        reasons = {
            EXISTING: "" if self.databases else gettext("there is no MySQL database here that could be used"),
            OVHS: "" if self._has_place() else gettext("all databases of this hosting are in use"),
            BY_HAND: "",
        }
        words = {
            EXISTING: gettext("A database of this hosting"),
            OVHS: gettext("OVH makes a new one and mails its password to the account's contact"),
            BY_HAND: gettext("Another one, given by hand"),
        }
        said = gettext("%(what)s: %(which)s")
        choices = [
            (key, said % {"what": words[key], "which": reason} if reason else words[key])
            for key, reason in reasons.items()
        ]
        possible = [key for key, reason in reasons.items() if not reason]
        self._choose("source", choices, first=possible[0])
        widget = self.fields["source"].widget
        assert isinstance(widget, SourceRadios)  # noqa: S101  # for the type checker
        widget.refused = frozenset(reasons) - frozenset(possible)

    def _has_place(self) -> bool:
        """Whether a further database fits into the hosting, as far as OVH has said."""
        offered = self.service.choices.get("databaseCreationCapabilities") or []
        return not offered or any(isinstance(each, dict) and each.get("available") for each in offered)

    def clean_prefix(self) -> str:
        """What a table's name may begin with."""
        prefix: str = self.cleaned_data["prefix"].strip()
        if prefix and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", prefix):
            raise forms.ValidationError(gettext("Letters, digits and _ only, and a letter first."))
        return prefix

    def clean_source(self) -> str:
        """One that is possible here."""
        source: str = self.cleaned_data["source"]
        if source in getattr(self.fields["source"].widget, "refused", ()):
            raise forms.ValidationError(gettext("This is not possible here."))
        return source

    def clean(self) -> dict[str, Any]:
        """What hangs together: version and language, version and login, domain and folder, the database."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        offer = next((each for each in self.offers if each.ovh_id == cleaned.get("moduleId")), None)
        if offer is not None:
            self._clean_for(offer, cleaned)
        if "path" in cleaned:
            self._clean_place(cleaned)
        self._clean_database(cleaned)
        return cleaned

    def _clean_for(self, offer: ModuleOffer, cleaned: dict[str, Any]) -> None:
        language, name = cleaned.get("language"), cleaned.get("adminName")
        if language and language not in offer.languages:
            self.add_error("language", gettext("This version does not come in this language."))
        if not name:
            return
        if offer.admin_name_type == "email":
            try:
                validate_email(name)
            except ValidationError:
                self.add_error("adminName", gettext("This module wants an e-mail address here."))
        elif not re.fullmatch(r"[A-Za-z0-9_.-]+", name):
            self.add_error("adminName", gettext("Only letters without accents, digits and _ . - are possible here."))

    def _clean_place(self, cleaned: dict[str, Any]) -> None:
        """The folder of the domain unless another is named; never one in which a module is already."""
        if not cleaned["path"]:
            row = self.service.attacheddomains.filter(gone_at=None, domain=cleaned.get("domain") or "").first()
            cleaned["path"] = folders.sent(row.path if row else "www")
        here = folders.plain(cleaned["path"])
        taken = self.service.modules.filter(gone_at=None).values_list("path", flat=True)
        if any(folders.plain(path) == here for path in taken):
            words = gettext("A module is already installed in %(folder)s. Name another folder.")
            self.add_error("path", words % {"folder": cleaned["path"]})

    def _clean_database(self, cleaned: dict[str, Any]) -> None:
        """The database in OVH's fields, whatever it was chosen by; empty when OVH makes one."""
        source = cleaned.get("source")
        for name in set().union(*NEEDED.values()) - NEEDED.get(str(source), set()):
            self.errors.pop(name, None)
            cleaned[name] = cleaned.get(name, "")
        if source == EXISTING:
            self._fill_in(cleaned)
        elif source == BY_HAND:
            self._clean_given(cleaned)
        elif source == OVHS:
            cleaned.update(dict.fromkeys(("server", "name", "user", "password", "prefix"), ""), port=None)
        if source != EXISTING:
            cleaned["existing"] = ""

    def _fill_in(self, cleaned: dict[str, Any]) -> None:
        row = next((each for each in self.databases if each.name == cleaned.get("existing")), None)
        if row is None:
            return  # said beside the field
        name = row.user or row.name
        cleaned |= {"server": row.server, "port": row.port or MYSQL_PORT, "name": name, "user": name}
        if cleaned.get("password"):
            self._clean_known_password(cleaned["password"])

    def _clean_known_password(self, password: str) -> None:
        """The rule OVH has for the password of a database a module is to use."""
        if not SHORTEST <= len(password) <= LONGEST:
            msg = gettext("It must have %(least)s to %(most)s characters; this has %(length)s.")
            self.add_error("password", msg % {"least": SHORTEST, "most": LONGEST, "length": len(password)})
        elif not all(re.search(pattern, password) for pattern in ("[a-z]", "[A-Z]", "[0-9]")):
            words = gettext("OVH takes it only with upper case, lower case and a digit; set a new password first.")
            self.add_error("password", words)

    def _clean_given(self, cleaned: dict[str, Any]) -> None:
        port = cleaned.get("port")
        if port is not None and not LOWEST_PORT <= port <= HIGHEST_PORT:
            words = gettext("OVH takes ports from %(lowest)s to %(highest)s.")
            self.add_error("port", words % {"lowest": LOWEST_PORT, "highest": HIGHEST_PORT})
        server = cleaned.get("server")
        if server and not HOST.fullmatch(server):
            self.add_error("server", gettext("This is not the name of a server."))

    def params(self) -> dict[str, Any]:
        """With the module's name, for people."""
        given = super().params()
        offer = next(each for each in self.offers if each.ovh_id == given["moduleId"])
        return {**given, "module": str(offer)}


class ModuleDeleteForm(ConfirmForm):
    """`DELETE …/module/{id}`."""

    def params(self) -> dict[str, Any]:
        """Its folder, by which people call it; not sent."""
        return {**super().params(), "path": self.expected_name}


def random_prefix() -> str:
    """Such as `x7kqa_`."""
    rest = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _number in range(4))
    return f"{secrets.choice(string.ascii_lowercase)}{rest}_"


def _is_usable(database: Database) -> bool:
    return database.status in ("", "created") and database.state in ("", "ok")


def _version(offer: ModuleOffer) -> str:
    """Such as "6.8.2, stable, the latest"."""
    words = f"{offer.version}, {module_branch(offer.branch)}"
    return f"{words}, {gettext('the latest')}" if offer.latest else words


def _name_help(kind: str) -> str:
    if kind == "email":
        return gettext("This module takes an e-mail address.")
    return gettext("Letters, digits and _ . - ; better not just admin, which everybody tries first.")

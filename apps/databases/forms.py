"""The forms of the room. Rules OVH would refuse for are said here, beside their field."""

import re
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.operations.forms import ActionForm, ConfirmForm
from apps.ui.passwords import PasswordField
from apps.ui.templatetags.ui import megabytes

# The whole name of a database user, OVH's limit.
USER_LENGTH = 16
# What OVH imports, and how much of it the panel carries.
IMPORTED = (".sql", ".txt", ".gz")
LARGEST_FILE = 200 * 1024 * 1024
TYPES = ("mysql", "mariadb", "postgresql", "redis")
CAPABILITIES = {
    "sqlLocal": _("Included with the hosting"),
    "sqlPerso": _("Included, personal"),
    "sqlPro": _("Included, professional"),
    "extraSqlPerso": _("Extra database"),
    "privateDatabase": _("Private SQL server"),
    "local": _("On the hosting itself"),
}


class DatabaseCreateForm(ActionForm):
    """`POST /hosting/web/{serviceName}/database`. Choices are OVH's own for this hosting, as last read."""

    capabilitie = forms.ChoiceField(label=_("Which of your databases"), widget=forms.RadioSelect)
    type = forms.ChoiceField(label=_("Engine"))
    version = forms.ChoiceField(
        label=_("Version"), required=False, help_text=_("OVH's default is the best choice for a new site.")
    )
    user = forms.CharField(
        label=_("Name"),
        max_length=USER_LENGTH,
        help_text=_("Lower-case letters and digits. It names the database and its user, and can never be changed."),
    )
    password = PasswordField(label=_("Password"))
    quota = forms.TypedChoiceField(
        label=_("Size"), required=False, coerce=int, empty_value=None,
        choices=lambda: [("", "—"), *((mb, megabytes(mb)) for mb in (25, 100, 200, 256, 400, 512, 800, 1024))],
        help_text=_("Only for an extra database; the others come with their size."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = self.service.choices
        self.capabilities = offered.get("databaseCreationCapabilities") or []
        self._field("capabilitie", self._capabilities())
        types = [name for name in offered.get("databaseAvailableType") or TYPES if name in TYPES]
        first = self._engines_of(str(self.initial.get("capabilitie", "")))
        ordered = sorted(types, key=lambda name: first.index(name) if name in first else len(first))
        self._field("type", [(name, ENGINES.get(name, name)) for name in ordered])
        self._field("version", [("", gettext("OVH's default")), *self._versions()])
        self.fields["user"].widget.attrs["data-prefix"] = self.service.primary_login

    @property
    def has_none_left(self) -> bool:
        """Whether OVH has said that no further database fits into this hosting."""
        return bool(self.capabilities) and not self._capabilities()

    def _field(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # for the type checker
        field.choices = choices
        if choices and field.required and name not in self.initial:
            self.initial[name] = choices[0][0]

    def _capabilities(self) -> list[tuple[str, str]]:
        """What may still be created here; all kinds when OVH has not said yet."""
        left = [each for each in self.capabilities if isinstance(each, dict) and each.get("available")]
        if not left:
            return [] if self.capabilities else [(name, str(words)) for name, words in CAPABILITIES.items()]
        return [(each["type"], _capability_words(each)) for each in left if each.get("type")]

    def _engines_of(self, capability: str) -> list[str]:
        """What engines a kind of database comes with; none when OVH has not said."""
        rows = (each for each in self.capabilities if isinstance(each, dict) and each.get("type") == capability)
        engines = next(rows, {}).get("engines")
        return [str(name) for name in engines] if isinstance(engines, list) else []

    def _versions(self) -> list[tuple[str, str]]:
        """Every version of every engine, told apart by its engine's name: a select without scripts."""
        by_type = self.service.choices.get("databaseAvailableVersion") or {}
        pairs = []
        for engine, answer in by_type.items():
            for version in (answer or {}).get("list") or []:
                pairs.append((f"{engine} {version}", f"{ENGINES.get(engine, engine)} {version}"))  # noqa: PERF401
        return pairs

    def clean_user(self) -> str:
        """With the hosting's login in front, as OVH wants it, whether typed or not."""
        prefix = self.service.primary_login
        suffix: str = self.cleaned_data["user"].strip().removeprefix(prefix)
        if not re.fullmatch(r"[a-z0-9]+", suffix):
            raise forms.ValidationError(gettext("Only lower-case letters and digits, at least one."))
        user = prefix + suffix
        if len(user) > USER_LENGTH:
            msg = gettext("With %(prefix)s in front it is %(length)s characters long; OVH takes at most %(most)s.")
            raise forms.ValidationError(msg % {"prefix": prefix, "length": len(user), "most": USER_LENGTH})
        if self.service.databases.filter(gone_at=None, user=user).exists():
            raise forms.ValidationError(gettext("There is already a database of this name."))
        return user

    def clean(self) -> dict[str, Any]:
        """A version belongs to its engine; a size only to an extra database."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        engine, _blank, version = (cleaned.get("version") or "").rpartition(" ")
        if version and engine != cleaned.get("type"):
            self.add_error("version", gettext("This version is not one of the chosen engine."))
        cleaned["version"] = version
        engines = self._engines_of(cleaned.get("capabilitie") or "")
        if engines and cleaned.get("type") and cleaned["type"] not in engines:
            named = ", ".join(ENGINES.get(name, name) for name in engines)
            self.add_error("type", gettext("This kind of database comes only with %(engines)s.") % {"engines": named})
        if cleaned.get("quota") and cleaned.get("capabilitie") != "extraSqlPerso":
            self.add_error("quota", gettext("Only an extra database has a size to choose."))
        return cleaned


ENGINES = {
    "mysql": "MySQL",
    "mariadb": "MariaDB",
    "postgresql": "PostgreSQL",
    "redis": "Redis",
    "mongodb": "MongoDB",
}


def _capability_words(offered: dict[str, Any]) -> str:
    """Such as: Included, personal: 2 left, 200 MB."""
    words = str(CAPABILITIES.get(offered["type"], offered["type"]))
    quota = offered.get("quota") or {}
    size = _size(quota.get("value"), quota.get("unit"))
    left = gettext("%(count)s left") % {"count": offered.get("available")}
    said = gettext("%(what)s: %(which)s") % {"what": words, "which": left}
    return said + (f", {size}" if size else "")


def _size(value: Any, unit: Any) -> str:
    if not value:
        return ""
    return megabytes(value) if unit == "MB" and isinstance(value, int | float) else f"{value} {unit}"


class DatabaseDeleteForm(ConfirmForm):
    """`DELETE …/database/{name}`."""


class DatabasePasswordForm(ActionForm):
    """`POST …/database/{name}/changePassword`."""

    password = PasswordField(label=_("New password"))


class DatabaseMeasureForm(ActionForm):
    """`POST …/database/{name}/request`: a button for the one thing OVH can be asked for there."""

    also_sends: ClassVar = {"action": ("CHECK_QUOTA",)}

    def params(self) -> dict[str, Any]:
        """Measure its size."""
        return {"action": "CHECK_QUOTA"}


class DatabaseCopyForm(ActionForm):
    """`POST …/database/{name}/copy`: a button."""


class CopyDeleteForm(ActionForm):
    """`DELETE …/database/{name}/copy/{id}`: a button; what it came from is still there."""


class CopyRestoreForm(ConfirmForm):
    """`POST …/database/{name}/copyRestore`; `copyId` comes from the address."""

    also_sends: ClassVar = {"copyId": ()}

    flushDatabase = forms.BooleanField(  # noqa: N815  # OVH's spelling
        label=_("Empty the database first"), required=False, initial=True,
        help_text=_("Else tables that are only there stay beside those of the copy."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """`copy_id`: the copy that is put in."""
        self.copy_id: str = kwargs.pop("copy_id")
        super().__init__(*args, **kwargs)

    def params(self) -> dict[str, Any]:
        """With the copy's id."""
        return {**super().params(), "copyId": self.copy_id}


class DatabaseImportForm(ConfirmForm):
    """`POST …/database/{name}/import`; the file goes to `/me/document` first."""

    attached = ("file",)
    also_sends: ClassVar = {"documentId": ()}
    file = forms.FileField(
        label=_("File"), widget=forms.FileInput(attrs={"accept": ",".join(IMPORTED), "data-limit": LARGEST_FILE}),
        help_text=_("A dump as .sql, .txt or .gz, at most 200 MB."),
    )  # fmt: skip
    flushDatabase = forms.BooleanField(  # noqa: N815  # OVH's spelling
        label=_("Empty the database first"), required=False,
        help_text=_("Else the file is carried out on what is there: tables of the same names may be replaced."),
    )  # fmt: skip
    sendEmail = forms.BooleanField(  # noqa: N815  # OVH's spelling
        label=_("OVH tells the account's contact by e-mail"), required=False, initial=True,
        help_text=_("Only that e-mail says which lines failed."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["data-too-large"] = gettext("The file is larger than 200 MB.")

    def clean_file(self) -> "UploadedFile[bytes]":
        """Of a kind and size OVH takes."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if not (file.name or "").lower().endswith(IMPORTED):
            raise forms.ValidationError(gettext("OVH takes only files that end in .sql, .txt or .gz."))
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(gettext("The file is larger than 200 MB."))
        return file

"""The forms of the room. Rules OVH would refuse for are said here, beside their field."""

import re
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.domains import runtimes
from apps.operations.forms import ActionForm, ConfirmForm

# OVH's two-letter names; UK is theirs.
COUNTRIES = {
    "BE": _("Belgium"), "CA": _("Canada"), "CZ": _("Czechia"), "DE": _("Germany"), "ES": _("Spain"),
    "FI": _("Finland"), "FR": _("France"), "IE": _("Ireland"), "IT": _("Italy"), "LT": _("Lithuania"),
    "NL": _("Netherlands"), "PL": _("Poland"), "PT": _("Portugal"), "UK": _("United Kingdom"),
}  # fmt: skip
ON_OFF = [("none", _("Off")), ("active", _("On"))]
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
PATH = re.compile(r"[A-Za-z0-9_./-]*")
# With a certificate the whole name must fit into it.
LONGEST_WITH_SSL = 64


class _SettingsForm(ActionForm):
    """What `POST` and `PUT …/attachedDomain` share."""

    path = forms.CharField(
        label=_("Folder"), max_length=255, initial="www",
        help_text=_("Where its site lies on the hosting, seen from the home folder."),
    )  # fmt: skip
    ssl = forms.BooleanField(
        label=_("Certificate"), required=False, initial=True,
        help_text=_("OVH makes one once the domain points to the hosting; that can take hours."),
    )  # fmt: skip
    bypassDNSConfiguration = forms.BooleanField(  # noqa: N815  # OVH's spelling
        label=_("Leave the DNS zone alone"), required=False,
        help_text=_("Else OVH points the domain to this hosting, if its zone is in the same account."),
    )  # fmt: skip
    cdn = forms.ChoiceField(label=_("CDN"), choices=ON_OFF, initial="none", required=False)
    firewall = forms.ChoiceField(label=_("Firewall"), choices=ON_OFF, initial="none", required=False)
    ipLocation = forms.ChoiceField(  # noqa: N815  # OVH's spelling
        label=_("IP address of a country"), required=False,
        choices=[("", _("As the hosting")), *COUNTRIES.items()],
    )  # fmt: skip
    ownLog = forms.CharField(  # noqa: N815  # OVH's spelling
        label=_("Separate logs under"), required=False, max_length=253,
        help_text=_("A domain of this hosting that collects the logs of this one; empty for the common logs."),
    )  # fmt: skip
    runtimeId = forms.TypedChoiceField(  # noqa: N815  # OVH's spelling
        label=_("Runtime"), required=False, coerce=int, empty_value=None,
        help_text=_("What runs the site, where it is not PHP as the hosting has it."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = runtimes.of(self.service)
        field = self.fields["runtimeId"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # for the type checker
        field.choices = [("", gettext("As the hosting")), *((each.id, each.words) for each in found)]

    @property
    def own_domain(self) -> str:
        """The domain the settings are for."""
        return str(self.cleaned_data.get("domain") or self.target.get("domain") or "")

    def clean_path(self) -> str:
        """Letters, digits and `_ . / -`; never upwards."""
        return folder(self.cleaned_data["path"])

    def clean_ownLog(self) -> str:  # noqa: N802  # Django derives it from OVH's name
        """One of the hosting's own domains."""
        own_log: str = self.cleaned_data["ownLog"].strip().lower()
        mine = {self.own_domain, *self.service.attacheddomains.filter(gone_at=None).values_list("domain", flat=True)}
        if own_log and own_log not in mine:
            raise forms.ValidationError(gettext("This is not a domain of this hosting."))
        return own_log

    def clean(self) -> dict[str, Any]:
        """A certificate takes only so long a name; a CDN must be there to be switched on."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("ssl") and len(self.own_domain) > LONGEST_WITH_SSL:
            msg = gettext("With a certificate a name has at most %(most)s characters; this has %(length)s.")
            said = msg % {"most": LONGEST_WITH_SSL, "length": len(self.own_domain)}
            self.add_error("domain" if "domain" in self.fields else "ssl", said)
        if cleaned.get("cdn") == "active" and not self.service.has_cdn:
            self.add_error("cdn", gettext("This hosting has no CDN. Order it at OVH first."))
        return cleaned


def folder(typed: str) -> str:
    """A folder as OVH takes it. Raises ValidationError."""
    path = typed.strip()
    if not PATH.fullmatch(path):
        raise forms.ValidationError(gettext("Only letters without accents, digits and _ . / - are possible here."))
    if ".." in path:
        raise forms.ValidationError(gettext("The folder must lie inside the hosting; two dots are not possible."))
    return path


def ascii_name(typed: str) -> str:
    """A domain name as OVH writes it: lower case, international names in their ASCII form. Raises ValidationError."""
    name = typed.strip().rstrip(".").lower()
    try:
        domain = name.encode("ascii").decode() if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        raise forms.ValidationError(gettext("This is not a domain name.")) from None
    labels = domain.removeprefix("*.").split(".")
    if len(labels) < 2 or not all(LABEL.fullmatch(label) for label in labels):  # noqa: PLR2004  # a name and its ending
        raise forms.ValidationError(gettext("This is not a domain name; one looks like example.com."))
    return domain


class DomainAttachForm(_SettingsForm):
    """`POST /hosting/web/{serviceName}/attachedDomain`."""

    keeps: ClassVar = frozenset({"with_www"})

    domain = forms.CharField(
        label=_("Domain"), max_length=253, help_text=_("Such as example.com, www.example.com or *.example.com.")
    )
    with_www = forms.BooleanField(
        label=_("www beside it"), required=False, initial=True,
        help_text=_("Attaches www. and the name to the same folder, with the same settings."),
    )  # fmt: skip
    when_dns_is_right = forms.BooleanField(
        label=_("Attach it when its DNS is right"), required=False,
        help_text=_("The panel looks every minute and attaches it as soon as the records are there."),
    )  # fmt: skip

    def clean_domain(self) -> str:
        """As OVH writes it, and not attached here yet."""
        domain = ascii_name(self.cleaned_data["domain"])
        if self._is_attached(domain):
            raise forms.ValidationError(gettext("This domain is attached to this hosting already."))
        return domain

    def clean(self) -> dict[str, Any]:
        """The offer answers for only so many domains."""
        cleaned = super().clean()
        most = (self.service.choices.get("offerCapabilities") or {}).get("attachedDomains")
        used = self.service.attacheddomains.filter(gone_at=None).count()
        wanted = 1 + bool(self.twin)
        if isinstance(most, int) and used + wanted > most:
            said = ngettext(
                "This offer takes %(most)s domain and has %(used)s already. A larger offer takes more.",
                "This offer takes %(most)s domains and has %(used)s already. A larger offer takes more.",
                most,
            )
            raise forms.ValidationError(said % {"most": most, "used": used})
        return cleaned

    @property
    def twin(self) -> str:
        """The www. of the domain, if it is wanted and can be; else empty."""
        domain = self.own_domain
        is_bare = domain and not domain.startswith(("www.", "*."))
        twin = f"www.{domain}"
        return twin if is_bare and self.cleaned_data.get("with_www") and not self._is_attached(twin) else ""

    def _is_attached(self, domain: str) -> bool:
        return self.service.attacheddomains.filter(gone_at=None, domain=domain).exists()

    def params(self) -> dict[str, Any]:
        """Without `with_www`, which is another operation."""
        return {name: value for name, value in super().params().items() if name != "with_www"}


class DomainEditForm(_SettingsForm):
    """`PUT …/attachedDomain/{domain}`."""


class DomainButtonForm(ActionForm):
    """`POST …/attachedDomain/{domain}/restart` and `…/purgeCache`: buttons."""


class DomainDetachForm(ConfirmForm):
    """`DELETE …/attachedDomain/{domain}?bypassDNSConfiguration=`."""

    keeps: ClassVar = frozenset({"with_www"})

    bypassDNSConfiguration = forms.BooleanField(  # noqa: N815  # OVH's spelling
        label=_("Leave the DNS zone alone"), required=False, initial=True,
        help_text=_("Else OVH removes the domain's A and AAAA records, if its zone is in the same account."),
    )  # fmt: skip
    with_www = forms.BooleanField(label=_("Its www too"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """`twin`: the attached www of the domain, or empty."""
        self.twin: str = kwargs.pop("twin", "")
        super().__init__(*args, **kwargs)
        if not self.twin:
            del self.fields["with_www"]

    def params(self) -> dict[str, Any]:
        """Without `with_www`, which is another operation."""
        return {name: value for name, value in super().params().items() if name != "with_www"}

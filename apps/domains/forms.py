"""The forms of the room. Rules OVH would refuse for are said here, beside their field."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

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


class DomainAttachForm(ActionForm):
    """`POST /hosting/web/{serviceName}/attachedDomain`."""

    domain = forms.CharField(
        label=_("Domain"),
        max_length=253,
        help_text=_("Such as example.com, www.example.com or *.example.com."),
    )
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
    runtimeId = forms.IntegerField(  # noqa: N815  # OVH's spelling
        label=_("Runtime"),
        required=False,
        min_value=1,
        help_text=_("The number of a runtime of this hosting."),
    )

    def clean_domain(self) -> str:
        """As OVH writes it: lower case, international names in their ASCII form."""
        typed: str = self.cleaned_data["domain"].strip().rstrip(".").lower()
        try:
            domain = typed.encode("ascii").decode() if typed.isascii() else typed.encode("idna").decode()
        except UnicodeError:
            raise forms.ValidationError(gettext("This is not a domain name.")) from None
        labels = domain.removeprefix("*.").split(".")
        if len(labels) < 2 or not all(LABEL.fullmatch(label) for label in labels):  # noqa: PLR2004  # a name and its ending
            raise forms.ValidationError(gettext("This is not a domain name; one looks like example.com."))
        if self.service.attacheddomains.filter(gone_at=None, domain=domain).exists():
            raise forms.ValidationError(gettext("This domain is attached to this hosting already."))
        return domain

    def clean_path(self) -> str:
        """Letters, digits and `_ . / -`; never upwards."""
        path: str = self.cleaned_data["path"].strip()
        if not PATH.fullmatch(path):
            raise forms.ValidationError(gettext("Only letters without accents, digits and _ . / - are possible here."))
        if ".." in path:
            raise forms.ValidationError(gettext("The folder must lie inside the hosting; two dots are not possible."))
        return path

    def clean_ownLog(self) -> str:  # noqa: N802  # Django derives it from OVH's name
        """One of the hosting's own domains."""
        own_log: str = self.cleaned_data["ownLog"].strip().lower()
        mine = {
            self.cleaned_data.get("domain"),
            *self.service.attacheddomains.values_list("domain", flat=True),
        }
        if own_log and own_log not in mine:
            raise forms.ValidationError(gettext("This is not a domain of this hosting."))
        return own_log

    def clean(self) -> dict[str, Any]:
        """A certificate takes only so long a name; a CDN must be there to be switched on."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        domain = cleaned.get("domain", "")
        if cleaned.get("ssl") and len(domain) > LONGEST_WITH_SSL:
            msg = gettext("With a certificate a name has at most %(most)s characters; this has %(length)s.")
            self.add_error("domain", msg % {"most": LONGEST_WITH_SSL, "length": len(domain)})
        if cleaned.get("cdn") == "active" and not self.service.has_cdn:
            self.add_error("cdn", gettext("This hosting has no CDN. Order it at OVH first."))
        return cleaned


class DomainDetachForm(ConfirmForm):
    """`DELETE …/attachedDomain/{domain}?bypassDNSConfiguration=`."""

    bypassDNSConfiguration = forms.BooleanField(  # noqa: N815  # OVH's spelling
        label=_("Leave the DNS zone alone"), required=False, initial=True,
        help_text=_("Else OVH removes the domain's A and AAAA records, if its zone is in the same account."),
    )  # fmt: skip

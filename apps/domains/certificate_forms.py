"""The forms of certificates. One's own is read and checked here, before it leaves."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from cryptography import x509
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.domains import coverage, handshake, pem
from apps.inventory.models import Service
from apps.operations.forms import ActionForm, ConfirmForm

LARGEST = 64 * 1024
T = TypeVar("T")
HAS_ONE = _("The hosting has a certificate already. Regenerate it, or delete it first.")
HAS_NONE = _("The hosting has no certificate.")
NO_DOMAIN = _("No attached domain has SSL on. Switch it on for one of them first.")
NOT_ANEW = _("OVH does not make this certificate anew. Delete it, and order a free one or import yours.")


class CertificateOrderForm(ActionForm):
    """`POST …/ssl` with `{}`: a button."""

    def clean(self) -> dict[str, Any]:
        """There is none yet, and a domain to make it for."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.service.ssl_provider:
            raise forms.ValidationError(HAS_ONE)
        if not coverage.with_ssl(self.service):
            raise forms.ValidationError(NO_DOMAIN)
        return cleaned


class CertificateRegenerateForm(ActionForm):
    """`POST …/ssl/regenerate`: a button."""

    def clean(self) -> dict[str, Any]:
        """There is one that OVH makes anew, and a domain to make it for."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.service.ssl_provider:
            raise forms.ValidationError(HAS_NONE)
        if self.service.raw_ssl.get("regenerable") is False:
            raise forms.ValidationError(NOT_ANEW)
        if not coverage.with_ssl(self.service):
            raise forms.ValidationError(NO_DOMAIN)
        return cleaned

    def params(self) -> dict[str, Any]:
        """The domains that must be in it afterwards; OVH is not told, it takes all that point to the hosting."""
        return {"expected": coverage.expected(self.service)}


class CertificateDeleteForm(ConfirmForm):
    """`DELETE …/ssl`."""


class DomainCertificateForm(ActionForm):
    """`POST …/attachedDomain/{domain}/ssl` and `…/ssl/regenerate`: a button."""


class DomainCertificateDeleteForm(ConfirmForm):
    """`DELETE …/attachedDomain/{domain}/ssl`."""


class Unshown(forms.Textarea):
    """A field whose text is never sent back."""

    def format_value(self, value: Any) -> str | None:  # noqa: ARG002
        """Nothing."""
        return None


class _Either:
    """One of two fields for the same part: needed, but not both, which the form finds out."""

    def validate(self, value: Any) -> None:
        """Nothing of its own."""


class _Text(_Either, forms.CharField):
    pass


class _File(_Either, forms.FileField):
    pass


def _text(label: Any, help_text: Any = "", widget: type[forms.Textarea] = forms.Textarea) -> _Text:
    attrs = {"rows": 5, "class": "mono", "spellcheck": "false", "autocomplete": "off"}
    too_long = {"max_length": _("This is longer than 64 kB.")}
    return _Text(
        label=label, max_length=LARGEST, widget=widget(attrs=attrs), help_text=help_text,
        error_messages=too_long,
    )  # fmt: skip


def _file(label: Any) -> _File:
    widget = forms.FileInput(attrs={"accept": ".pem,.crt,.cer,.key,.txt,.ca-bundle"})
    return _File(label=label, allow_empty_file=True, widget=widget)


class CertificateImportForm(ActionForm):
    """`POST …/ssl` with certificate, key and chain. Each is pasted or given as a file, which wins.

    OVH calls the private key `key`, as this panel calls what makes a double click one operation: here it is
    `private_key`.
    """

    also_sends: ClassVar = {"certificate": (), "chain": (), "key": ()}
    keeps: ClassVar = frozenset(
        {"certificate_file", "chain_file", "private_key", "private_key_file", "confirm_uncovered"}
    )

    use_required_attribute = False

    certificate = _text(_("Certificate"), _("Begins with -----BEGIN CERTIFICATE-----."))
    certificate_file = _file(_("or the certificate as a file"))
    chain = _text(
        _("Chain"),
        _("The certificates of those who issued it, one below the other. It may follow the certificate too."),
    )
    chain_file = _file(_("or the chain as a file"))
    private_key = _text(
        _("Private key"),
        _("RSA or EC, without passphrase. It goes to OVH sealed, is erased here afterwards and never shown."),
        Unshown,
    )
    private_key_file = _file(_("or the key as a file"))
    confirm_uncovered = forms.BooleanField(label=_("Import it all the same"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own: pem.Own | None = None
        self.uncovered: list[str] = []
        if self.is_bound and self.files:
            self._take_files()

    def _take_files(self) -> None:
        """What is public of the files goes into the text fields, so that it is not lost when something is wrong."""
        given: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict, which cannot be written to
        for name in ("certificate", "chain"):
            file = self.files.get(f"{name}_file")
            if file is not None and (file.size or 0) <= LARGEST:
                text = _content(file)
                if "PRIVATE KEY" not in text and "-----BEGIN" in text:
                    given[name] = text
        self.data = given

    def clean(self) -> dict[str, Any]:
        """PEM; the key fits; the chain leads; valid now; and it covers what it should, or that was accepted."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.service.ssl_provider:
            raise forms.ValidationError(HAS_ONE)
        found = self._read("certificate", pem.read_certificates)
        key = self._read("private_key", pem.read_key)
        if found and not self.errors.get("certificate"):
            self._check("certificate", lambda: pem.check_leaf(found[0]))
        if found and key is not None:
            self._check("private_key", lambda: pem.check_fits(found[0], key))
        chain = self._chain(found) if found else None
        if found and chain and not self.errors:
            self.own = pem.own(found[0], chain)
            self._compare(self.own)
        return cleaned

    def _chain(self, found: list[x509.Certificate]) -> list[x509.Certificate] | None:
        """The chain in its order, from its own field or from what follows the certificate."""
        given: list[x509.Certificate] | None = found[1:]
        if self._given("chain") or not given:
            given = self._read("chain", pem.read_certificates)
        if not given:
            return None
        return self._check("chain", lambda: pem.in_order(found[0], given))

    def _compare(self, own: pem.Own) -> None:
        """Domains with SSL that it does not cover would show a warning to their visitors."""
        wanted = [each.domain for each in coverage.with_ssl(self.service)]
        self.uncovered = [name for name in wanted if not handshake.covers(own.names, name)]
        if self.uncovered and not self.cleaned_data.get("confirm_uncovered"):
            self.add_error("confirm_uncovered", gettext("Tick this if it is meant so; and give the key once more."))

    def _given(self, name: str) -> bool:
        return bool(self.cleaned_data.get(f"{name}_file") or self.cleaned_data.get(name))

    def _read(self, name: str, read: Callable[[str], T]) -> T | None:
        """What a field or its file holds; None, with the reason beside it, when it holds nothing usable."""
        if self.errors.get(name) or self.errors.get(f"{name}_file"):
            return None
        file, text = self.cleaned_data.get(f"{name}_file"), self.cleaned_data.get(name, "")
        if file and (file.size or 0) > LARGEST:
            self.add_error(f"{name}_file", gettext("The file is larger than 64 kB."))
            return None
        text = _content(file) if file else text
        if not text.strip():
            self.add_error(name, gettext("Paste it here, or choose its file."))
            return None
        return self._check(name, lambda: read(text))

    def _check(self, name: str, step: Callable[[], T]) -> T | None:
        try:
            return step()
        except pem.Wrong as wrong:
            self.add_error(name, str(wrong))
        return None

    def params(self) -> dict[str, Any]:
        """The three parts as OVH takes them, and for people what they are."""
        assert self.own is not None  # noqa: S101  # the form is valid
        file = self.cleaned_data.get("private_key_file")
        key = pem.key_block(_content(file) if file else self.cleaned_data["private_key"])
        own = self.own
        parts = {"certificate": own.certificate, "chain": own.chain, "key": key}
        return {**parts, "names": own.names, "until": own.ends_at.date().isoformat()}


def _content(file: "UploadedFile[bytes]") -> str:
    """A small file as text; what is no text becomes no PEM."""
    file.seek(0)
    content: bytes = file.read(LARGEST)
    return content.decode("ascii", "replace")


def is_possible(service: Service) -> bool:
    """Whether OVH makes the hosting's certificate anew."""
    return bool(service.ssl_provider) and service.raw_ssl.get("regenerable") is not False

"""A certificate of one's own is checked before it leaves; what is wrong stands beside its field."""

# ruff: noqa: ARG005  # each value is made of a good form and an authority, and few need both
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from apps.domains.certificate_forms import CertificateImportForm
from tests.domains.certificates import PLAIN, make
from tests.factories import AttachedDomainFactory, ServiceFactory


@pytest.fixture
def hosting(db):
    service = ServiceFactory()
    AttachedDomainFactory(service=service, domain="site.fr", ssl=True)
    return service


@pytest.fixture
def good(authority):
    own = authority.issue("site.fr", "www.site.fr")
    return {"certificate": own.pem, "private_key": own.key_pem, "chain": authority.between.pem}


def form_of(hosting, given, **files):
    data = QueryDict(mutable=True)
    data.update({"key": "k", **given})
    uploads = MultiValueDict({name: [SimpleUploadedFile(name, content)] for name, content in files.items()})
    return CertificateImportForm(data, uploads, service=hosting)


def test_a_good_one_gives_ovhs_parameters(hosting, good, authority):
    form = form_of(hosting, good)

    assert form.is_valid(), form.errors
    params = form.params()
    assert {name: params[name] for name in ("certificate", "chain", "key")} == {
        "certificate": good["certificate"], "chain": good["chain"], "key": good["private_key"],
    }  # fmt: skip
    assert params["names"] == ["site.fr", "www.site.fr"]


def test_files_win_over_what_was_pasted(hosting, good):
    files = {f"{name}_file": text.encode() for name, text in good.items()}

    form = form_of(hosting, dict.fromkeys(good, "rubbish"), **files)

    assert form.is_valid(), form.errors
    assert form.params()["key"] == good["private_key"]


def test_a_full_chain_in_the_first_field_is_enough(hosting, good):
    form = form_of(hosting, {**good, "certificate": good["certificate"] + good["chain"], "chain": ""})

    assert form.is_valid(), form.errors
    assert form.params()["certificate"] == good["certificate"]
    assert form.params()["chain"] == good["chain"]


def test_a_chain_in_the_wrong_order_is_put_right(hosting, good, authority):
    form = form_of(hosting, {**good, "chain": authority.root.pem + authority.between.pem})

    assert form.is_valid(), form.errors
    assert form.params()["chain"] == authority.between.pem + authority.root.pem


def test_what_stands_around_the_blocks_is_left_out(hosting, good):
    curve = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"

    form = form_of(hosting, {name: f"Bag Attributes\n{curve if name == 'private_key' else ''}{text}\nend"
                             for name, text in good.items()})  # fmt: skip

    assert form.is_valid(), form.errors
    assert form.params()["key"] == good["private_key"]


@pytest.mark.parametrize("bits", [2048, 3072])
def test_rsa_is_taken_too(bits, hosting, authority):
    own = authority.issue("site.fr", key=rsa.generate_private_key(65537, bits))

    form = form_of(hosting, {"certificate": own.pem, "private_key": own.key_pem, "chain": authority.between.pem})

    assert form.is_valid(), form.errors


def _encrypted(good, authority):
    key = authority.issue("site.fr").key
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"geheim")).decode()


def _old_encrypted(good, authority):
    key = authority.issue("site.fr").key
    form = PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"geheim")).decode()


WRONG = {
    "no certificate": ("certificate", lambda good, ca: "", "Paste it here"),
    "rubbish": ("certificate", lambda good, ca: "rubbish", "not a certificate in PEM format"),
    "a key for a certificate": ("certificate", lambda good, ca: good["private_key"], "not a certificate"),
    "damaged": ("certificate", lambda good, ca: good["certificate"].replace("MI", "XX"), "cannot be read"),
    "expired": ("certificate", lambda good, ca: ca.issue("site.fr", days=-1, begins=-9).pem, "expired on"),
    "not yet": ("certificate", lambda good, ca: ca.issue("site.fr", begins=3).pem, "valid only from"),
    "no names": ("certificate", lambda good, ca: ca.issue().pem, "names no domain"),
    "an authority": ("certificate", lambda good, ca: ca.between.pem, "certificate of an authority"),
    "too many": ("certificate", lambda good, ca: good["certificate"] * 11, "more certificates than a chain has"),
    "too long": ("certificate", lambda good, ca: "x" * 70000, "longer than 64 kB"),
    "no key": ("private_key", lambda good, ca: "", "Paste it here"),
    "no PEM key": ("private_key", lambda good, ca: "rubbish", "not a private key in PEM format"),
    "a certificate for a key": ("private_key", lambda good, ca: good["certificate"], "not a private key in PEM format"),
    "damaged key": ("private_key", lambda good, ca: good["private_key"].replace("MI", "XX"), "cannot be read"),
    "another key": ("private_key", lambda good, ca: ca.issue("site.fr").key_pem, "does not belong to the certificate"),
    "passphrase": ("private_key", _encrypted, "protected by a passphrase"),
    "old passphrase": ("private_key", _old_encrypted, "protected by a passphrase"),
    "a rare key": (
        "private_key", lambda good, ca: ed25519.Ed25519PrivateKey.generate().private_bytes(*PLAIN).decode(),
        "RSA or an EC key",
    ),
    "a short key": (
        "private_key",
        lambda good, ca: rsa.generate_private_key(65537, 1024).private_bytes(*PLAIN).decode(),  # noqa: S505
        "1024 bits",
    ),
    "no chain": ("chain", lambda good, ca: "", "Paste it here"),
    "rubbish chain": ("chain", lambda good, ca: "rubbish", "not a certificate in PEM format"),
    "another's chain": ("chain", lambda good, ca: make("Other", ca=True).pem, "that of its issuer, Test Between"),
    "only the root": ("chain", lambda good, ca: ca.root.pem, "that of its issuer, Test Between"),
    "one too many": ("chain", lambda good, ca: ca.chain + make("Other", ca=True).pem, "Other does not belong"),
    "same name, other key": (
        "chain", lambda good, ca: make("Test Between", by=ca.root, ca=True).pem, "that of its issuer, Test Between",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("field", "value", "sentence"), WRONG.values(), ids=WRONG)
def test_a_wrong_value_is_said_beside_its_field(field, value, sentence, hosting, good, authority):
    form = form_of(hosting, {**good, field: value(good, authority)})

    assert not form.is_valid()
    assert sentence in str(form.errors.get(field))


def test_an_issuer_that_may_not_issue_is_refused(hosting, authority):
    nobody = authority.issue("nobody.fr")
    own = make("site.fr", names=("site.fr",), by=nobody)

    form = form_of(hosting, {"certificate": own.pem, "private_key": own.key_pem, "chain": nobody.pem})

    assert "nobody.fr may not issue certificates" in str(form.errors["chain"])


def test_an_expired_issuer_is_refused(hosting, authority):
    old = make("Old", by=authority.root, ca=True, days=-1, begins=-9)
    own = make("site.fr", names=("site.fr",), by=old)

    form = form_of(hosting, {"certificate": own.pem, "private_key": own.key_pem, "chain": old.pem})

    assert "Old expired on" in str(form.errors["chain"])


def test_too_large_a_file_is_said_beside_it(hosting, good):
    form = form_of(hosting, good, certificate_file=b"x" * 70000)

    assert "larger than 64 kB" in str(form.errors["certificate_file"])


def test_a_file_that_is_no_text_is_no_certificate(hosting, good):
    form = form_of(hosting, good, certificate_file=b"\xff\x00\x30\x82")

    assert "not a certificate in PEM format" in str(form.errors["certificate"])


def test_a_domain_left_out_must_be_accepted(hosting, good):
    AttachedDomainFactory(service=hosting, domain="shop.site.fr", ssl=True)

    form = form_of(hosting, good)

    assert not form.is_valid()
    assert list(form.errors) == ["confirm_uncovered"]
    assert form.uncovered == ["shop.site.fr"]
    assert form_of(hosting, {**good, "confirm_uncovered": "on"}).is_valid()


def test_a_domain_whose_ssl_is_off_needs_no_certificate(hosting, good):
    AttachedDomainFactory(service=hosting, domain="plain.fr", ssl=False)

    assert form_of(hosting, good).is_valid()


def test_a_hosting_that_has_one_takes_no_second(hosting, good):
    hosting.ssl_provider = "LETSENCRYPT"

    form = form_of(hosting, good)

    assert "has a certificate already" in str(form.non_field_errors())


def test_the_key_is_never_shown_again_but_the_rest_is(hosting, good):
    files = {"chain_file": good["chain"].encode(), "private_key_file": good["private_key"].encode()}

    page = str(form_of(hosting, {**good, "chain": ""}, **files)) + str(form_of(hosting, good))

    secret = good["private_key"].splitlines()[1]
    assert secret not in page
    assert page.count(good["certificate"].splitlines()[1]) == 2
    assert page.count(good["chain"].splitlines()[1]) == 2


def test_a_key_in_the_wrong_file_is_not_shown_either(hosting, good):
    page = str(form_of(hosting, good, certificate_file=good["private_key"].encode()))

    assert good["private_key"].splitlines()[1] not in page

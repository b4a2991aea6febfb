"""A certificate of one's own, read and checked before it goes to OVH: what OVH would refuse, or browsers would.

Each `Wrong` is a sentence for the person who gave it, for one of the parts: certificate, key or chain.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.domains import handshake

BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
KEY = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.+?-----END \1-----", re.DOTALL)
SHORTEST_RSA = 2048
LONGEST_CHAIN = 10


class Wrong(Exception):
    """What is wrong, in a sentence."""


@dataclass(frozen=True, kw_only=True)
class Own:
    """A certificate of one's own that has passed. `certificate` and `chain` are PEM, the chain in its order."""

    certificate: str
    chain: str
    issuer: str
    names: list[str]
    ends_at: datetime


def read_certificates(text: str) -> list[x509.Certificate]:
    """The certificates in `text`, at least one. Raises Wrong."""
    blocks = BLOCK.findall(text)
    if not blocks:
        if "PRIVATE KEY" in text:
            raise Wrong(_("This is a private key, not a certificate."))
        raise Wrong(_("This is not a certificate in PEM format; one begins with -----BEGIN CERTIFICATE-----."))
    if len(blocks) > LONGEST_CHAIN:
        raise Wrong(_("These are more certificates than a chain has."))
    try:
        found = x509.load_pem_x509_certificates("\n".join(blocks).encode())
        for each in found:
            each.extensions  # noqa: B018  # read now: what cannot be read is said here
    except (ValueError, x509.DuplicateExtension, UnsupportedAlgorithm):
        raise Wrong(_("This certificate cannot be read: a part of it is missing or damaged.")) from None
    return found


def read_key(text: str) -> PrivateKeyTypes:
    """The private key in `text`: RSA or EC, not encrypted. Raises Wrong."""
    block = key_block(text)
    if not block:
        raise Wrong(_("This is not a private key in PEM format; one begins with -----BEGIN PRIVATE KEY-----."))
    try:
        key = load_pem_private_key(block.encode(), password=None)
    except TypeError:  # it wants a passphrase
        said = _("The key is protected by a passphrase. OVH takes it only without: decrypt a copy of it first.")
        raise Wrong(said) from None
    except (ValueError, UnsupportedAlgorithm):
        raise Wrong(_("This key cannot be read: a part of it is missing or damaged.")) from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise Wrong(_("The key must be an RSA or an EC key; browsers take no other."))
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < SHORTEST_RSA:
        raise Wrong(_("The key has %(bits)s bits; browsers take RSA keys from 2048 on.") % {"bits": key.key_size})
    return key


def key_block(text: str) -> str:
    """The first private key in `text`, without what stands around it; empty when there is none."""
    found = KEY.search(text)
    return f"{found[0]}\n" if found else ""


def check_leaf(leaf: x509.Certificate) -> None:
    """It is valid now, names domains, and is no authority's. Raises Wrong."""
    _check_dates(leaf)
    if _is_authority(leaf):
        raise Wrong(_("This is the certificate of an authority, not of a domain. It belongs into the chain."))
    if not _names(leaf):
        raise Wrong(_("It names no domain (no subject alternative name); browsers do not take such a certificate."))


def check_fits(leaf: x509.Certificate, key: PrivateKeyTypes) -> None:
    """The key is the certificate's. Raises Wrong."""
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    try:
        is_its_own = key.public_key().public_bytes(*form) == leaf.public_key().public_bytes(*form)
    except (ValueError, UnsupportedAlgorithm):
        is_its_own = False
    if not is_its_own:
        raise Wrong(_("This key does not belong to the certificate. Take the one its request was made with."))


def in_order(leaf: x509.Certificate, given: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """The chain from the issuer of `leaf` upwards, in whatever order it was given. Raises Wrong."""
    left = [each for each in given if each != leaf]
    chain: list[x509.Certificate] = []
    here = leaf
    while here.issuer != here.subject and (above := _issuer(here, left)) is not None:
        _check_authority(above)
        chain.append(above)
        left.remove(above)
        here = above
    if not chain:
        said = _("The chain does not lead on from the certificate: that of its issuer, %(issuer)s, is not in it.")
        raise Wrong(said % {"issuer": handshake.issuer_of(leaf)})
    if left:
        name = {"name": _subject(left[0])}
        raise Wrong(_("%(name)s does not belong to this chain: nothing in it was signed by that.") % name)
    return chain


def text_of(certificates: Iterable[x509.Certificate]) -> str:
    """As PEM."""
    return "".join(each.public_bytes(Encoding.PEM).decode() for each in certificates)


def own(leaf: x509.Certificate, chain: list[x509.Certificate]) -> Own:
    """What has been checked, as it is sent and shown."""
    return Own(
        certificate=text_of([leaf]), chain=text_of(chain), issuer=handshake.issuer_of(leaf), names=_names(leaf),
        ends_at=leaf.not_valid_after_utc,
    )  # fmt: skip


def _issuer(certificate: x509.Certificate, among: list[x509.Certificate]) -> x509.Certificate | None:
    """The one that has signed `certificate`."""
    for each in among:
        if each.subject == certificate.issuer:
            try:
                certificate.verify_directly_issued_by(each)
            except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
                continue
            return each
    return None


def _check_authority(certificate: x509.Certificate) -> None:
    if not _is_authority(certificate):
        raise Wrong(_("%(name)s may not issue certificates.") % {"name": _subject(certificate)})
    _check_dates(certificate)


def _check_dates(certificate: x509.Certificate) -> None:
    now = timezone.now()
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if ends < now:
        raise Wrong(_("%(name)s expired on %(day)s.") % {"name": _subject(certificate), "day": _day(ends)})
    if begins > now:
        raise Wrong(_("%(name)s is valid only from %(day)s on.") % {"name": _subject(certificate), "day": _day(begins)})


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return False


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        return handshake.names_of(certificate)
    except ValueError:
        return []


def _subject(certificate: x509.Certificate) -> str:
    """What to call it: its common name, else its first domain."""
    return handshake.subject_of(certificate) or next(iter(_names(certificate)), _("The certificate"))


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j F Y")

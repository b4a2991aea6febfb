"""What a TLS handshake with a domain shows: who issued its certificate, for which names, until when, and what is wrong.

A domain's name is not trusted: it is resolved first, and only a public address is connected to. Nothing is sent and
nothing read but the handshake.
"""

import socket
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID
from django.utils import timezone

from apps.domains import dns

PORT = 443
TIMEOUT_S = 5.0
MOST_NAMES = 100
LONGEST_WORDS = 200
# OpenSSL's X509_V_ERR_*: a certificate, or the end of its chain, that has signed itself.
SELF_SIGNED = (18, 19)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was seen. `error`: an id of `probes.PROBLEMS`, empty when browsers are content."""

    error: str = ""
    issuer: str = ""
    names: list[str] = field(default_factory=list)
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    address: str = ""
    records: dict[str, list[str]] = field(default_factory=dict)


class Nowhere(Exception):
    """There is no address to connect to; its text is the id of the reason."""


Finder = Callable[[str], dict[str, list[str]]]


def look(
    domain: str,
    *,
    port: int = PORT,
    find: Finder = dns.addresses_for,
    may_connect: "Callable[[str], bool] | None" = None,
    roots: str = "",
) -> Seen:
    """Shake hands with `domain`: twice, for a certificate that is not trusted must be shown too.

    At most 5 s for each handshake, and one try for each kind of address. `may_connect` and `roots` (PEM) are for tests.
    """
    try:
        records = find(domain)
    except dns.Unreachable:
        return Seen(error="dns")
    try:
        address, der = _first_answer(domain, _allowed(records, may_connect or is_public), port)
    except Nowhere as reason:
        return Seen(error=str(reason), records=records)
    try:
        certificate = x509.load_der_x509_certificate(der)
        shown = _shown(certificate)
    except (ValueError, x509.DuplicateExtension):
        return Seen(error="unreadable", address=address, records=records)
    error = _problem(certificate, domain, shown["names"], lambda: _verified(address, port, domain, roots))
    return Seen(error=error, address=address, records=records, **shown)


def is_public(address: str) -> bool:
    """Whether the address is one of the open internet: not private, loopback, link-local or one that wraps another."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and (ip.ipv4_mapped or ip.sixtofour or ip.teredo):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def covers(names: Iterable[str], domain: str) -> bool:
    """Whether a certificate for `names` is good for `domain`; `*.` stands for exactly one label."""
    wanted = domain.lower().rstrip(".")
    above = wanted.partition(".")[2]
    return any(name.lower() in (wanted, f"*.{above}") for name in names)


def names_of(certificate: x509.Certificate) -> list[str]:
    """The domains a certificate is for (subject alternative names). Raises ValueError when they cannot be read."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [_plain(name) for name in found.get_values_for_type(x509.DNSName)]


def issuer_of(certificate: x509.Certificate) -> str:
    """Who issued it, as people know them: "Let's Encrypt (R11)"."""
    organisation, name = (_part(certificate.issuer, oid) for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME))
    if organisation and name and organisation != name:
        return f"{organisation} ({name})"
    return organisation or name or _plain(certificate.issuer.rfc4514_string())


def subject_of(certificate: x509.Certificate) -> str:
    """Its common name; empty when it has none."""
    return _part(certificate.subject, NameOID.COMMON_NAME)


def _part(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    parts = name.get_attributes_for_oid(oid)
    return _plain(parts[0].value) if parts else ""


def _plain(value: str | bytes) -> str:
    """Text from a certificate, which anybody may have written: short, and without what a database refuses."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return "".join(each for each in text if each.isprintable())[:LONGEST_WORDS]


def _allowed(records: dict[str, list[str]], may_connect: Callable[[str], bool]) -> list[str]:
    """The first address of each kind that may be connected to. Raises Nowhere."""
    if not any(records.values()):
        msg = "no_address"
        raise Nowhere(msg)
    firsts = (next(filter(may_connect, values), "") for values in records.values())
    found = [each for each in firsts if each]
    if not found:
        msg = "private"
        raise Nowhere(msg)
    return found


def _first_answer(domain: str, addresses: list[str], port: int) -> tuple[str, bytes]:
    """(address, certificate) of the first address that answers. Raises Nowhere."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    reason = "no_answer"
    for address in addresses:
        try:
            return address, _shake(address, port, domain, context)
        except ssl.SSLError:
            reason = "no_tls"
        except (OSError, ValueError):  # ValueError: a name that cannot be asked for
            continue
    raise Nowhere(reason)


def _shake(address: str, port: int, domain: str, context: ssl.SSLContext) -> bytes:
    """The certificate shown for `domain` at an address that has been checked."""
    with (
        socket.create_connection((address, port), timeout=TIMEOUT_S) as plain,
        context.wrap_socket(plain, server_hostname=domain) as wrapped,
    ):
        return wrapped.getpeercert(binary_form=True) or b""


def _shown(certificate: x509.Certificate) -> dict[str, Any]:
    return {
        "issuer": issuer_of(certificate),
        "names": names_of(certificate)[:MOST_NAMES],
        "begins_at": certificate.not_valid_before_utc,
        "ends_at": certificate.not_valid_after_utc,
    }


def _problem(certificate: x509.Certificate, domain: str, names: list[str], verified: Callable[[], int]) -> str:
    """What browsers would object to, the plainest first."""
    now = timezone.now()
    if certificate.not_valid_after_utc < now:
        return "expired"
    if certificate.not_valid_before_utc > now:
        return "not_yet"
    if not covers(names, domain):
        return "name"
    code = verified()
    if not code:
        return ""
    is_own = certificate.issuer == certificate.subject and code in SELF_SIGNED
    return "self_signed" if is_own else "untrusted"


def _verified(address: str, port: int, domain: str, roots: str) -> int:
    """OpenSSL's objection to the chain in a second, checked handshake; 0 when it has none, or could not be asked."""
    context = ssl.create_default_context(cadata=roots or None)
    if not context.cert_store_stats()["x509_ca"]:
        return 0  # this machine knows no authority at all: it cannot tell
    try:
        _shake(address, port, domain, context)
    except ssl.SSLCertVerificationError as error:
        return error.verify_code or -1
    except (OSError, ValueError):
        return 0
    return 0

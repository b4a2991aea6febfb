"""Where a domain really points: asked of the DNS, not of OVH.

A domain from outside the account is attached only if its A record points to the hosting and a TXT record `ovhcontrol`
proves that it is ours, both before OVH looks; else OVH cancels without a word.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
from django.conf import settings

from apps.inventory.models import Service

# All questions about one domain together; a page waits for the answer.
LIFETIME_S = 2.5
PORT = 53


@dataclass(frozen=True)
class Record:
    """One record: as found, or as it is to be set. `is_right`: found and right."""

    type: str
    name: str
    value: str
    is_right: bool = False


@dataclass(frozen=True)
class Standing:
    """How a domain stands towards a hosting.

    `found`: the records that are there; `missing`: those to be set; `wrong`: addresses of elsewhere beside or instead.
    `error`: why the DNS could not be asked, else empty. `is_in_account`: OVH can write its records by itself.
    """

    domain: str
    is_in_account: bool
    found: list[Record] = field(default_factory=list)
    missing: list[Record] = field(default_factory=list)
    error: str = ""

    @property
    def is_right(self) -> bool:
        """Whether it can be attached as it is."""
        return not self.error and not self.missing

    @property
    def right(self) -> list[Record]:
        """What is there and as it must be."""
        return [record for record in self.found if record.is_right]

    @property
    def wrong(self) -> list[Record]:
        """Addresses that lead elsewhere."""
        return [record for record in self.found if record.type in ("A", "AAAA") and not record.is_right]


class Unreachable(Exception):
    """The DNS did not answer."""


def standing(service: Service, domain: str, *, token: str = "") -> Standing:
    """What the DNS says of `domain`, compared with what `service` needs. `token`: OVH's, for the TXT record."""
    is_in_account = in_account(service, domain)
    try:
        resolver = _resolver()
        found = _addresses(resolver, service, domain)
        proof = [] if is_in_account or not token else [_proof(resolver, domain, token)]
    except Unreachable as error:
        return Standing(domain, is_in_account, error=str(error) or "unreachable")
    missing = [*_missing(service, domain, found), *(record for record in proof if not record.is_right)]
    return Standing(domain, is_in_account, [*found, *(each for each in proof if each.is_right)], missing)


def addresses_for(domain: str) -> dict[str, list[str]]:
    """{A: […], AAAA: […]}: the addresses `domain` has. Raises Unreachable."""
    resolver = _resolver()
    return {kind: _ask(resolver, domain, kind) for kind in ("A", "AAAA")}


def in_account(service: Service, domain: str) -> bool:
    """Whether one of the account's own zones holds `domain`."""
    labels = domain.removeprefix("*.").split(".")
    above = [".".join(labels[start:]) for start in range(len(labels) - 1)]
    return service.connection.zones.filter(name__in=above).exists()


def addresses_of(service: Service, country: str = "") -> dict[str, list[str]]:
    """{A: […], AAAA: […]}: the addresses at which the hosting answers, those of a country among them."""
    rows = service.raw.get("countriesIp")
    countries = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    wanted = [row for row in countries if not country or row.get("country") == country]
    found = {
        "A": [service.hosting_ip, service.raw.get("clusterIp"), *(row.get("ip") for row in wanted)],
        "AAAA": [service.hosting_ipv6, service.raw.get("clusterIpv6"), *(row.get("ipv6") for row in wanted)],
    }
    return {kind: list(dict.fromkeys(str(each) for each in values if each)) for kind, values in found.items()}


def _addresses(resolver: Any, service: Service, domain: str) -> list[Record]:
    ours = addresses_of(service)
    name = f"hostpanel-check.{domain[2:]}" if domain.startswith("*.") else domain
    return [
        Record(kind, domain, value, is_right=_same(value, ours[kind]))
        for kind in ("A", "AAAA")
        for value in _ask(resolver, name, kind)
    ]


def _same(value: str, ours: Iterable[str]) -> bool:
    try:
        return ip_address(value) in {ip_address(each) for each in ours}
    except ValueError:
        return False


def _missing(service: Service, domain: str, found: list[Record]) -> list[Record]:
    """One A record there must be. An AAAA there need not be, but one that leads elsewhere is to be replaced."""
    ours = addresses_of(service)
    lacking = []
    for kind in ("A", "AAAA"):
        mine = [record for record in found if record.type == kind]
        is_wrong = any(not record.is_right for record in mine)
        if ours[kind] and (is_wrong or (kind == "A" and not mine)):
            lacking.append(Record(kind, domain, ours[kind][0]))
    return lacking


def _proof(resolver: Any, domain: str, token: str) -> Record:
    """The TXT record `ovhcontrol` beside the registered domain."""
    name = f"ovhcontrol.{_registered(resolver, domain)}"
    return Record("TXT", name, token, is_right=token in _ask(resolver, name, "TXT"))


def _registered(resolver: Any, domain: str) -> str:
    """The name the domain's zone begins at; its last two labels where the DNS knows none."""
    labels = domain.removeprefix("*.").split(".")
    for start in range(len(labels) - 1):
        name = ".".join(labels[start:])
        if _ask(resolver, name, "SOA"):
            return name
    return ".".join(labels[-2:])


def _ask(resolver: Any, name: str, kind: str) -> list[str]:
    """The values of a record; none where there is none. Raises Unreachable."""
    try:
        answer = resolver.resolve(name, kind, lifetime=LIFETIME_S, raise_on_no_answer=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.YXDOMAIN, dns.name.LabelTooLong, dns.name.EmptyLabel):
        return []
    except (dns.exception.DNSException, OSError) as error:
        raise Unreachable(type(error).__name__) from error
    if answer.rrset is None:
        return []
    if kind == "TXT":
        return [b"".join(row.strings).decode("utf-8", "replace") for row in answer.rrset]
    return [row.to_text() for row in answer.rrset if row.rdtype == dns.rdatatype.from_text(kind)]


def _resolver() -> Any:
    """The machine's own resolver, or the servers of HOSTPANEL_DNS (address or address:port)."""
    if not settings.DNS_SERVERS:
        try:
            return dns.resolver.Resolver()
        except dns.resolver.NoResolverConfiguration as error:
            msg = "NoResolverConfiguration"
            raise Unreachable(msg) from error
    resolver = dns.resolver.Resolver(configure=False)
    pairs = [_host_and_port(server) for server in settings.DNS_SERVERS]
    resolver.nameservers = [host for host, _port in pairs]
    resolver.nameserver_ports = dict(pairs)
    return resolver


def _host_and_port(server: str) -> tuple[str, int]:
    """`192.0.2.1`, `192.0.2.1:5353` or an IPv6 address, which has many colons."""
    host, colon, port = server.rpartition(":")
    return (host, int(port)) if colon and ":" not in host else (server, PORT)

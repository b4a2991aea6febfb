"""Whether attached domains point to their hosting, as OVH sees it (digStatus)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from apps.inventory import answers
from apps.inventory.models import Answer, AttachedDomain, Service
from apps.ovhapi.client import path_of

FRESH = timedelta(hours=6)
MOST = 20


@dataclass(frozen=True)
class Address:
    """One record of a domain. `is_here`: it leads to this hosting; `is_ovh`: to OVH at all."""

    value: str
    type: str
    is_here: bool
    is_ovh: bool


@dataclass(frozen=True)
class Pointing:
    """`attachedDomain.DigStatus`. `state`: right, wrong, none or unknown (not read, or OVH could not tell)."""

    state: str
    addresses: list[Address]
    recommended: list[tuple[str, str]]  # (type, address) to be set


def path(domain: str) -> str:
    """Below the service."""
    return path_of("/attachedDomain/{domain}/digStatus", domain=domain)


def of_all(service: Service, domains: Iterable[AttachedDomain]) -> dict[str, Pointing]:
    """How each domain points, as last read, by its name; asks for those not read lately."""
    names = [each.domain for each in domains if each.status == "created"][:MOST]
    found = answers.of_many(service, [path(name) for name in names], fresh_for=FRESH)
    return {name: _read(found[path(name)]) for name in names if path(name) in found}


def of_one(domain: AttachedDomain) -> tuple[Pointing, bool]:
    """How one domain points, and whether that has been read at all."""
    answer = answers.of(domain.service, path(domain.domain), fresh_for=timedelta(minutes=5))
    return _read(answer), answer.read_at is not None


def _read(answer: Answer) -> Pointing:
    data: dict[str, Any] = answer.data if isinstance(answer.data, dict) else {}
    records = data.get("records")
    rows = records.items() if isinstance(records, dict) else ()
    addresses = [_address(value, row) for value, row in rows if isinstance(row, dict)]
    return Pointing(_state(answer, addresses), addresses, _recommended(data.get("recommendedIps")))


def _address(value: str, row: dict[str, Any]) -> Address:
    return Address(str(value), str(row.get("type") or ""), bool(row.get("dnsConfigured")), bool(row.get("isOvhIp")))


def _state(answer: Answer, addresses: list[Address]) -> str:
    if not isinstance(answer.data, dict):
        return "unknown"
    leading = [each for each in addresses if each.type in ("A", "AAAA")]
    if not leading:
        return "none"
    return "right" if all(each.is_here for each in leading) else "wrong"


def _recommended(ips: Any) -> list[tuple[str, str]]:
    found: dict[str, Any] = ips if isinstance(ips, dict) else {}
    pairs = (("A", found.get("recommendedIpV4")), ("AAAA", found.get("recommendedIpV6")))
    return [(kind, str(value)) for kind, values in pairs if isinstance(values, list) for value in values]

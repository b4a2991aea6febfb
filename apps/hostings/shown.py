"""What the page of a hosting says of it, from what OVH last answered. OVH's objects are not trusted to have a shape."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from apps.inventory import answers, columns
from apps.inventory.models import Service

STATE_FRESH = timedelta(minutes=10)
# (what people call it, OVH's key, the command to type)
WAYS = (
    ("SFTP", "ssh", "sftp -P {port} {login}@{url}"),
    ("SSH", "ssh", "ssh -p {port} {login}@{url}"),
    ("FTP", "ftp", "ftp {url} {port}"),
)


@dataclass(frozen=True)
class Php:
    """One version of PHP. `tone`: good, warn or bad."""

    version: str
    words: str
    tone: str


@dataclass(frozen=True)
class Access:
    """One way to reach the files: its address, port, and the command to type."""

    name: str
    address: str
    port: str
    command: str


@dataclass(frozen=True)
class Block:
    """Something OVH has blocked: what, and whether a button can ask for its end."""

    words: str
    is_outwards: bool = False


def php_versions(service: Service) -> list[Php]:
    """The versions it can run, newest first."""
    words = {
        "SUPPORTED": (_("maintained"), "good"), "SECURITY_FIXES": (_("security fixes only"), ""),
        "END_OF_LIFE": (_("no longer maintained"), "bad"), "BETA": (_("beta"), "warn"),
    }  # fmt: skip
    found = []
    for row in _rows(service.raw.get("phpVersions")):
        state = str(row.get("support") or "")
        found.append(Php(str(row.get("version") or ""), *words.get(state, (state, ""))))
    return sorted(found, key=lambda php: _numbers(php.version), reverse=True)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]


def countries(service: Service) -> list[dict[str, str]]:
    """Its addresses by country: [{country, ip, ipv6}]."""
    rows = _rows(service.raw.get("countriesIp"))
    return [{name: str(row.get(name) or "") for name in ("country", "ip", "ipv6")} for row in rows]


def accesses(service: Service) -> list[Access]:
    """FTP, SFTP and SSH for its main login."""
    found = service.raw.get("serviceManagementAccess")
    known = found if isinstance(found, dict) else {}
    made = []
    for name, key, command in WAYS:
        row = known.get(key)
        if isinstance(row, dict) and row.get("url"):
            address, port = str(row["url"]), str(row.get("port") or "")
            words = command.format(port=port, login=service.primary_login, url=address)
            made.append(Access(name, address, port, words))
    return made


def traffic(service: Service) -> tuple[float | None, float | None]:
    """(used, allowed) in MB this month; None where the offer has no limit."""
    return columns.size_mb(service.raw.get("trafficQuotaUsed")), columns.size_mb(service.raw.get("trafficQuotaSize"))


def blocks(service: Service) -> tuple[list[Block], bool]:
    """What OVH has blocked (GET …/abuseState), and whether that has been read at all."""
    answer = answers.of(service, "/abuseState", fresh_for=STATE_FRESH)
    state = answer.data if isinstance(answer.data, dict) else {}
    words = {
        "accessState": _("OVH has blocked FTP and SSH."),
        "mailsoutState": _("OVH has stopped e-mails from its scripts."),
        "outState": _("OVH has blocked connections outwards, as after an attack."),
        "webState": _("OVH has blocked its sites."),
    }
    good = ("active", "ok", "", "None")
    found = [Block(words[name], name == "outState") for name in words if str(state.get(name) or "") not in good]
    return found, answer.read_at is not None


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []

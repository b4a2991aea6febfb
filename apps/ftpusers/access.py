"""How one connects as a user: address, port and the command to type."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from apps.inventory.models import FtpUser

HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
LOGIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
PORTS = {"ftp": 21, "ssh": 22}


@dataclass(frozen=True)
class Way:
    """One way in. `command` is empty where it could not be typed as it is."""

    name: str
    address: str
    port: int
    login: str
    command: str


def ways(user: FtpUser) -> list[Way]:
    """The ways open to `user`, the safest first; without those whose address OVH has not told."""
    keys = {"none": ("ftp",), "sftponly": ("sftp", "ftp"), "active": ("ssh", "sftp", "ftp")}
    found = [_way(user, key) for key in keys.get(user.ssh_state, ("ftp",))]
    return [way for way in found if way is not None]


def _way(user: FtpUser, key: str) -> Way | None:
    """SFTP goes through SSH's door."""
    told = _told(user, "ftp" if key == "ftp" else "ssh")
    address = str(told.get("url") or "")
    address = (urlsplit(address).hostname or "") if "://" in address else address.strip("/")
    if not HOST.fullmatch(address):
        return None
    port = told.get("port")
    number = port if isinstance(port, int) and 0 < port < 2**16 else PORTS["ftp" if key == "ftp" else "ssh"]
    login = str(told.get("user") or user.login)
    commands = {
        "ssh": f"ssh -p {number} {login}@{address}",
        "sftp": f"sftp -P {number} {login}@{address}",
        "ftp": f"ftp {address} {number}",
    }
    return Way(key.upper(), address, number, login, commands[key] if LOGIN.fullmatch(login) else "")


def _told(user: FtpUser, key: str) -> dict[str, Any]:
    """OVH's address for this user, else the hosting's."""
    for raw, name in ((user.raw, "serviceManagementCredentials"), (user.service.raw, "serviceManagementAccess")):
        whole = raw.get(name)
        part = whole.get(key) if isinstance(whole, dict) else None
        if isinstance(part, dict) and part.get("url"):
            return part
    return {}

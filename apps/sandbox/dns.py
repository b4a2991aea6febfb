"""The DNS of the simulated world, over UDP on the sandbox's own port: where its domains point.

Attached domains have their A and AAAA records; `World.records` says otherwise: {name: {type: [values]}}, {} for none.
"""

import socket
import socketserver
import struct
from ipaddress import ip_address
from typing import Any

from apps.sandbox.domains import FOREIGN
from apps.sandbox.state import Json, World

TYPES = {1: "A", 6: "SOA", 16: "TXT", 28: "AAAA"}
NO_ERROR, NO_SUCH_NAME = 0, 3
ANSWERED = 0x8580  # an answer, authoritative, recursion wanted and there


def zone_of(name: str) -> str:
    """The registered domain a name belongs to; all endings here have one label."""
    return ".".join(name.split(".")[-2:])


def records_of(world: World, name: str) -> Json | None:
    """{type: [values]} of a name; None when nothing of that name exists."""
    if name in world.records:
        return dict(world.records[name])
    for service in world.services.values():
        if name in service["domains"]:
            return _attached(service, name)
    known = [*world.records, *(domain for service in world.services.values() for domain in service["domains"])]
    return {} if any(domain == name or domain.endswith(f".{name}") for domain in known) else None


def _attached(service: Json, name: str) -> Json:
    if name in service["elsewhere"]:
        return {"A": [FOREIGN]}
    addresses = [service["ip"], *([FOREIGN] if name in service.get("stray", ()) else [])]
    return {"A": addresses, "AAAA": [service["ipv6"]]}


def answer(world: World, packet: bytes) -> bytes:
    """The answer to one question; an empty one to what is not a question."""
    if len(packet) < 17:  # header and the shortest question
        return b""
    name, end = _name(packet, 12)
    kind = TYPES.get(struct.unpack("!H", packet[end : end + 2])[0], "")
    with world.lock:
        records = records_of(world, name)
        is_zone = kind == "SOA" and name == zone_of(name) and records is not None
    values = ["sandbox."] if is_zone else (records or {}).get(kind, [])
    question = packet[12 : end + 4]
    rows = b"".join(_row(kind, value) for value in values)
    status = NO_ERROR if records is not None else NO_SUCH_NAME
    return packet[:2] + struct.pack("!HHHHH", ANSWERED | status, 1, len(values), 0, 0) + question + rows


def _name(packet: bytes, at: int) -> tuple[str, int]:
    """(the name that begins there, where it ends)."""
    labels = []
    while packet[at]:
        labels.append(packet[at + 1 : at + 1 + packet[at]].decode("ascii", "replace"))
        at += 1 + packet[at]
    return ".".join(labels).lower(), at + 1


def _row(kind: str, value: str) -> bytes:
    """One record of the name that was asked for, good for a second."""
    data = _data(kind, value)
    number = next(number for number, name in TYPES.items() if name == kind)
    return b"\xc0\x0c" + struct.pack("!HHIH", number, 1, 1, len(data)) + data


def _data(kind: str, value: str) -> bytes:
    if kind in ("A", "AAAA"):
        return ip_address(value).packed
    if kind == "TXT":
        text = value.encode()[:255]
        return bytes([len(text)]) + text
    return b"\x07sandbox\x00\x00" + struct.pack("!IIIII", 1, 3600, 600, 86400, 1)


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        packet, sock = self.request
        try:
            sock.sendto(answer(self.server.world, packet), self.client_address)  # type: ignore[attr-defined]  # set by serve
        except (IndexError, OSError, struct.error):
            return


def serve(world: World, host: str, port: int) -> socketserver.ThreadingUDPServer | None:
    """Answer on that port until `shutdown`; None when somebody else has it."""
    try:
        server: Any = socketserver.ThreadingUDPServer((host, port), _Handler)
    except OSError:
        return None
    server.daemon_threads, server.world = True, world
    server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return server  # type: ignore[no-any-return]

"""A server that answers what a test tells it to, byte by byte: for what no well-behaved server does."""

import json
import socket
import socketserver
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from email.parser import BytesParser
from typing import Any

Reply = Callable[[socket.socket], None]


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


def answer(status: int, body: Any = b"", **headers: str) -> Reply:
    """A whole answer; `body` is made JSON unless it is bytes. `Retry_After="3"` makes a Retry-After header."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"Content-Length": str(len(content)), "X-OVH-QUERYID": "EU.ext-1.scripted"}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return lambda conn: conn.sendall(f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + content)


def reset(conn: socket.socket) -> None:
    """Cut the connection hard."""
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    socket.close(conn.detach())  # at once: files made of the socket would keep it open


def breaking_off(reply: Reply) -> Reply:
    """End the connection after `reply`, whatever length it announced."""

    def replied(conn: socket.socket) -> None:
        reply(conn)
        socket.close(conn.detach())

    return replied


def silence(conn: socket.socket) -> None:
    """Never answer."""
    time.sleep(5)
    conn.close()


def drip(content: bytes) -> Reply:
    """Send `content` a byte at a time, for ever in the eyes of a read timeout."""

    def reply(conn: socket.socket) -> None:
        for number in range(len(content)):
            conn.sendall(content[number : number + 1])
            time.sleep(0.05)
        conn.close()

    return reply


class Scripted(socketserver.ThreadingTCPServer):
    """Answers each request with the next reply; `null` when there is none. Tells the time by itself."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.seen: list[Seen] = []
        self.replies: deque[Reply] = deque()
        self.clock_offset_s = 0
        self.clock_readings = 0
        self.clock_status = 200
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def will(self, *replies: Reply) -> None:
        """What the next requests are answered."""
        self.replies.extend(replies)

    def handle_error(self, *_args: Any) -> None:
        """Broken connections are what it is for."""


class _Conversation(socketserver.StreamRequestHandler):
    server: Scripted

    def handle(self) -> None:
        while (line := self.rfile.readline().decode().split()) and len(line) == 3:
            seen = self._request(line[0], line[1])
            if seen.target.endswith("/auth/time"):
                self.server.clock_readings += 1
                answer(self.server.clock_status, int(time.time()) + self.server.clock_offset_s)(self.connection)
                continue
            self.server.seen.append(seen)
            reply = self.server.replies.popleft() if self.server.replies else answer(200, None)
            reply(self.connection)

    def _request(self, method: str, target: str) -> Seen:
        head = b""
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            head += line
        headers = {name.lower(): value for name, value in BytesParser().parsebytes(head).items()}
        return Seen(method, target, headers, self.rfile.read(int(headers.get("content-length", "0"))))

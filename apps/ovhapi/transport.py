"""What carries the calls: bounded in time and size, and going nowhere but where it was sent.

A read timeout is not a deadline: a server that drips a byte a second would hold a worker for good. python-ovh
follows a redirect and hands consumer key and body to the other host. Both are closed here, for every session.
"""

import http.client
import io
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import requests
import urllib3.connection
import urllib3.connectionpool
from requests.adapters import HTTPAdapter
from urllib3.util import Timeout

CONNECT_S, READ_S = 5.0, 15.0
MOST_BYTES = 8 * 1024 * 1024
CHUNK = 64 * 1024
# Everything that can be raised between asking for a call and having its answer whole.
TROUBLE = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError)


class TooLarge(requests.RequestException):
    """The answer is larger than any answer of OVH's."""


@dataclass
class Flight:
    """One exchange. `ends`: on the monotonic clock. `has_left`: whether a byte of it may have gone out."""

    ends: float
    has_left: bool = False

    @property
    def seconds_left(self) -> float:
        """What remains; raises TimeoutError when nothing does."""
        left = self.ends - time.monotonic()
        if left <= 0:
            msg = "the whole answer was not there in time"
            raise TimeoutError(msg)
        return left


_flight: ContextVar[Flight] = ContextVar("flight")


@contextmanager
def in_flight(ends: float) -> Iterator[Flight]:
    """What is sent inside is over by `ends` and leaves its marks on the flight."""
    flight = Flight(ends)
    token = _flight.set(flight)
    try:
        yield flight
    finally:
        _flight.reset(token)


class _Watched(io.RawIOBase):
    """Bytes of a socket; each read gets only the time the flight has left, so dripping does not help."""

    def __init__(self, raw: io.RawIOBase, sock: Any, flight: Flight) -> None:
        self._raw, self._sock, self._of = raw, sock, flight

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(min(READ_S, self._of.seconds_left))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """Reads headers and body through `_Watched`."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        raw = self.fp.detach()
        self.fp = io.BufferedReader(_Watched(raw, sock, _flight.get()))


def _fulfil(future: "Future[socket.socket]", work: Callable[[], socket.socket]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001  # it is raised again where it is waited for
        future.set_exception(error)


def _hang_up(late: "Future[socket.socket]") -> None:
    """Nobody waits for that connection any more."""
    if late.exception() is None:
        late.result().close()


class _HTTPConnection(urllib3.connection.HTTPConnection):
    """Marks the flight once a byte of the request may have left: before that, nothing took effect."""

    response_class = _Response

    def _new_conn(self) -> socket.socket:
        """A connection in the time the flight has left: a name server that never answers cannot be interrupted."""
        connecting: Future[socket.socket] = Future()
        threading.Thread(target=_fulfil, args=(connecting, super()._new_conn), daemon=True).start()
        try:
            return connecting.result(min(2 * CONNECT_S, _flight.get().seconds_left))
        except TimeoutError:
            connecting.add_done_callback(_hang_up)
            raise

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        flight = _flight.get()
        if not flight.has_left:
            _ = flight.seconds_left  # a process that was suspended until now sends nothing any more
        flight.has_left = True
        super().send(data)


class _HTTPSConnection(_HTTPConnection, urllib3.connection.HTTPSConnection):
    pass


class _HTTPPool(urllib3.connectionpool.HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(urllib3.connectionpool.HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class BoundedAdapter(HTTPAdapter):
    """Reads each answer whole, within the flight's time and MOST_BYTES."""

    def __init__(self) -> None:
        super().__init__(max_retries=0)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}

    def send(  # noqa: PLR0917  # the signature of `requests`
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002, FBT001, FBT002
        timeout: Any = None,  # noqa: ARG002
        verify: Any = True,  # noqa: FBT002
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """One request; the times python-ovh asks for are replaced by ours."""
        if request.method != "GET":
            # On an idle connection the server has just dropped, a write would look as if it had been sent.
            self.close()
        limits: Any = Timeout(connect=CONNECT_S, read=READ_S)
        response = super().send(request, stream=True, timeout=limits, verify=verify, cert=cert, proxies=proxies)
        response._content = _whole(response)  # noqa: SLF001  # what `requests` itself fills when it reads
        return response


def _whole(response: requests.Response) -> bytes:
    """The body, unless it takes too long or grows too large."""
    body = bytearray()
    for chunk in response.iter_content(CHUNK):
        body += chunk
        if len(body) > MOST_BYTES:
            response.close()
            raise TooLarge
    return bytes(body)


def bound(session: requests.Session) -> None:
    """Put `session` under these limits; it follows no redirect and heeds no proxy or netrc of the machine."""
    session.mount("https://", BoundedAdapter())
    session.mount("http://", BoundedAdapter())
    session.trust_env = False
    session.get_redirect_target = _nowhere  # type: ignore[assignment, method-assign]


def _nowhere(_response: requests.Response) -> None:
    return None

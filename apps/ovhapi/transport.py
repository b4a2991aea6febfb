"""What carries the calls: bounded in time and size, and going nowhere but where it was sent.

A read timeout is not a deadline: a server that drips a byte a second would hold a worker for good. python-ovh follows
a redirect and hands the consumer key and the body to the other host. Both are closed here, once, for every session.
"""

import time
from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Timeout

CONNECT_S, READ_S = 5.0, 15.0
MOST_BYTES = 16 * 1024 * 1024
CHUNK = 64 * 1024


class TooLong(requests.exceptions.Timeout):
    """The whole answer was not there in time."""


class TooLarge(requests.exceptions.RequestException):
    """The answer is larger than any answer of OVH's."""


class BoundedAdapter(HTTPAdapter):
    """Reads each answer whole, within `deadline_s` and MOST_BYTES."""

    def __init__(self, deadline_s: float) -> None:
        self.deadline_s = deadline_s
        super().__init__(max_retries=0)

    def send(
        self, request: requests.PreparedRequest, stream: bool = False, timeout: Any = None,  # noqa: ARG002, FBT001, FBT002
        verify: Any = True, cert: Any = None, proxies: Mapping[str, str] | None = None,  # noqa: FBT002
    ) -> requests.Response:  # fmt: skip
        """One request; the time of python-ovh is replaced by ours."""
        ends = time.monotonic() + self.deadline_s
        limits = Timeout(connect=CONNECT_S, read=min(READ_S, self.deadline_s))
        response = super().send(
            request,
            stream=True,
            timeout=limits,
            verify=verify,
            cert=cert,
            proxies=proxies,  # type: ignore[arg-type]
        )
        response._content = _whole(response, ends)  # noqa: SLF001  # what `requests` itself fills when it reads
        return response


def _whole(response: requests.Response, ends: float) -> bytes:
    """The body, unless it takes too long or grows too large."""
    parts: list[bytes] = []
    size = 0
    try:
        # One byte read at a time arrives as it drips; `read1` gives what is there.
        while chunk := response.raw.read1(CHUNK, decode_content=True):
            parts.append(chunk)
            size += len(chunk)
            if size > MOST_BYTES:
                raise TooLarge
            if time.monotonic() > ends:
                raise TooLong
    except (OSError, requests.packages.urllib3.exceptions.HTTPError) as error:  # type: ignore[attr-defined]
        kind = TooLong if "timed out" in str(error) else requests.exceptions.ConnectionError
        raise kind(type(error).__name__) from None
    finally:
        response.close() if size > MOST_BYTES else response.raw.release_conn()
    return b"".join(parts)


def bound(session: requests.Session, *, deadline_s: float) -> None:
    """Put `session` under these limits; it follows no redirect and reads no proxy or netrc of the environment."""
    adapter = BoundedAdapter(deadline_s)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.max_redirects = 0
    session.trust_env = False
    session.resolve_redirects = _no_redirects  # type: ignore[method-assign]


def _no_redirects(*_args: Any, **_kwargs: Any) -> Any:
    return iter(())

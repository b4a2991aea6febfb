"""A file to the address OVH gave for it. Not a call of the API: unsigned, the address itself is the permission."""

import time
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import requests
from django.conf import settings

from apps.ovhapi.errors import NotNow
from apps.ovhapi.transport import TROUBLE, bound, in_flight

# Below the time limit of a worker's task.
DEADLINE_S = 38.0


class _Body:
    """The pieces of a file whose size is known beforehand; read no longer than the deadline."""

    def __init__(self, pieces: Iterable[bytes], size: int, ends: float) -> None:
        self._pieces, self._size, self._ends = pieces, size, ends

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            if time.monotonic() > self._ends:
                msg = "the file was not there in time"
                raise TimeoutError(msg)
            yield piece


def put(endpoint: str, url: str, pieces: Iterable[bytes], *, size: int) -> None:
    """PUT a file of `size` bytes to `url`, which OVH answered. Raises NotNow: nothing has come of it."""
    if urlsplit(url).scheme != "https" and endpoint not in settings.OVH_ENDPOINTS:
        msg = "OVH named an address for the file that is not encrypted."
        raise NotNow(msg, reason="overloaded")
    ends = time.monotonic() + DEADLINE_S
    session = requests.Session()
    bound(session)
    status, why = None, ""
    with in_flight(ends):
        try:
            status = session.put(url, data=_Body(pieces, size, ends)).status_code
        except TROUBLE as error:
            why = type(error).__name__
    if status is None or status >= 300:  # noqa: PLR2004
        msg = f"The file could not be brought to OVH ({status or why})."
        raise NotNow(msg, reason="upload", status=status)

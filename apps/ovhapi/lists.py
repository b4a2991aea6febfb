"""Whole objects of a list call, which by itself answers ids: as few calls as OVH allows, found out by trying.

Neither whole pages nor batches are guaranteed by OVH. Absence must be absence: what did not come whole raises.
"""

import time
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol
from urllib.parse import quote

from apps.ovhapi.answers import Answer
from apps.ovhapi.errors import Expired, Missing, NotNow, Refused

Row = dict[str, Any]
Query = Mapping[str, Any] | None

PAGE_SIZE = 100
MOST_PAGES = 1000
# Below that, single calls cost as little as finding out whether batches work.
BATCH_FROM = 3
BATCH_SIZE = 50
SEPARATOR = ","
# How long an endpoint that takes no batches is not asked again.
NO_BATCH_S = 3600.0

_no_batch_until: dict[str, float] = {}


class Caller(Protocol):
    """What is needed of a client."""

    @property
    def endpoint(self) -> str:
        """The name of the endpoint it calls."""

    def call(self, method: str, path: str, *, query: Query = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Make one call."""


def read(client: Caller, path: str, query: Query, *, only: Container[str] | None = None) -> list[Row]:
    """All objects of the list at `path`. What is gone (404) or expired (460) by its own GET is left out.

    `only`: of a list that comes as ids, no others are read.
    """
    first = _page(client, path, query, 1)
    if not isinstance(first.data, list):
        raise _broken(first)
    if all(isinstance(row, dict) for row in first.data):
        return _all_pages(client, path, query, first)
    if not all(is_id(each) for each in first.data):
        raise _broken(first)
    ids = [str(each) for each in first.data]
    return _by_ids(client, path, [each for each in ids if only is None or each in only])


def is_id(value: object) -> bool:
    """Whether OVH could mean an object by that: a name, or a number."""
    return (isinstance(value, str) and bool(value)) or (isinstance(value, int) and not isinstance(value, bool))


def _broken(answer: Answer) -> NotNow:
    msg = "The list changed or broke off while it was read."
    return NotNow(msg, reason="overloaded", query_id=answer.query_id)


def _page(client: Caller, path: str, query: Query, number: int) -> Answer:
    """One page of whole objects, or the plain list where OVH does not know the header."""
    headers = {
        "X-Pagination-Mode": "CachedObjectList-Pages",
        "X-Pagination-Number": str(number),
        "X-Pagination-Size": str(PAGE_SIZE),
    }
    try:
        return client.call("GET", path, query=query, headers=headers)
    except (Missing, Expired):
        raise
    except Refused:
        if number > 1:
            raise
    return client.call("GET", path, query=query)


def _all_pages(client: Caller, path: str, query: Query, first: Answer) -> list[Row]:
    """The rows of `first` and of the pages after it."""
    rows, total = list(first.data), _total(first)
    last, number = first, 1
    while (len(rows) < total) if total is not None else len(last.data) == PAGE_SIZE:
        number += 1
        last = _page(client, path, query, number)
        is_whole = isinstance(last.data, list) and all(isinstance(row, dict) for row in last.data)
        is_over = total is None and last.data == []
        if is_over:
            break
        if not is_whole or not last.data or _total(last) != total or number > MOST_PAGES:
            raise _broken(last)
        rows += last.data
    return rows


def _total(answer: Answer) -> int | None:
    """How many objects the list has in all, where OVH says so."""
    text = answer.headers.get("x-pagination-elements", "")
    return int(text) if text.isdigit() else None


def _by_ids(client: Caller, path: str, ids: Sequence[str]) -> list[Row]:
    """The object of each id: by batches where OVH takes them, else one GET each."""
    known: dict[str, Row] = {}
    if len(ids) >= BATCH_FROM:
        for some in _chunks([each for each in ids if SEPARATOR not in each]):
            known |= _batch(client, path, some)
    found = (known[each] if each in known else _find(client, path, each) for each in ids)
    return [row for row in found if row is not None]


def _chunks(ids: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while some := list(islice(rest, BATCH_SIZE)):
        yield some


def _batch(client: Caller, path: str, ids: list[str]) -> dict[str, Row]:
    """What one batch call answers, by id; what it does not answer is read by itself afterwards."""
    if time.monotonic() < _no_batch_until.get(client.endpoint, 0):
        return {}
    segment = SEPARATOR.join(quote(each, safe="") for each in ids)
    try:
        answer = client.call("GET", f"{path}/{segment}", headers={"X-Ovh-Batch": SEPARATOR})
    except Refused:
        answer = None
    except NotNow as error:
        if error.status is None or error.reason != "overloaded":
            raise
        answer = None  # what does not know batches may break on one
    rows = answer.data if answer is not None else None
    if not isinstance(rows, list) or len(rows) != len(ids):
        _no_batch_until[client.endpoint] = time.monotonic() + NO_BATCH_S
        return {}
    return {
        str(row.get("key", each)): row["value"]
        for each, row in zip(ids, rows, strict=True)
        if isinstance(row, dict) and isinstance(row.get("value"), dict)
    }


def _find(client: Caller, path: str, each: str) -> Row | None:
    """One object of a list; None when it is gone or expired meanwhile."""
    try:
        found = client.call("GET", f"{path}/{quote(each, safe='')}").data
    except (Missing, Expired):
        return None
    return found if isinstance(found, dict) else None

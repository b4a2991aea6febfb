"""What an answer of OVH means, sorted by what to do next. Pure: no network, the time is passed in."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from apps.ovhapi.errors import (
    Conflict,
    Expired,
    Lapsed,
    Missing,
    NotGranted,
    NotNow,
    OvhError,
    Refused,
    Unsure,
)

EXPIRED = 460
CREDENTIAL_CODES = frozenset({"INVALID_CREDENTIAL", "NOT_CREDENTIAL", "INVALID_KEY"})
CLOCK_CODES = frozenset({"INVALID_SIGNATURE", "QUERY_TIME_OUT"})
LONGEST_WAIT_S = 900.0
# Of a private key OVH says `key`; an application key opens nothing by itself.
SECRET_NAMES = re.compile(r"password|secret|consumerkey|^key$", re.IGNORECASE)
LONGEST_MESSAGE = 500
NOT_JSON = object()
SAYS_NO: dict[int, type[Refused]] = {
    HTTPStatus.NOT_FOUND: Missing,
    HTTPStatus.CONFLICT: Conflict,
    EXPIRED: Expired,
}


@dataclass(frozen=True)
class Answer:
    """What OVH answered. `data`: its JSON, None for nothing. `headers`: names in lower case."""

    data: Any
    query_id: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Received:
    """One HTTP answer, whole. `sent`: the JSON body of the request, to keep its secrets out of messages."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    content: bytes
    sent: Any = None

    @property
    def is_write(self) -> bool:
        """Whether the call could change something."""
        return self.method != "GET"


def read(received: Received, *, now: datetime) -> Answer:
    """The answer in `received`; raises the OvhError that says what to do."""
    headers = {name.lower(): value for name, value in received.headers.items()}
    query_id = headers.get("x-ovh-queryid", "")[:120]
    data = _json(received)
    if HTTPStatus.OK <= received.status < HTTPStatus.MULTIPLE_CHOICES and data is not NOT_JSON:
        return Answer(data, query_id, headers)
    raise _error(received, data if isinstance(data, dict) else {}, headers, now, is_api=data is not NOT_JSON)


def lost(*, is_write: bool, has_left: bool, why: str) -> OvhError:
    """The error for a call without an answer. Nothing took effect when not a byte of it left."""
    if not has_left:
        return NotNow(f"OVH could not be reached ({why}).", reason="unreachable")
    if is_write:
        return Unsure(f"The connection to OVH broke off ({why}).")
    return NotNow(f"OVH did not answer in time or broke off ({why}).", reason="overloaded")


def retry_after(value: str, *, now: datetime) -> float | None:
    """Seconds of a Retry-After header (seconds or a date) within 1 and 900; None when it says nothing."""
    seconds: float | None = None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _until(value, now)
    if seconds is None or seconds != seconds:  # noqa: PLR0124  # not a number
        return None
    return min(max(seconds, 1.0), LONGEST_WAIT_S)


def _until(value: str, now: datetime) -> float | None:
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()


def _json(received: Received) -> Any:
    """The body as JSON; NOT_JSON for an empty, broken or HTML one. Only 204 may be empty."""
    if received.status == HTTPStatus.NO_CONTENT:
        return None
    try:
        return _storable(json.loads(received.content, parse_constant=lambda _name: None))
    except (ValueError, RecursionError):
        return NOT_JSON


def _storable(value: Any) -> Any:
    """JSON without NUL, which PostgreSQL takes in no text."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, dict):
        return {name.replace("\0", ""): _storable(each) for name, each in value.items()}
    return value


def _error(
    received: Received, data: dict[str, Any], headers: Mapping[str, str], now: datetime, *, is_api: bool
) -> OvhError:
    """The error for an answer that is not the one hoped for."""
    details = data.get("details")
    known: dict[str, Any] = {
        "query_id": headers.get("x-ovh-queryid", "")[:120],
        "status": received.status,
        "code": str(data.get("errorCode") or data.get("class") or "")[:80],
        "details": _scrubbed(details, received.sent) if isinstance(details, dict) else {},
    }
    message = _message(received, data)
    seconds = retry_after(headers.get("retry-after", ""), now=now)
    if received.status == HTTPStatus.TOO_MANY_REQUESTS:
        return NotNow(message, reason="rate_limited", seconds=seconds, **known)
    if _is_broken(received.status) or (not is_api and received.status < HTTPStatus.BAD_REQUEST):
        return (
            Unsure(message, **known)
            if received.is_write
            else NotNow(message, reason="overloaded", seconds=seconds, **known)
        )
    if not is_api:
        # A 4xx page is not the API's: something in front of it turned the call away.
        return NotNow(message, reason="overloaded", seconds=seconds, **known)
    return _no(received, message, known)


def _is_broken(status: int) -> bool:
    """Whether this status leaves open what happened: a redirect, a timeout on the way, or their trouble."""
    is_success = HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
    return (
        (not is_success and status < HTTPStatus.BAD_REQUEST)
        or status in range(500, 1000)
        or status == HTTPStatus.REQUEST_TIMEOUT
    )


def _no(received: Received, message: str, known: dict[str, Any]) -> OvhError:
    """The error for a 4xx of the API itself: nothing took effect."""
    code, status = known["code"], received.status
    if code in CLOCK_CODES:
        return NotNow(message, reason="clock", **known)
    if code in CREDENTIAL_CODES or status == HTTPStatus.UNAUTHORIZED:
        return Lapsed(message, **known)
    if status == HTTPStatus.FORBIDDEN:
        return _forbidden(received, message, known)
    return SAYS_NO.get(status, Refused)(message, **known)


def _forbidden(received: Received, message: str, known: dict[str, Any]) -> OvhError:
    """A right is missing, where OVH says so; else it is a plain no."""
    if known["code"] == "NOT_GRANTED_CALL":
        return NotGranted(message, missing=[f"{received.method} {received.path}"], **known)
    actions = known["details"].get("unauthorizedActionsByIAM")
    if actions:
        names = actions if isinstance(actions, list) else str(actions).split(",")
        return NotGranted(message, missing=[str(name).strip() for name in names], **known)
    return Refused(message, **known)


def _message(received: Received, data: dict[str, Any]) -> str:
    """OVH's own words, without what was secret in the request; else what came instead."""
    words = data.get("message")
    if not isinstance(words, str) or not words:
        return f"OVH answered {received.status} without saying why."
    scrubbed: str = _scrubbed(words, received.sent)
    return scrubbed[:LONGEST_MESSAGE]


def _scrubbed(value: Any, sent: Any) -> Any:
    """`value` with the secrets of the request blotted out: some messages quote what they refuse."""
    if isinstance(value, dict):
        return {name: _scrubbed(each, sent) for name, each in value.items()}
    if not isinstance(value, str):
        return value
    for secret in sorted(_secrets_in(sent), key=len, reverse=True):
        value = value.replace(secret, "…")
    return value


def _secrets_in(sent: Any, name: str = "") -> set[str]:
    """What a body holds under the name of a secret, however deep; of a key each line too, as one may be quoted."""
    if isinstance(sent, dict):
        return {secret for key, each in sent.items() for secret in _secrets_in(each, str(key))}
    if isinstance(sent, list):
        return {secret for each in sent for secret in _secrets_in(each, name)}
    if isinstance(sent, str) and SECRET_NAMES.search(name):
        return {part for part in (sent, *sent.splitlines()) if part}
    return set()

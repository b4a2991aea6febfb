"""From what came back to what to do next. A write of which nobody can say whether it took effect is Unsure."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError, SSLError

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

OK, NO_CONTENT, MULTIPLE, BAD_REQUEST, FORBIDDEN, NOT_FOUND = 200, 204, 300, 400, 403, 404
TIMED_OUT, CONFLICT, TOO_MANY, SERVER, EXPIRED = 408, 409, 429, 500, 460
LAPSED = frozenset({"INVALID_CREDENTIAL", "NOT_CREDENTIAL", "INVALID_KEY"})
CLOCK = frozenset({"INVALID_SIGNATURE", "QUERY_TIME_OUT"})
MESSAGE_LENGTH = 500


class ClockDiffers(OvhError):
    """OVH refused the signature: read its clock again, then once more."""


def read(response: requests.Response, method: str) -> Any:
    """The JSON of an answer that is one; else raises."""
    status = response.status_code
    if status == NO_CONTENT:
        return None
    is_json, data = _json(response)
    if OK <= status < MULTIPLE:
        if not is_json and not _is_void(response, method):
            raise _doubtful("OVH's answer cannot be read.", method, response)
        return data
    raise _refusal(response, data if isinstance(data, dict) else {}, method)


def of_transport(error: requests.RequestException, method: str) -> OvhError:
    """The error for a request that got no answer."""
    if _nothing_was_sent(error):
        return NotNow("OVH cannot be reached.", reason="unreachable")
    if method == "GET":
        return NotNow("The connection to OVH broke off.", reason="overloaded")
    return Unsure("The connection to OVH broke off.")


def oauth_refused() -> Lapsed:
    """The service account gets no token."""
    return Lapsed("OVH no longer accepts this service account's client id and secret.", code="OAUTH2")


def no_key() -> Lapsed:
    """There is no consumer key to sign with."""
    return Lapsed("There is no consumer key.", code="NO_KEY")


def _json(response: requests.Response) -> tuple[bool, Any]:
    try:
        return True, response.json()
    except (ValueError, RecursionError):
        return False, None


def _is_void(response: requests.Response, method: str) -> bool:
    """An operation that answers nothing may answer an empty body; what answers a task never does.

    PUT is the method of OVH's void operations; an empty answer to anything else is a broken one.
    """
    return method == "PUT" and not response.content


def _refusal(response: requests.Response, data: dict[str, Any], method: str) -> OvhError:
    """The error for an answer that is not a success."""
    status = response.status_code
    code = str(data.get("errorCode") or data.get("class") or "")
    known = {"status": status, "code": code, "query_id": response.headers.get("X-OVH-QUERYID", "")}
    message = str(data.get("message") or "")[:MESSAGE_LENGTH]
    details = data.get("details") if isinstance(data.get("details"), dict) else {}
    if code in CLOCK:
        return ClockDiffers(message, **known)
    if code in LAPSED or status == 401:  # noqa: PLR2004  # OAuth2 tokens that are no longer good
        return Lapsed(message or "OVH no longer accepts the key.", **known)
    if status == FORBIDDEN:
        return NotGranted(message or "This call is not granted.", missing=_missing(details), **known)
    if status == TOO_MANY:
        return NotNow(
            message or "Too many requests.", reason="rate_limited", seconds=_retry_after(response), **known
        )
    if status >= SERVER or status == TIMED_OUT or status < BAD_REQUEST:
        return _doubtful(message or f"OVH answered {status}.", method, response)
    kinds = {NOT_FOUND: Missing, CONFLICT: Conflict, EXPIRED: Expired}
    return kinds.get(status, Refused)(message or f"OVH answered {status}.", details=details, **known)


def _doubtful(message: str, method: str, response: requests.Response) -> OvhError:
    """A read can be tried again; a write may have happened. A redirect is never followed and never was a success."""
    known = {"status": response.status_code, "query_id": response.headers.get("X-OVH-QUERYID", "")}
    if method == "GET":
        return NotNow(message, reason="overloaded", seconds=_retry_after(response), **known)
    return Unsure(message, **known)


def _missing(details: Any) -> list[str]:
    """The rights an IAM policy does not give, as OVH names them."""
    named = details.get("unauthorizedActionsByIAM") if isinstance(details, dict) else None
    if isinstance(named, str):
        return [name.strip() for name in named.split(",") if name.strip()]
    return [str(name) for name in named] if isinstance(named, list) else []


def _retry_after(response: requests.Response) -> float | None:
    """Seconds of a Retry-After header, a number or a date, within 1 s and 15 min; None when it says nothing."""
    text = response.headers.get("Retry-After", "")
    try:
        seconds = (
            float(text)
            if text.isdigit()
            else (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        )
    except (ValueError, TypeError):
        return None
    return min(max(seconds, 1.0), 900.0)


def _nothing_was_sent(error: requests.RequestException) -> bool:
    """Whether the connection was never there: name, port or TLS failed before a byte of the request left."""
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.SSLError):
        return True
    reason = error.args[0] if error.args else None
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    return isinstance(reason, NewConnectionError | ConnectTimeoutError | SSLError)

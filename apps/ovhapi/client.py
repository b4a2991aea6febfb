"""The door to OVH: every call of the panel goes through `Client.call`."""

import time
from collections.abc import Container, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, Final, Protocol, Self
from urllib.parse import quote, urlencode

import structlog

from apps.ovhapi import answers, counting, endpoints, lists, recording, rules, uploading
from apps.ovhapi.answers import Answer
from apps.ovhapi.errors import NotNow, OvhError
from apps.ovhapi.wire import Credentials, Wire, wire_for

__all__ = ["NO_BODY", "Answer", "Client", "ConsumerKeyRequest", "Credentials", "Lane", "path_of"]

log = structlog.get_logger(__name__)

# For calls that send no body at all: `{}` and nothing are two things to OVH.
NO_BODY: Final = object()
SLOW_DOWN_S = 30.0


class Lane(IntEnum):
    """Who goes first where calls are scarce."""

    PERSON = 0
    POLL = 1
    MIRROR = 2


# How long a call waits for its turn itself; a longer wait is its caller's to plan.
PATIENCE_S = {Lane.PERSON: 5.0, Lane.POLL: 5.0, Lane.MIRROR: 25.0}


class Bucket(Protocol):
    """What a client asks before each call; `bucket.Bucket` is the real one."""

    def take(self, lane: int) -> float:
        """Zero when the call may go, else the seconds to wait."""

    def slow_down(self, seconds: float) -> None:
        """OVH has asked for less."""


class Gate(Protocol):
    """Whoever keeps the health of the account: asked before each call, told how it ended."""

    def before(self) -> None:
        """Raise NotNow when the account is paused."""

    def after(self, error: OvhError | None) -> None:
        """`error`: how the call ended, None when well."""


@dataclass(frozen=True)
class ConsumerKeyRequest:
    """A consumer key that works once its owner has said yes at `validation_url`."""

    consumer_key: str = field(repr=False)
    validation_url: str = field(repr=False)


@dataclass(frozen=True)
class _Call:
    method: str
    path: str  # with its query string, as signed
    body: Any
    headers: Mapping[str, str]
    signed: bool


def path_of(template: str, **parameters: object) -> str:
    """`template` with each `{parameter}` as one percent-encoded segment.

    The signature covers the address as sent: what would be re-written on the way must not be there. Raises
    ValueError for a value that would name another path, KeyError for a parameter that is not given.
    """
    return template.format_map({name: _segment(value) for name, value in parameters.items()})


def _segment(value: object) -> str:
    text = str(value)
    if text in ("", ".", ".."):
        msg = f"{text!r} cannot be a part of a path"
        raise ValueError(msg)
    return quote(text, safe="")


def query_string(query: Mapping[str, Any] | None) -> str:
    """`query` as OVH reads it: None is left out, as its text would be a value; bool in lower case."""
    given = [(name, value) for name, value in (query or {}).items() if value is not None]
    return urlencode([(name, _plain(value)) for name, value in given], quote_via=quote, safe="")


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class Client:
    """Speaks to OVH for one account. Cheap to make; the connection behind it is kept for each thread.

    `deadline_s` bounds one call, waiting for its turn and a second try with a fresh clock included; `patience_s` how
    long it waits for its turn, which hangs on the lane otherwise.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        bucket: Bucket | None = None,
        gate: Gate | None = None,
        lane: Lane = Lane.PERSON,
        deadline_s: float = 30,
        patience_s: float | None = None,
    ) -> None:
        self._credentials = credentials
        self._bucket = bucket
        self._gate = gate
        self._lane = lane
        self._deadline_s = deadline_s
        self._patience_s = PATIENCE_S[lane] if patience_s is None else patience_s
        self._patient_until: float | None = None

    @property
    def endpoint(self) -> str:
        """The name of the endpoint it calls."""
        return self._credentials.endpoint

    def patient(self, seconds: float) -> Self:
        """The same, but its calls wait for their turns, `seconds` from now all together.

        For what takes several calls: without a wait between them, an account with one call to be had at a time would
        begin it again and again.
        """
        other = copy(self)
        other._patient_until = time.monotonic() + seconds  # noqa: SLF001  # of its own kind
        return other

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = NO_BODY,
        signed: bool = True,
        headers: Mapping[str, str] | None = None,
        ends: float | None = None,
    ) -> Answer:
        """Make one call. `path` begins below the endpoint and is encoded (`path_of`).

        `ends`: when it must be over, on the monotonic clock, for a caller whose right to make it ends then.
        Raises NotNow, Lapsed, NotGranted, Refused (Missing, Conflict, Expired) and, for writes only, Unsure.
        """
        text = query_string(query)
        whole = f"{path}?{text}" if text else path
        call = _Call(method.upper(), whole, None if body is NO_BODY else body, headers or {}, signed)
        ends = ends or time.monotonic() + self._deadline_s
        self._wait_for_turn(ends)
        if self._gate is not None:
            self._gate.before()
        try:
            answer = self._mended(call, ends)
        except OvhError as error:
            self._note(error)
            raise
        self._note(None)
        return answer

    def get(self, path: str, **query: Any) -> Any:
        """What a GET of `path` answers."""
        return self.call("GET", path, query=query).data

    def objects(
        self, path: str, *, query: Mapping[str, Any] | None = None, only: Container[str] | None = None
    ) -> list[dict[str, Any]]:
        """The whole objects of a list call, in as few calls as OVH allows.

        Asks for whole pages; where OVH answers ids all the same, batches or one GET each follow. What is gone by then
        (404) or expired (460) is left out. Raises NotNow when the list did not come whole. `only`: the ids that are
        wanted, where each costs a call.
        """
        return lists.read(self, path, query, only=only)

    def upload(self, url: str, pieces: Iterable[bytes], *, size: int) -> None:
        """Bring a file of `size` bytes to an address OVH gave for it. Raises NotNow."""
        uploading.put(self._credentials.endpoint, url, pieces, size=size)

    def ask_for_consumer_key(
        self, *, redirection: str, rules: Sequence[rules.Rule] = rules.PANEL
    ) -> ConsumerKeyRequest:
        """Ask for a consumer key with `rules` (POST /auth/credential); its owner says yes on OVH's page."""
        body = {"accessRules": [dict(rule) for rule in rules], "redirection": redirection}
        answer = self.call("POST", "/auth/credential", body=body, signed=False)
        known = answer.data if isinstance(answer.data, dict) else {}
        key, url = str(known.get("consumerKey") or ""), str(known.get("validationUrl") or "")
        if not key or not endpoints.is_of(self._credentials.endpoint, url):
            msg = "OVH answered without a page to say yes on."
            raise NotNow(msg, reason="overloaded", query_id=answer.query_id)
        return ConsumerKeyRequest(key, url)

    def _wait_for_turn(self, ends: float) -> None:
        """Take a call from the bucket; a short wait is waited here."""
        if self._bucket is None:
            return
        patient_until = min(ends, self._patient_until or time.monotonic() + self._patience_s)
        while (seconds := self._bucket.take(self._lane)) > 0:
            if time.monotonic() + seconds > patient_until:
                msg = "This account's calls are used up for the moment."
                raise NotNow(msg, reason="bucket", seconds=seconds)
            time.sleep(seconds)

    def _mended(self, call: _Call, ends: float) -> Answer:
        """Make the call; once more when only our clock or token had grown old."""
        wire = wire_for(self._credentials)
        mended: NotNow
        try:
            return self._once(wire, call, ends)
        except NotNow as error:
            mended = error
        if not wire.can_mend(mended):
            raise mended
        return self._once(wire, call, ends)

    def _once(self, wire: Wire, call: _Call, ends: float) -> Answer:
        """One exchange, logged: never a body, never a query."""
        started = time.monotonic()
        outcome, status, query_id = "answered", None, ""
        try:
            if call.signed:
                wire.prepare(ends)
            received = wire.exchange(
                call.method, call.path, call.body, headers=call.headers, signed=call.signed, ends=ends
            )
            recording.record(received, call.headers)
            status = received.status
            answer = answers.read(received, now=datetime.now(UTC))
            query_id = answer.query_id
        except OvhError as error:
            outcome, status, query_id = type(error).__name__, error.status, error.query_id
            raise
        else:
            return answer
        finally:
            took_s = time.monotonic() - started
            account = getattr(self._bucket, "key", "")
            counting.count(account, method=call.method, status=status, outcome=outcome, seconds=took_s)
            log.info(
                "ovh call",
                account=account,
                method=call.method,
                path=call.path.partition("?")[0],
                status=status,
                outcome=outcome,
                ms=round(took_s * 1000),
                query_id=query_id,
            )

    def _note(self, error: OvhError | None) -> None:
        """Tell the bucket and the account's health how the call ended."""
        if self._bucket is not None and isinstance(error, NotNow) and error.reason == "rate_limited":
            self._bucket.slow_down(error.seconds or SLOW_DOWN_S)
        if self._gate is not None:
            self._gate.after(error)

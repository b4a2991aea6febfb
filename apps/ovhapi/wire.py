"""python-ovh, kept to signing: one of it for each credential and thread, inside our limits."""

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import ovh
import requests
from oauthlib.oauth2 import BackendApplicationClient  # type: ignore[import-untyped]
from ovh.exceptions import APIError
from ovh.oauth2 import OAuth2, RefreshOAuth2Session

from apps.ovhapi import answers, endpoints
from apps.ovhapi.errors import Lapsed, NotNow, OvhError
from apps.ovhapi.transport import TROUBLE, bound, in_flight

# The difference to OVH's clock is read once for each wire: it must not grow old.
LIFE_S = 15 * 60
MOST_WIRES = 64
TOKEN_SPARE_S = 60
# A key that cannot be opened is tried again so soon: nothing is asked of OVH for it.
CLOSED_S = 60
NO_TOKEN = "OAUTH2_REFUSED"  # noqa: S105  # a code of ours: OVH gives none there


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What opens an account: application and consumer key, or an OAuth2 service account. Never printed."""

    endpoint: str
    application_key: str = ""
    application_secret: str = field(default="", repr=False)
    consumer_key: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    why_closed: str = ""  # its secrets could not be opened: no call can be made with it


class Wire(ovh.Client):  # type: ignore[misc]  # python-ovh is untyped
    """python-ovh's signing and nothing else of it.

    Its constructor is not called: it reads ovh.conf files and OVH_* of the environment, and a forgotten one
    would sign with somebody else's key.
    """

    def __init__(self, credentials: Credentials) -> None:
        self._endpoint = endpoints.base_url(credentials.endpoint)
        self._application_key = credentials.application_key or None
        self._application_secret = credentials.application_secret
        self._consumer_key = credentials.consumer_key
        self._why_closed = credentials.why_closed
        self._time_delta: int | None = None
        self._timeout = None  # the transport has its own
        self._session = requests.Session()
        bound(self._session)
        self._oauth2 = _service_account(credentials) if credentials.client_id else None
        self._made_at = time.monotonic()

    @property
    def is_old(self) -> bool:
        """Whether it should be made anew."""
        return time.monotonic() - self._made_at > LIFE_S

    def prepare(self, ends: float) -> None:
        """Have the clock or token that signing needs. Raises NotNow or Lapsed: the call has not left."""
        if self._why_closed:
            raise NotNow(self._why_closed, reason="sealed", seconds=CLOSED_S)
        if self._oauth2 is not None:
            self._oauth2.prepare(ends)
        elif not (self._application_secret and self._consumer_key):
            msg = "There is no consumer key."
            raise Lapsed(msg)
        elif self._time_delta is None:
            self._time_delta = self._read_clock(ends)

    def can_mend(self, error: NotNow) -> bool:
        """Whether trying once more with a fresh clock or token may help; forgets the stale one."""
        if error.reason == "clock":
            self._time_delta = None
            return True
        if error.status == 401 and self._oauth2 is not None and error.code != NO_TOKEN:  # noqa: PLR2004
            self._oauth2.forget()
            return True
        return False

    def exchange(
        self, method: str, path: str, body: Any, *, headers: Mapping[str, str], signed: bool, ends: float
    ) -> answers.Received:
        """Send one request and read its answer whole. Raises NotNow or Unsure where there is none."""
        response: requests.Response | None = None
        why = ""
        with in_flight(ends) as flight:
            try:
                response = self.raw_call(method, path, body, signed, dict(headers))
            except (*TROUBLE, APIError) as error:
                why = _name(error)
        # Raised out here so that the error holds no other one, and with it the request.
        if response is None:
            raise answers.lost(is_write=method != "GET", has_left=flight.has_left, why=why)
        return answers.Received(method, path, response.status_code, response.headers, response.content, body)

    def _read_clock(self, ends: float) -> int:
        """Seconds OVH's clock is ahead of ours (GET /auth/time). Raises NotNow: nobody may refuse that for good."""
        received = self.exchange("GET", "/auth/time", None, headers={}, signed=False, ends=ends)
        told, query_id = None, ""
        try:
            answer = answers.read(received, now=datetime.now(UTC))
            told, query_id = answer.data, answer.query_id
        except NotNow:
            raise
        except OvhError as error:
            query_id = error.query_id
        if not isinstance(told, int):
            msg = "OVH did not tell the time."
            raise NotNow(msg, reason="overloaded", query_id=query_id)
        return told - int(time.time())


class _ServiceAccount(OAuth2):  # type: ignore[misc]  # python-ovh is untyped
    """python-ovh's OAuth2, its token fetched within our limits: by itself it waits without end."""

    _token: Any = None
    _session: Any = None

    def prepare(self, ends: float) -> None:
        """Have a token that lasts for the next call. Raises Lapsed where OVH refuses it, else NotNow."""
        if self._token and self._token.get("expires_at", 0) - time.time() > TOKEN_SPARE_S:
            return
        seen: list[int] = []
        session = self._new_session(seen)
        token, why = None, ""
        with in_flight(ends):
            try:
                token = session.fetch_token(
                    token_url=self.token_url, client_id=self.client_id, client_secret=self.client_secret
                )
            except (*TROUBLE, APIError) as error:
                why = _name(error)
        if token is None:
            raise _no_token(seen[-1] if seen else None, why)
        self._token, self._session = token, session

    def forget(self) -> None:
        """Fetch a new token for the next call."""
        self._token = self._session = None

    def _new_session(self, seen: list[int]) -> RefreshOAuth2Session:
        session = RefreshOAuth2Session(
            token_url=self.token_url,
            client=BackendApplicationClient(client_id=self.client_id, scope=["all"]),
            token_updater=self.token_updater,
            auto_refresh_kwargs={"client_id": self.client_id, "client_secret": self.client_secret},
        )
        bound(session)

        def note(response: requests.Response) -> requests.Response:
            seen.append(response.status_code)
            return response

        session.register_compliance_hook("access_token_response", note)
        return session


def _service_account(credentials: Credentials) -> _ServiceAccount:
    return _ServiceAccount(credentials.client_id, credentials.client_secret, endpoints.token_url(credentials.endpoint))


def _no_token(status: int | None, why: str) -> OvhError:
    """What it means that OVH gave no token."""
    if status is None:
        return NotNow(f"OVH's sign-in could not be reached ({why}).", reason="unreachable")
    if status == 429:  # noqa: PLR2004
        return NotNow("OVH's sign-in asks us to slow down.", reason="rate_limited", status=status)
    if status in (400, 401, 403):
        return Lapsed("OVH refused the service account.", status=status, code=NO_TOKEN)
    return NotNow("OVH's sign-in is in trouble.", reason="overloaded", status=status)


def _name(error: BaseException) -> str:
    """The kind of the innermost error: the outer ones are called ConnectionError, whatever happened."""
    inner = error.args[0] if error.args else None
    reason = getattr(inner, "reason", inner)
    found = reason if isinstance(reason, BaseException) else error
    return type(found).__name__


_local = threading.local()


def wire_for(credentials: Credentials) -> Wire:
    """The wire of this thread for `credentials`, made anew every 15 minutes and after a fork."""
    if getattr(_local, "pid", None) != os.getpid():
        _local.pid, _local.wires = os.getpid(), {}
    wires: dict[Credentials, Wire] = _local.wires
    wire = wires.pop(credentials, None)
    if wire is None or wire.is_old:
        wire = Wire(credentials)
    wires[credentials] = wire  # the last used is last
    if len(wires) > MOST_WIRES:
        del wires[next(iter(wires))]
    return wire

"""The client of one account: python-ovh for the protocol, our limits around it, our errors out of it."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

import ovh.client
import ovh.exceptions
import requests
import structlog
from django.conf import settings

from apps.ovhapi import answers, endpoints
from apps.ovhapi.bucket import Bucket, Lane, wait_for
from apps.ovhapi.errors import Expired, Missing, NotNow
from apps.ovhapi.oauth import BoundOAuth2
from apps.ovhapi.transport import CONNECT_S, READ_S, bound

__all__ = ["NO_BODY", "Answer", "Client", "ConsumerKey", "Credentials", "Lane", "path_of"]

log = structlog.get_logger(__name__)
NO_BODY: Final = object()
# How long a call waits for its turn before it gives the work back, by lane.
PATIENCE_S = {Lane.PERSON: 5.0, Lane.POLL: 2.0, Lane.MIRROR: 20.0}
PAGE_SIZE = 100
MOST_PAGES = 1000


def path_of(template: str, **parameters: Any) -> str:
    """`/hosting/web/{serviceName}` with its parameters encoded as OVH signs them: nothing is left to be re-quoted."""
    return template.format(**{name: quote(str(value), safe="") for name, value in parameters.items()})


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What opens an account: application key and secret with a consumer key, or an OAuth2 client."""

    endpoint: str
    application_key: str = ""
    application_secret: str = field(default="", repr=False)
    consumer_key: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Answer:
    """What OVH answered. `data` is JSON; `query_id` is what OVH's support asks for."""

    data: Any
    query_id: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ConsumerKey:
    """A key that waits for its owner's yes at `validation_url`."""

    consumer_key: str = field(repr=False)
    validation_url: str = ""


class _Wire(ovh.client.Client):  # type: ignore[misc]  # python-ovh is not typed
    """python-ovh without its constructor, which reads ./ovh.conf, /etc/ovh.conf and OVH_* of the environment."""

    def __init__(self, credentials: Credentials, deadline_s: float) -> None:
        endpoints.install()
        self._endpoint = ovh.client.ENDPOINTS[credentials.endpoint]
        self._application_key = credentials.application_key or None
        self._application_secret = credentials.application_secret or None
        self._consumer_key = credentials.consumer_key or None
        self._client_id, self._client_secret = (
            credentials.client_id or None,
            credentials.client_secret or None,
        )
        self._time_delta: int | None = None
        self._timeout = (CONNECT_S, READ_S)
        self._session = requests.Session()
        bound(self._session, deadline_s=deadline_s)
        self._oauth2 = BoundOAuth2(credentials, deadline_s) if credentials.client_id else None


class Client:
    """Calls OVH for one account. One for each piece of work: it is cheap, not thread-safe, and its clock ages."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        bucket: Bucket | None = None,
        lane: Lane = Lane.PERSON,
        deadline_s: float = 30,
    ) -> None:
        self._wire = _Wire(credentials, deadline_s)
        self._bucket, self._lane = bucket, lane

    def call(
        self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = NO_BODY,
        headers: Mapping[str, str] | None = None, signed: bool = True,
    ) -> Answer:  # fmt: skip
        """One call. Raises one of `errors`, sorted by what to do next; what may have happened raises Unsure."""
        self._take_turn()
        target = path + _query_string(query)
        if signed and self._wire._oauth2 is None and self._wire._time_delta is None:  # noqa: SLF001
            self._set_clock()
        try:
            return self._once(method, target, body, headers, signed=signed)
        except answers.ClockDiffers:
            self._set_clock()
        try:
            return self._once(method, target, body, headers, signed=signed)
        except answers.ClockDiffers as error:
            raise NotNow(error.message, reason="clock", query_id=error.query_id, seconds=60) from None

    def get(self, path: str, **query: Any) -> Any:
        """What OVH answers to a GET, as JSON."""
        return self.call("GET", path, query=query).data

    def objects(self, path: str, *, query: Mapping[str, Any] | None = None) -> list[Any]:
        """The whole objects of a list call, which by itself answers ids.

        Asks OVH to expand the list (undocumented, not guaranteed); where it does not, makes one GET for each id. An
        item that is gone or expired meanwhile is left out. Raises when the list did not come whole.
        """
        rows: list[Any] = []
        for number in range(1, MOST_PAGES):
            answer = self.call("GET", path, query=query, headers=_expanded(number))
            page = answer.data if isinstance(answer.data, list) else []
            rows += page
            total = _number(answer.headers.get("X-Pagination-Elements"))
            if total is None or len(rows) >= total or not page:
                break
        return [
            row if isinstance(row, dict) else whole
            for row in rows
            if (whole := self._whole(path, row)) is not None
        ]

    def ask_for_consumer_key(self, *, rules: list[dict[str, str]], redirection: str) -> ConsumerKey:
        """POST /auth/credential: a key its owner has yet to validate on OVH's page."""
        body = {"accessRules": rules, "redirection": redirection}
        data = self.call("POST", "/auth/credential", body=body, signed=False).data
        key, url = (
            (data.get("consumerKey"), data.get("validationUrl")) if isinstance(data, dict) else (None, None)
        )
        if not isinstance(key, str) or not isinstance(url, str):
            msg = "OVH answered without a consumer key."
            raise NotNow(msg, reason="overloaded")
        return ConsumerKey(key, url)

    def _whole(self, path: str, row: Any) -> Any:
        """The object behind an id of a list; None when it is gone."""
        if isinstance(row, dict):
            return row
        try:
            return self.get(f"{path}/{quote(str(row), safe='')}")
        except (Missing, Expired):
            return None

    def _take_turn(self) -> None:
        if self._bucket is None:
            return
        wait = wait_for(self._bucket, self._lane, at_most_s=PATIENCE_S[self._lane])
        if wait:
            msg = "The calls of this account are used up for the moment."
            raise NotNow(msg, reason="bucket", seconds=wait)

    def _set_clock(self) -> None:
        """Read OVH's clock (GET /auth/time) and sign by it."""
        answer = self._once("GET", "/auth/time", NO_BODY, None, signed=False)
        if not isinstance(answer.data, int):
            msg = "OVH did not tell its time."
            raise NotNow(msg, reason="overloaded")
        self._wire._time_delta = answer.data - int(time.time())  # noqa: SLF001

    def _once(
        self, method: str, target: str, body: Any, headers: Mapping[str, str] | None, *, signed: bool
    ) -> Answer:
        """One request, its answer read and sorted, one line in the log: never a body."""
        started = time.monotonic()
        data = None if body is NO_BODY else body
        try:
            response = self._wire.raw_call(
                method,
                target,
                data,
                need_auth=signed,
                headers={"Accept": "application/json", **(headers or {})},
            )
        except requests.RequestException as error:
            problem = answers.of_transport(error, method)
            log.info(
                "ovh call broke", method=method, path=target.partition("?")[0], error=type(error).__name__
            )
            raise problem from None
        except ovh.exceptions.OAuth2FailureError:
            raise answers.oauth_refused() from None
        except ovh.exceptions.InvalidKey:
            raise answers.no_key() from None
        query_id = response.headers.get("X-OVH-QUERYID", "")
        log.info(
            "ovh call", method=method, path=target.partition("?")[0], status=response.status_code,
            ms=round((time.monotonic() - started) * 1000), query_id=query_id,
        )  # fmt: skip
        _record(method, target, data, headers, response)
        try:
            return Answer(answers.read(response, method), query_id, response.headers)
        except NotNow as error:
            if error.reason == "rate_limited" and self._bucket:
                self._bucket.close(error.seconds or 5)
            raise


def _query_string(query: Mapping[str, Any] | None) -> str:
    """What follows the path. None is left out: python-ovh would send the text `null`."""
    given = {name: value for name, value in (query or {}).items() if value is not None}
    plain = {name: str(value).lower() if isinstance(value, bool) else value for name, value in given.items()}
    return "?" + urlencode(plain, quote_via=quote) if plain else ""


def _expanded(number: int) -> dict[str, str]:
    return {
        "X-Pagination-Mode": "CachedObjectList-Pages",
        "X-Pagination-Size": str(PAGE_SIZE),
        "X-Pagination-Number": str(number),
    }


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def _record(
    method: str, target: str, body: Any, headers: Mapping[str, str] | None, response: requests.Response
) -> None:
    """Write the call down for a contract check; only tests and the demo can switch this on."""
    if not settings.OVH_RECORD_FILE:
        return
    try:
        answered = json.loads(response.content) if response.content else None
    except ValueError:
        answered = None
    line = {
        "method": method, "path": target, "body": body, "status": response.status_code, "response": answered,
        "headers": dict(headers or {}),
    }  # fmt: skip
    with open(settings.OVH_RECORD_FILE, "a", encoding="utf-8") as file:  # noqa: PTH123
        file.write(json.dumps(line) + "\n")

"""The HTTP side: one handler that routes, authenticates, breaks what it is told to break, and writes down what it saw."""

import json
import socket
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from apps.sandbox import (
    auth,
    charts,
    consent,
    control,
    copies,
    databases,
    dns,
    documents,
    domains,
    dumps,
    faults,
    furnishing,
    hosting,
    modules,
    offers,
    routes,
    runtimes,
    ssl,
    tasks,
    uploads,
    users,
    worlds,
    zones,
)
from apps.sandbox.routes import Call
from apps.sandbox.state import Keeper, Refusal, World, load

# Imported for the routes they register.
ROOMS = (charts, copies, databases, documents, domains, dumps, hosting, modules, offers, runtimes, ssl, users, zones)
PREFIXES = ("/1.0", "/v1")
SECRETS = {"password", "adminPassword", "key", "value"}


def _without_secrets(value: Any) -> Any:
    """JSON without the fields that hold secrets, however deep they are."""
    if isinstance(value, dict):
        return {name: _without_secrets(each) for name, each in value.items() if name not in SECRETS}
    return [_without_secrets(each) for each in value] if isinstance(value, list) else value


class Handler(BaseHTTPRequestHandler):
    """One connection. `world` and `record` are set on the class that `serve` makes."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    world: ClassVar[World]
    record: ClassVar[Path | None]
    file_lock: ClassVar[threading.Lock]

    def do_GET(self) -> None:
        """All methods are alike."""
        self._answer()

    do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_GET  # noqa: N815

    def log_message(self, *_args: Any) -> None:
        """Silent; `/sandbox/calls` has what was called."""

    def _answer(self) -> None:
        if self.path.startswith(uploads.PREFIX):
            with suppress(BrokenPipeError, ConnectionResetError):
                self._document()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
        path, _, query = self.path.partition("?")
        with suppress(BrokenPipeError, ConnectionResetError):
            if path.startswith(PREFIXES):
                self._api(path, query, body)
            elif path == "/auth/" and self.command == "GET":
                self._page(*consent.page(self.world, query))
            elif path == "/auth/":
                self._consent(body)
            elif path == "/auth/oauth2/token":
                self._json(*consent.oauth_token(self.world, body, self.headers.get("Authorization", "")))
            elif path.startswith("/sandbox/"):
                self._json(*control.answer(self.world, self.command, path, query, body))
            else:
                self._page(200, consent.front(self._base))

    def _document(self) -> None:
        """The bytes of a document: not a call of the API, and too many to be read at once."""
        answer = uploads.answer(self.world, self.command, self.path, self.headers, self.rfile)
        if answer is None:
            self._reset()
        else:
            self._raw(answer.status, answer.text.encode(), "text/plain; charset=utf-8", answer.headers)

    @property
    def _base(self) -> str:
        return f"http://{self.headers.get('Host', '')}"

    def _api(self, path: str, query: str, body: str) -> None:
        """A call of OVH's API."""
        started = time.monotonic()
        if self.world.settings["latency_ms"]:
            time.sleep(float(self.world.settings["latency_ms"]) / 1000)
        seen = {
            "method": self.command,
            "path": path.removeprefix("/1.0").removeprefix("/v1"),
            "nichandle": "",
        }
        headers: dict[str, str] = {}
        plan = faults.Plan()
        try:
            with self.world.lock:
                tasks.advance(self.world)
                plan = faults.plan_for(self.world, self.command, seen["path"])
                status, answer = 200, self._carry_out(plan, seen, query, body, headers)
            if plan.kind == "late_effect":
                time.sleep(plan.seconds)
        except Refusal as refusal:
            status, answer = refusal.status, refusal.body
            headers |= {"Retry-After": refusal.retry_after} if refusal.retry_after is not None else {}
        self._note(seen, status, plan, (time.monotonic() - started) * 1000)
        self._record(path, query, body, status, answer, headers, plan)
        self._send(plan, status, answer, headers)

    def _carry_out(
        self, plan: faults.Plan, seen: dict[str, str], query: str, body: str, headers: dict[str, str]
    ) -> Any:
        """The answer of the route, its effect counted; None when the call is to break before it took effect."""
        route, parameters = routes.find(self.command, seen["path"])
        call = Call(self.world, self.command, path=parameters, query=dict(parse_qsl(query)), base=self._base)
        if route.is_open:
            call.credential = auth.application_of(self.world, self.headers) if self.command == "POST" else {}
        else:
            url = f"{self._base}{self.path}"
            call.credential = auth.credential_of(self.world, self.headers, self.command, url, body)
            call.nichandle = seen["nichandle"] = call.credential["nichandle"]
            auth.refuse_unless_granted(call.credential, self.command, seen["path"])
        if not plan.takes_effect:
            return None
        try:
            call.body = json.loads(body) if body else None
        except ValueError:
            raise Refusal(400, "Invalid JSON received") from None
        separator = self.headers.get("X-Ovh-Batch", "")
        if (
            separator
            and self.command == "GET"
            and self.world.settings["batch"]
            and routes.is_batch(route, call, separator)
        ):
            return routes.answer_batch(route, call, separator)
        answer = route.answer(call)
        if self.command != "GET":
            self._count(call, seen, answer)
        return self._expanded(route, call, answer, headers)

    def _count(self, call: Call, seen: dict[str, str], answer: Any) -> None:
        """One more effect: what was really carried out, secrets left out."""
        values = _without_secrets(call.body or {})
        self.world.effects.append(
            {
                "n": len(self.world.effects) + 1, "at": self.world.now(), **seen, "values": values,
                "task_id": answer.get("taskId", answer.get("id")) if isinstance(answer, dict) else None,
            }
        )  # fmt: skip
        self.world.is_changed = True

    def _expanded(self, route: routes.Route, call: Call, answer: Any, headers: dict[str, str]) -> Any:
        """A list as whole objects, where it was asked for and OVH can."""
        asked = self.headers.get("X-Pagination-Mode") == "CachedObjectList-Pages"
        if not (asked and route.item and self.world.settings["expansion"]):
            return answer
        size = max(int(self.headers.get("X-Pagination-Size") or 50), 1)
        number = max(int(self.headers.get("X-Pagination-Number") or 1), 1)
        headers["X-Pagination-Elements"] = str(len(answer))
        return [route.item(call, each) for each in answer[(number - 1) * size : number * size]]

    def _note(self, seen: dict[str, str], status: int, plan: faults.Plan, ms: float) -> None:
        line = {"n": len(self.world.calls) + 1, "at": self.world.now(), **seen, "status": status}
        self.world.calls.append(line | {"ms": round(ms, 1), "fault": plan.kind})

    def _record(
        self,
        path: str,
        query: str,
        body: str,
        status: int,
        answer: Any,
        headers: dict[str, str],
        plan: faults.Plan,
    ) -> None:
        """A JSON line as contract checks read it; broken answers are no answers, and batches are in no schema."""
        if self.record is None or plan.kind or "X-Ovh-Batch" in self.headers:
            return
        mode = {"X-Pagination-Mode": self.headers["X-Pagination-Mode"]} if "X-Pagination-Elements" in headers else {}
        line = {
            "method": self.command, "path": path, "query": dict(parse_qsl(query)),
            "body": json.loads(body) if body else None, "status": status, "response": answer, "headers": mode,
        }  # fmt: skip
        with self.file_lock, self.record.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def _send(  # noqa: C901
        self, plan: faults.Plan, status: int, answer: Any, headers: dict[str, str]
    ) -> None:
        """The answer, or what a fault makes of it."""
        text = json.dumps(plan.data if plan.kind == "answers" else answer).encode()
        if plan.kind == "slow":
            time.sleep(plan.seconds)
        if plan.kind in ("reset_before", "reset_after"):
            self._reset()
        elif plan.kind == "timeout_after":
            time.sleep(plan.seconds)
            self._reset()
        elif plan.kind == "drip":
            self._drip(text, plan.seconds)
        elif plan.kind == "huge":
            self._raw(200, b'["' + b"x" * plan.size + b'"]', "application/json", headers)
        elif plan.kind == "redirect":
            self._raw(307, b"", "text/html", headers | {"Location": plan.url})
        elif plan.kind == "http_502_html":
            self._raw(502, b"<html><body>Bad Gateway</body></html>", "text/html", headers)
        elif plan.kind == "html_200":
            self._raw(200, b"<html><body>Maintenance</body></html>", "text/html", headers)
        elif plan.kind in ("empty_200", "truncated_200", "malformed_json"):
            broken = {
                "empty_200": b"",
                "truncated_200": text[: len(text) // 2],
                "malformed_json": b'{"id": NaN,,',
            }
            self._raw(200, broken[plan.kind], "application/json", headers)
        elif plan.kind in faults.STATUSES:
            self._raw(
                faults.STATUSES[plan.kind],
                b'{"message": "Internal server error"}',
                "application/json",
                headers,
            )
        else:
            self._raw(status, text, "application/json", headers)

    def _reset(self) -> None:
        """Cut the connection so that the other side sees a reset, not an end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _drip(self, text: bytes, seconds: float) -> None:
        """A byte a second."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        ends = time.monotonic() + seconds
        for number in range(len(text)):
            if time.monotonic() > ends:
                break
            self.wfile.write(text[number : number + 1])
            self.wfile.flush()
            time.sleep(1)
        self.close_connection = True

    def _json(self, status: int, answer: Any) -> None:
        self._raw(status, json.dumps(answer).encode(), "application/json", {})

    def _page(self, status: int, text: str) -> None:
        self._raw(status, text.encode(), "text/html; charset=utf-8", {})

    def _consent(self, body: str) -> None:
        status, text, target = consent.answer(self.world, body)
        self._raw(status, text.encode(), "text/html; charset=utf-8", {"Location": target} if target else {})

    def _raw(self, status: int, text: bytes, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("X-OVH-QUERYID", f"SBX.ext-1.{self.world.next_id():x}.{int(time.time())}")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)


class Server(ThreadingHTTPServer):
    """Many connections at once; a broken one is nobody's business."""

    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *_args: Any) -> None:
        """The client went away; tests make that happen on purpose."""


@dataclass
class Running:
    """A sandbox that answers at `url` until `stop`."""

    server: Server
    world: World
    keeper: Keeper | None
    names: Any

    @property
    def url(self) -> str:
        """Its address, without the API's prefix."""
        host, port = self.server.server_address[:2]
        return f"http://{host!s}:{port}"

    def stop(self) -> None:
        """End it; what is kept is written."""
        for server in filter(None, (self.server, self.names)):
            server.shutdown()
            server.server_close()
        if self.keeper:
            self.keeper.close()


def serve(
    *, world: str = "small", host: str = "127.0.0.1", port: int = 0, state: Path | None = None,
    record: Path | None = None, speed: float | None = None,
) -> Running:  # fmt: skip
    """Start a sandbox in threads of this process. `state`: the file it is kept in; `world` is used when there is none."""
    kept = (load(state) if state else None) or worlds.make(world)
    furnishing.furnish(kept)
    if speed is not None:
        kept.settings["speed"] = speed
    settings = {"world": kept, "record": record, "file_lock": threading.Lock()}
    server = Server((host, port), type("BoundHandler", (Handler,), settings))
    keeper = Keeper(kept, state) if state else None
    if keeper:
        kept.is_changed = True
        keeper.start()
    names = dns.serve(kept, host, int(server.server_address[1]))
    for each in filter(None, (server, names)):
        threading.Thread(target=each.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return Running(server, kept, keeper, names)

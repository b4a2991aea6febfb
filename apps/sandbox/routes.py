"""Which function answers which call. A route is declared beside the function, as OVH's documents write it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from apps.sandbox.state import Json, Refusal, World


@dataclass
class Call:
    """One call as its function sees it: who asks, the path's parameters, query and body."""

    world: World
    method: str
    nichandle: str = ""
    credential: Json = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    base: str = ""

    @property
    def service(self) -> Json:
        """The service the path names, of the account that asks."""
        return self.world.service(self.nichandle, self.path["serviceName"])


@dataclass(frozen=True)
class Route:
    """How to answer one call. `item`: turns an id of a list into its whole object, where OVH can expand it."""

    method: str
    template: str
    answer: Callable[[Call], Any]
    is_open: bool
    item: Callable[[Call, Any], Any] | None


Answerer = Callable[[Call], Any]
_routes: list[tuple[re.Pattern[str], Route]] = []


def route(
    method: str, template: str, *, is_open: bool = False, item: Callable[[Call, Any], Any] | None = None
) -> Callable[[Answerer], Answerer]:
    """Register the function below it. `is_open`: the call is not signed."""

    def keep(answer: Answerer) -> Answerer:
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template) + "$")
        _routes.append((pattern, Route(method, template, answer, is_open, item)))
        return answer

    return keep


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The route and the path's parameters; a literal segment wins over a parameter."""
    known = False
    best: tuple[Route, dict[str, str]] | None = None
    for pattern, found in _routes:
        match = pattern.match(path)
        if match is None:
            continue
        known = True
        if found.method == method and (best is None or found.template.count("{") < best[0].template.count("{")):
            best = found, {name: unquote(value) for name, value in match.groupdict().items()}
    if best is None:
        raise Refusal(405, "Method not allowed") if known else Refusal(404, "Got an invalid (or empty) URL")
    return best


def _last_parameter(route_: Route) -> str:
    """The parameter that is the path's last segment; empty when that is no parameter."""
    last = route_.template.rpartition("/")[2]
    return last.strip("{}") if last.startswith("{") else ""


def is_batch(route_: Route, call: Call, separator: str) -> bool:
    """Whether the path's last segment is several ids."""
    return separator in call.path.get(_last_parameter(route_), "")


def answer_batch(route_: Route, call: Call, separator: str) -> list[Json]:
    """`[{"key", "value", "error"}]`, one for each id; a refusal is the error of its own id alone."""
    name = _last_parameter(route_)
    answers: list[Json] = []
    for key in call.path[name].split(separator):
        try:
            value = route_.answer(replace(call, path=call.path | {name: key}))
        except Refusal as refusal:
            answers.append({"key": key, "value": None, "error": refusal.body["message"]})
        else:
            answers.append({"key": key, "value": value, "error": None})
    return answers


def body_of(call: Call, *, required: tuple[str, ...] = (), **fields: tuple[Any, Any]) -> Json:
    """The body, checked as OVH's schema says: `fields` is name → (type, allowed values or None).

    Raises 400 for what is missing, unknown, of another type or not allowed.
    """
    given = call.body if call.body is not None else {}
    if not isinstance(given, dict):
        raise Refusal(400, "Invalid JSON received")
    for name in given.keys() - fields.keys():
        raise Refusal(400, f"[{name}] Unknown parameter")
    for name in required:
        if given.get(name) in (None, ""):
            raise Refusal(400, f"[{name}] Missing required parameter")
    for name, value in given.items():
        _check(name, value, *fields[name])
    return given


def _check(name: str, value: Any, kind: Any, allowed: Any) -> None:
    is_truth_for_number = isinstance(value, bool) and kind is int
    if value is not None and (not isinstance(value, kind) or is_truth_for_number):
        raise Refusal(400, f"[{name}] Invalid type")
    if allowed and value is not None and value not in allowed:
        raise Refusal(400, f"[{name}] Given data ({value}) does not belong to the enumeration")


def check_path(name: str, path: str) -> None:
    """400 for what is not a path below the hosting's home; `/` is the home itself."""
    is_good = path == "/" or (re.fullmatch(r"[A-Za-z0-9_./-]+", path) and not path.startswith("/"))
    if not is_good or ".." in path:
        raise Refusal(400, f"[{name}] Given data is not a valid path")


def choice_of(call: Call, name: str, allowed: tuple[str, ...], *, required: bool = False) -> str | None:
    """A parameter of the query that is one of `allowed`; None when it was not given. Raises 400."""
    given = call.query.get(name) or None
    if given is None and required:
        raise Refusal(400, f"[{name}] Missing required parameter")
    if given is not None and given not in allowed:
        raise Refusal(400, f"[{name}] Given data ({given}) does not belong to the enumeration")
    return given

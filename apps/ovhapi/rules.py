"""The rights a consumer key needs for what the panel does, and which of them one lacks.

`*` at the end covers everything below a path, not the path itself. POST is named one by one: a rule for all
of `/hosting/web/*` would also allow ending a contract or handing it to somebody else.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict


class Rule(TypedDict):
    """One right of a consumer key, as OVH spells it."""

    method: str
    path: str


READ = ("/hosting/web", "/hosting/web/*", "/domain/zone", "/me", "/me/document", "/me/document/*")
# Nobody has seen a key that needs these to look at itself or to end itself: asked for, but not missed.
SELF = (Rule(method="GET", path="/auth/currentCredential"), Rule(method="POST", path="/auth/logout"))
# Rules cannot be added to a key later: the rooms that are to come are among them.
CREATE = (
    "attachedDomain",
    "attachedDomain/*",
    "database",
    "database/*",
    "module",
    "request",
    "restoreSnapshot",
    "ssl",
    "ssl/*",
    "unblockTCPOut",
    "user",
    "user/*",
)

READING: tuple[Rule, ...] = tuple(Rule(method="GET", path=path) for path in READ)
CHANGING: tuple[Rule, ...] = (
    Rule(method="PUT", path="/hosting/web/*"),
    Rule(method="DELETE", path="/hosting/web/*"),
    *(Rule(method="POST", path=f"/hosting/web/*/{path}") for path in CREATE),
    # The file of an import lies there on its way into the database.
    Rule(method="POST", path="/me/document"),
    Rule(method="DELETE", path="/me/document/*"),
)
NEEDED: tuple[Rule, ...] = READING + CHANGING
PANEL: tuple[Rule, ...] = NEEDED + SELF


def missing_rules(granted: Iterable[Mapping[str, Any]], *, wanted: Iterable[Rule] = NEEDED) -> list[Rule]:
    """Those of `wanted` that no rule of `granted` covers; `granted` as /auth/currentCredential answers it."""
    given = [(str(rule.get("method", "")).upper(), str(rule.get("path", ""))) for rule in granted]
    return [rule for rule in wanted if not any(_covers(each, rule) for each in given)]


def _covers(given: tuple[str, str], wanted: Rule) -> bool:
    """Whether the granted (method, path) allows all that `wanted` does; a `*` may stand for several names."""
    method, path = given
    pattern = ".*".join(re.escape(part) for part in path.split("*"))
    return method == wanted["method"] and re.fullmatch(pattern, wanted["path"]) is not None

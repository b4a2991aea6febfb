"""What can be made to go wrong, on purpose: each fault really happens on the wire.

kind: http_401, http_404, http_500, http_502_html, http_503, http_504, http_429, conflict_409, expired_460, not_granted,
invalid_credential, slow, drip, huge, reset_before, reset_after, timeout_after, empty_200, html_200, truncated_200, malformed_json, redirect,
late_effect; and for tasks: task_cancelled, task_vanishes, task_hidden, task_never_ends, task_unknown_status,
done_but_unchanged; refused, with a `message` of its own; answers, with `data` instead of the truth. `effect` says whether a broken answer comes after the call took effect. For uploads: upload_fails,
which answers `status` (500 unless given) and keeps nothing; with `status` 0 it cuts the connection half-way.
"""

import re
from dataclasses import dataclass
from typing import Any

from apps.sandbox.state import Json, Refusal, World

BEFORE = {
    "http_401": (401, "You must login first", ""),
    "http_404": (404, "This service does not exist", ""),
    "http_429": (429, "Too many requests", ""),
    "conflict_409": (409, "A task is already running on this object", ""),
    "expired_460": (460, "This service is expired", ""),
    "not_granted": (403, "This call has not been granted", "NOT_GRANTED_CALL"),
    "invalid_credential": (403, "This credential is not valid", "INVALID_CREDENTIAL"),
}
STATUSES = {"http_500": 500, "http_503": 503, "http_504": 504}
LATER = (
    "task_cancelled", "task_vanishes", "task_hidden", "task_never_ends", "task_unknown_status", "done_but_unchanged",
    "upload_fails",
)  # fmt: skip
ODD = ("slow", "drip", "huge", "reset_before", "reset_after", "timeout_after", "redirect", "late_effect")
NOT_OF_CALLS = ("task_", "done_but", "upload_")
BROKEN = ("empty_200", "html_200", "truncated_200", "malformed_json", "http_502_html", *STATUSES)
KINDS = frozenset({"refused", "answers", *BEFORE, *BROKEN, *LATER, *ODD})


@dataclass
class Plan:
    """What the server does with one call. `kind` is empty for an ordinary one."""

    kind: str = ""
    seconds: float = 0.0
    effect: bool = False
    url: str = ""
    size: int = 0
    data: Any = None

    @property
    def takes_effect(self) -> bool:
        """Whether the call is carried out at all."""
        if self.kind in ("reset_after", "timeout_after", "late_effect", "drip", "huge", "slow", ""):
            return True
        return self.kind in BROKEN and self.effect


def plan_for(world: World, method: str, path: str) -> Plan:
    """The fault that applies to this call, used up by it. Raises the refusals that OVH itself would give."""
    for fault in world.faults:
        if fault["kind"].startswith(NOT_OF_CALLS) or not _applies(world, fault, method, path):
            continue
        _use(world, fault)
        return _plan(fault)
    return Plan()


def upload_status(world: World, path: str) -> int | None:
    """What an upload that is to fail answers (0: nothing), the fault used up by it; None for one that may pass."""
    for fault in world.faults:
        if fault["kind"] == "upload_fails" and _applies(world, fault, "PUT", path):
            _use(world, fault)
            return int(fault.get("status", 500))
    return None


def _use(world: World, fault: Json) -> None:
    """One time less; without `times` it lasts."""
    if "times" in fault:
        fault["times"] -= 1
        if fault["times"] <= 0:
            world.faults.remove(fault)


def _applies(world: World, fault: Json, method: str, path: str) -> bool:
    is_meant = fault.get("method", method) == method and re.search(fault.get("path", ""), path) is not None
    return is_meant and world.dice.random() < fault.get("probability", 1.0)


def _plan(fault: Json) -> Plan:
    kind = fault["kind"]
    if kind == "refused":
        raise Refusal(400, str(fault.get("message", "Refused")))
    if kind in BEFORE:
        status, message, code = BEFORE[kind]
        retry_after = fault.get("retry_after")
        told = None if retry_after is None else str(retry_after)
        raise Refusal(status, message, error_code=code, retry_after=told)
    return Plan(
        kind, float(fault.get("seconds", 5)), bool(fault.get("effect")), fault.get("url", ""),
        int(fault.get("size", 50_000_000)), fault.get("data"),
    )  # fmt: skip

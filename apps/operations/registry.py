"""What a person may do, declared: one `Action` for each call that changes something at OVH.

The rooms above register their actions; views, workers, audit and tests read them here and know no particular call.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any

from apps.operations.models import Operation
from apps.ovhapi.client import NO_BODY, Client, path_of

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from apps.operations.forms import ActionForm

Params = Mapping[str, Any]


class Verdict(StrEnum):
    """How an object read back from OVH compares with what was asked."""

    AS_ASKED = "as_asked"
    UNDER_WAY = "under_way"
    OTHERWISE = "otherwise"
    GIVEN_UP = "given_up"  # OVH took it on and shows that it did not carry it through


@dataclass(frozen=True)
class Found:
    """What reading back showed. `facts` are for people and kept on the operation."""

    verdict: Verdict
    facts: dict[str, Any] = field(default_factory=dict)


class Answers(Enum):
    """What OVH answers to a call."""

    TASK = "a task"
    OBJECT = "the object, with the id of its task where one works on it"
    NOTHING = "nothing; only the object tells"


class Resend(Enum):
    """What may be done with a call of which nobody knows whether it took effect."""

    ONCE_ABSENT = "once proven absent"  # the object has a name we chose: read back, then send again
    HARMLESS = "as often as needed"  # twice leaves what once leaves; what is read back proves nothing
    NEVER = "never"  # only its task could prove it, and tasks vanish: a person decides


@dataclass(frozen=True, kw_only=True)
class Ready:
    """Something the panel may be asked to wait for before it sends.

    `field`: the tick in the form that asks for it, not sent to OVH; `waiting`: an id of `words.WAITING`.
    """

    field: str
    holds: Callable[[Operation], bool]
    waiting: str
    every: timedelta
    at_most: timedelta


@dataclass(frozen=True, kw_only=True)
class Action:
    """One declared thing a person may do, and everything the engine must know of it.

    `path` is OVH's, with `{serviceName}`; its other parameters come from the operation's `target`. Fields of `form` in
    `query` go into the query string, those in `secrets` are sealed, those in `panel_only` are not sent, the rest makes
    the body unless `has_body` is off; a field left empty is left out, or sent as null if it is in `clears`.
    `body` makes the body where that is not flat, of the parameters and the opened secrets, and is sent as it is.
    `prepare` does what must be there before the call and changes nothing by itself; what it returns joins the body.
    `sentence` is how an operation is called, with `%(label)s` for the object: "Create database %(label)s".
    """

    key: str
    title: "_StrPromise"
    sentence: "_StrPromise"
    method: str
    path: str
    form: "type[ActionForm]"
    function: str  # of OVH's task: database/create
    label: Callable[[Params, Params], str]  # (target, params) → the object as people call it
    conflict: Callable[[Params, Params], str]  # (target, params) → what only one unfinished operation may touch
    read_back: Callable[[Client, Operation], Found]
    usual: timedelta  # until durations are learnt
    resend: Resend = Resend.ONCE_ABSENT
    secrets: frozenset[str] = frozenset()
    query: frozenset[str] = frozenset()
    panel_only: frozenset[str] = frozenset()
    clears: frozenset[str] = frozenset()
    has_body: bool = True
    body: "Callable[[Params, Mapping[str, str]], dict[str, Any]] | None" = None
    answers: Answers = Answers.TASK
    ready: Ready | None = None
    prepare: "Callable[[Client, Operation], dict[str, Any]] | None" = None
    destroys: bool = False
    is_about_service: bool = False  # its task names the hosting in a way of OVH's own: any task of the function is it
    settling: timedelta = timedelta(minutes=2)  # how long OVH may need to show what its task has done
    once_done: "_StrPromise | str" = ""  # what people should know after success
    once_failed: "_StrPromise | str" = ""  # and when OVH took it on and did not do it


_actions: dict[str, Action] = {}


def register(action: Action) -> Action:
    """Make `action` known; two of one key refuse to start."""
    if action.key in _actions:
        msg = f"two actions are called {action.key}"
        raise ValueError(msg)
    _actions[action.key] = action
    return action


def get(key: str) -> Action:
    """The action of that key; KeyError when no room has registered it (a release that no longer knows it)."""
    return _actions[key]


def every() -> list[Action]:
    """All actions, by key."""
    return [_actions[key] for key in sorted(_actions)]


@dataclass(frozen=True)
class Call:
    """What goes to OVH for one operation."""

    method: str
    path: str
    query: dict[str, Any]
    body: Any


def call_of(operation: Operation, secrets: Mapping[str, str]) -> Call:
    """The call for `operation`. Fields left empty are left out: OVH takes null for a value in places."""
    action = get(operation.action)
    theirs = {name: value for name, value in operation.params.items() if name not in action.panel_only}
    given = {name: value for name, value in {**theirs, **secrets}.items() if value not in (None, "")}
    cleared = dict.fromkeys(action.clears & theirs.keys() - given.keys())
    body = {name: value for name, value in {**given, **cleared}.items() if name not in action.query}
    return Call(
        method=action.method,
        path=path_of(action.path, serviceName=operation.service.name, **operation.target),
        query={name: value for name, value in given.items() if name in action.query},
        body=_body(action, operation, secrets, body),
    )


def _body(action: Action, operation: Operation, secrets: Mapping[str, str], flat: dict[str, Any]) -> Any:
    """`flat`: what the body is unless the action makes its own, or sends none."""
    if not action.has_body:
        return NO_BODY
    return flat if action.body is None else action.body(operation.params, secrets)

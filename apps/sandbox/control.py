"""The sandbox's own controls, unsigned JSON under `/sandbox/`: what tests and the demo's seeding ask for."""

import json
import re
from typing import Any
from urllib.parse import parse_qs

from apps.sandbox import faults, tasks, worlds
from apps.sandbox.state import World


def answer(world: World, method: str, path: str, query: str, body: str) -> tuple[int, Any]:
    """(status, JSON) of one control call."""
    try:
        given = json.loads(body) if body else {}
    except ValueError:
        return 400, {"message": "not JSON"}
    name = path.removeprefix("/sandbox/").strip("/")
    since = int(parse_qs(query).get("since", ["0"])[0])
    with world.lock:
        world.quiet_until = 0.0
        tasks.advance(world)
        world.is_changed = True
        return _answer(world, method, name, given, since)


def _answer(world: World, method: str, name: str, given: dict[str, Any], since: int) -> tuple[int, Any]:
    if name == "accounts":
        return 200, worlds.grow(world, **given) if method == "POST" else worlds.credentials_of(world)
    if name in ("effects", "calls", "documents", "tasks"):
        kept = getattr(world, name)
        return 200, list(kept.values()) if isinstance(kept, dict) else kept[since:]
    if name == "faults":
        return _faults(world, method, given)
    if name == "settings":
        world.settings |= {key: value for key, value in given.items() if key in world.settings}
        return 200, world.settings
    if name == "start_task":
        service = world.services[given.pop("service")]
        return 200, tasks.start_foreign(world, service, given.pop("function"), **given)
    if found := re.fullmatch(r"(credentials|services|records)/([\w.-]+)", name):
        return _changed(getattr(world, found[1]), found[2], given)
    if found := re.fullmatch(r"tasks/(\d+)", name):
        return _task(world, found[1], given)
    return 404, {"message": "no such control"}


def _changed(kept: dict[str, Any], name: str, given: dict[str, Any]) -> tuple[int, Any]:
    """One credential, service or DNS name with other values."""
    kept[name] = kept.get(name, {}) | given
    return 200, {}


def _faults(world: World, method: str, given: dict[str, Any]) -> tuple[int, Any]:
    if method == "POST":
        if given.get("kind") not in faults.KINDS:
            return 400, {"message": f"no such fault: {given.get('kind')}"}
        world.faults.append(given)
    if method == "DELETE":
        world.faults.clear()
    return 200, world.faults


def _task(world: World, task_id: str, given: dict[str, Any]) -> tuple[int, Any]:
    """The truth about a task, even when it has vanished; `{"finish": "done"|"cancelled"}` ends it now."""
    task = world.tasks[task_id]
    if given.get("finish") and task["ended"] is None:
        task["is_cancelled"] = given["finish"] == "cancelled"
        tasks.finish(world, task, world.now())
    return 200, task

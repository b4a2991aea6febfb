"""The sandbox's own controls, unsigned JSON under `/sandbox/`: what tests and the demo's seeding ask for."""

import json
import re
from typing import Any
from urllib.parse import parse_qs

from apps.sandbox import tasks, worlds
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
        tasks.advance(world)
        world.is_changed = True
        return _answer(world, method, name, given, since)


def _answer(world: World, method: str, name: str, given: dict[str, Any], since: int) -> tuple[int, Any]:
    if name == "accounts":
        return 200, worlds.grow(world, **given) if method == "POST" else worlds.credentials_of(world)
    if name in ("effects", "calls"):
        return 200, getattr(world, name)[since:]
    if name == "documents":
        return 200, list(world.documents.values())
    if name == "faults":
        return _faults(world, method, given)
    if name == "settings":
        world.settings |= {key: value for key, value in given.items() if key in world.settings}
        return 200, world.settings
    if found := re.fullmatch(r"credentials/(\w+)", name):
        world.credentials[found[1]] |= given
        return 200, {}
    if found := re.fullmatch(r"services/([\w.-]+)", name):
        world.services[found[1]] |= given
        return 200, {}
    if found := re.fullmatch(r"tasks/(\d+)", name):
        return _task(world, found[1], given)
    return 404, {"message": "no such control"}


def _faults(world: World, method: str, given: dict[str, Any]) -> tuple[int, Any]:
    if method == "POST":
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

"""OVH's tasks: they take their time, may be cancelled, show their effect when they end, and vanish after it."""

import math
from collections.abc import Callable
from typing import Any

from apps.sandbox.state import Json, Refusal, World, iso

# Seconds at speed 1: least and most.
DURATIONS = {
    "attachedDomain/create": (8, 30),
    "attachedDomain/delete": (6, 20),
    "attachedDomain/restart": (4, 10),
    "attachedDomain/update": (4, 15),
    "cdn/domain/flush": (4, 10),
    "cdn/flush": (4, 12),
    "database/create": (12, 40),
    "database/delete": (8, 25),
    "database/changePassword": (5, 15),
    "database/checkQuotaNow": (4, 12),
    "database/copy": (10, 30),
    "database/copyRestore": (12, 45),
    "database/import": (20, 60),
    "dump/create": (6, 25),
    "dump/delete": (4, 12),
    "database/restore": (12, 45),
    "hostedssl/create": (20, 60),
    "hostedssl/delete": (6, 20),
    "hostedssl/import": (8, 25),
    "hostedssl/regenerate": (15, 45),
    "module/delete": (8, 25),
    "module/install": (15, 50),
    "scan/create": (20, 60),
    "user/changePassword": (4, 12),
    "user/create": (6, 20),
    "user/delete": (5, 15),
    "user/update": (4, 12),
    "web/checkQuotaNow": (4, 12),
    "web/restoreSnapshot": (30, 90),
}
USUAL = (10, 30)
# A task that vanished stays known to the controls for so many times the vanishing time.
REMEMBERED = 100
# Without anything to wait for, the clock is looked at again so soon.
LOOK_AGAIN_S = 1.0
Effect = Callable[[World, Json, bool], None]
EFFECTS: dict[str, Effect] = {}


def effect(function: str) -> Callable[[Effect], Effect]:
    """Register what a task of that function does to its object when it ends: (world, task, is_done)."""

    def keep(carry_out: Effect) -> Effect:
        EFFECTS[function] = carry_out
        return carry_out

    return keep


def start(world: World, service: Json, function: str, *, object_id: str, object_type: str, **about: Any) -> Json:
    """A new task, answered as OVH answers it. `about`: what its effect needs to know."""
    seconds = _seconds(world, function) / float(world.settings["speed"])
    now = world.now()
    task = {
        "id": world.next_id(),
        "service": service["serviceName"],
        "function": function,
        "objectId": object_id,
        "objectType": object_type,
        "start": now,
        "ends": now + seconds,
        "ended": None,
        "status": "init",
        "is_cancelled": world.dice.uniform(0, 100) < float(world.settings["cancel_percent"]),
        "about": about,
        **_odd(world, function),
    }
    world.add_task(task)
    return shown(world, task)


def _seconds(world: World, function: str) -> float:
    """How long a task takes: within its usual bounds, or long-tailed where the settings say so."""
    tail = world.settings["long_tail"]
    if not tail:
        return world.dice.uniform(*DURATIONS.get(function, USUAL))
    drawn: float = world.dice.lognormvariate(math.log(tail["median"]), tail["sigma"])
    return float(min(max(drawn, tail["least"]), tail["most"]))


def start_foreign(
    world: World, service: Json, function: str, *, object_id: str, object_type: str, seconds: float | None = None
) -> Json:
    """A task somebody else started, in OVH's Manager: it keeps its object busy and changes nothing when it ends."""
    answer = start(world, service, function, object_id=object_id, object_type=object_type)
    task = world.tasks[str(answer["id"])]
    task["is_foreign"] = True
    if seconds is not None:
        task["ends"] = task["start"] + seconds
    return answer


def settle(kept: Json | None, values: Json | None = None) -> None:
    """An object, if it is still there, is at rest again, with these values."""
    if kept is not None:
        kept |= {**(values or {}), "status": "created", "taskId": None}


def _odd(world: World, function: str) -> Json:
    """What a fault wants of the next task of this function."""
    for fault in world.faults:
        if fault["kind"].startswith(("task_", "done_but")) and fault.get("function", function) == function:
            fault["times"] = fault.get("times", 1) - 1
            if fault["times"] <= 0:
                world.faults.remove(fault)
            return {"odd": fault["kind"], "odd_seconds": fault.get("seconds", 5)}
    return {"odd": "", "odd_seconds": 0}


def advance(world: World) -> None:
    """End what is over by now, and forget what ended long ago. Called before every answer."""
    now = world.now()
    if now < world.quiet_until:
        return
    _advance(world, now)
    moments = (_next_moment(world, task) for task in world.tasks.values())
    world.quiet_until = min(moments, default=now + LOOK_AGAIN_S)


def _next_moment(world: World, task: Json) -> float:
    """When something will happen to a task by itself."""
    if task["ended"] is not None:
        return float(task["ended"]) + float(world.settings["vanish_seconds"]) * REMEMBERED
    if task["odd"] == "task_never_ends":
        return world.now() + LOOK_AGAIN_S
    return float(task["start"] + task["ends"]) / 2 if task["odd"] == "task_vanishes" else float(task["ends"])


def _advance(world: World, now: float) -> None:
    for task in list(world.tasks.values()):
        if task["ended"] is None:
            if task["ends"] <= now and task["odd"] != "task_never_ends":
                finish(world, task, task["ends"])
            elif task["odd"] == "task_vanishes" and (task["start"] + task["ends"]) / 2 <= now:
                finish(world, task, now)
                task["is_hidden"] = True
        elif now - task["ended"] > float(world.settings["vanish_seconds"]) * REMEMBERED:
            world.drop_task(task)


def finish(world: World, task: Json, now: float) -> None:
    """The end of a task: its effect, unless it was cancelled."""
    is_cancelled = task["is_cancelled"] or task["odd"] == "task_cancelled"
    task["ended"], task["status"] = now, "cancelled" if is_cancelled else "done"
    carry_out = None if task.get("is_foreign") else EFFECTS.get(task["function"])
    if carry_out is not None and task["service"] in world.services:
        carry_out(world, task, not is_cancelled and task["odd"] != "done_but_unchanged")
    world.is_changed = True


def status_of(world: World, task: Json) -> str:
    """init, todo, doing, then how it ended."""
    if task["ended"] is not None:
        return str(task["status"])
    if task["odd"] == "task_unknown_status":
        return "pondering"
    passed = (world.now() - task["start"]) / max(task["ends"] - task["start"], 0.001)
    return "init" if passed < 0.05 else "todo" if passed < 0.15 else "doing"


def is_visible(world: World, task: Json) -> bool:
    """Whether OVH still, or already, knows it."""
    now = world.now()
    if task.get("is_hidden") or (task["odd"] == "task_hidden" and now - task["start"] < task["odd_seconds"]):
        return False
    vanish = float(world.settings["vanish_seconds"]) / float(world.settings["speed"])
    return task["ended"] is None or now - task["ended"] < vanish


def shown(world: World, task: Json) -> Json:
    """`hosting.web.task`."""
    return {
        "doneDate": iso(task["ended"]),
        "function": task["function"],
        "id": task["id"],
        "lastUpdate": iso(task["ended"] or world.now()),
        "objectId": task["objectId"],
        "objectType": task["objectType"],
        "startDate": iso(task["start"]),
        "status": status_of(world, task),
    }


def of_service(world: World, service: Json) -> list[Json]:
    """The tasks of a service that OVH would list, oldest first."""
    mine = world.tasks_of(service["serviceName"])
    return sorted((task for task in mine if is_visible(world, task)), key=lambda task: int(task["id"]))


def find(world: World, service: Json, task_id: str) -> Json:
    """One of them; 404 for one that is not known, or no more."""
    task = world.tasks.get(task_id)
    if task is None or task["service"] != service["serviceName"] or not is_visible(world, task):
        raise Refusal(404, f"The requested object (id = {task_id}) does not exist")
    return task


def refuse_if_busy(world: World, service: Json, object_id: str) -> None:
    """409 while another task works on the same object."""
    for task in world.tasks_of(service["serviceName"]):
        if task["ended"] is None and task["objectId"] == object_id:
            raise Refusal(409, f"A task ({task['function']}) is already running on {object_id}")

"""Dumps of databases, of those that are no more too, and restores from them."""

from datetime import datetime
from typing import Any

from apps.sandbox import tasks
from apps.sandbox.databases import DATABASE, begin, find, settle
from apps.sandbox.hosting import SERVICE
from apps.sandbox.routes import Call, body_of, choice_of, route
from apps.sandbox.state import Json, Refusal, World, iso

DATES = ("daily.1", "now", "weekly.1")
DAY = 86400.0


def _dump(call: Call, dump_id: Any) -> Json:
    """What is known of a dump, of the database the path names if it names one; 404 for none."""
    if "name" in call.path:
        find(call.service, call.path["name"])
    kept: Json | None = call.service["dumps"].get(str(dump_id))
    if kept is None or call.path.get("name", kept["databaseName"]) != kept["databaseName"]:
        raise Refusal(404, f"The requested object (id = {dump_id}) does not exist")
    return kept


def _shown_dump(call: Call, dump_id: Any) -> Json:
    """`database.dump`."""
    kept = _dump(call, dump_id)
    is_ready = kept["status"] == "created"
    return {
        "creationDate": iso(kept["created"]),
        "deletionDate": iso(kept["deleted"]),
        "id": kept["id"],
        "status": kept["status"],
        "taskId": kept["taskId"],
        "type": kept["type"],
        "url": f"https://dumps.example.net/{kept['id']}.gz" if is_ready else None,
    }


def _shown_service_dump(call: Call, dump_id: Any) -> Json:
    """`hosting.web.dump`."""
    name = _dump(call, dump_id)["databaseName"]
    return {
        **_shown_dump(call, dump_id),
        "databaseName": name,
        "orphan": name not in call.service["databases"],
    }


def _moment(call: Call, name: str, otherwise: float) -> float:
    """A date of the query, in seconds."""
    text = call.query.get(name)
    try:
        return datetime.fromisoformat(text).timestamp() if text else otherwise
    except ValueError:
        raise Refusal(400, f"[{name}] Given data ({text}) is not a valid date") from None


def _within(call: Call) -> list[Json]:
    """The hosting's dumps that are in the dates the query asks for."""
    kept: list[Json] = list(call.service["dumps"].values())
    for date, key in (("creationDate", "created"), ("deletionDate", "deleted")):
        since, until = _moment(call, f"{date}.from", 0), _moment(call, f"{date}.to", 1e12)
        kept = [each for each in kept if since <= each[key] <= until]
    return kept


@route("GET", DATABASE + "/{name}/dump", item=_shown_dump)
def dumps(call: Call) -> list[int]:
    """The ids of its dumps; filters by dates and type."""
    name = find(call.service, call.path["name"])["name"]
    kind = choice_of(call, "type", DATES)
    mine = (dump for dump in _within(call) if dump["databaseName"] == name)
    return sorted(dump["id"] for dump in mine if kind in (None, dump["type"]))


@route("GET", DATABASE + "/{name}/dump/{id}")
def dump(call: Call) -> Json:
    """One of them."""
    return _shown_dump(call, call.path["id"])


@route("GET", SERVICE + "/dump", item=_shown_service_dump)
def service_dumps(call: Call) -> list[int]:
    """All dumps of the hosting, those of deleted databases too."""
    name, orphan = call.query.get("databaseName"), choice_of(call, "orphan", ("true", "false"))
    alive = call.service["databases"]
    return sorted(
        each["id"] for each in _within(call)
        if name in (None, each["databaseName"])
        and orphan in (None, str(each["databaseName"] not in alive).lower())
    )  # fmt: skip


@route("GET", SERVICE + "/dump/{id}")
def service_dump(call: Call) -> Json:
    """One of them."""
    return _shown_service_dump(call, call.path["id"])


@route("POST", DATABASE + "/{name}/dump")
def make_dump(call: Call) -> Json:
    """Take a dump; a task."""
    given = body_of(call, required=("date",), date=(str, DATES), sendEmail=(bool, None))
    name, now = call.path["name"], call.world.now()
    answer = begin(call, name, "dump/create", "dumping")
    dump_id = call.world.next_id()
    call.service["dumps"][str(dump_id)] = new_dump(dump_id, name, given["date"], now, "creating") | {
        "taskId": answer["id"]
    }
    call.world.tasks[str(answer["id"])]["about"] = {"dump": dump_id}
    return answer


def new_dump(dump_id: int, name: str, kind: str, created: float, status: str) -> Json:
    """A dump; OVH keeps it 30 days."""
    return {
        "id": dump_id, "databaseName": name, "type": kind, "created": created, "deleted": created + 30 * DAY,
        "status": status, "taskId": None,
    }  # fmt: skip


@route("DELETE", DATABASE + "/{name}/dump/{id}")
def delete_dump(call: Call) -> Json:
    """Delete a dump; a task."""
    kept = _dump(call, call.path["id"])
    if kept["status"] != "created":
        raise Refusal(409, f"A task is already running on {kept['id']}")
    about = {"object_id": str(kept["id"]), "object_type": "Dump"}
    answer = tasks.start(call.world, call.service, "dump/delete", **about, dump=kept["id"])
    kept |= {"status": "deleting", "taskId": answer["id"]}
    return answer


@route("DELETE", SERVICE + "/dump/{id}")
def delete_service_dump(call: Call) -> Json:
    """The same, by the hosting's list."""
    answer: Json = delete_dump(call)
    return answer


@route("POST", DATABASE + "/{name}/dump/{id}/restore")
def restore_dump(call: Call) -> Json:
    """Put the database back to that dump; a task."""
    kept = _dump(call, call.path["id"])
    if kept["status"] != "created":
        raise Refusal(400, "[id] This dump is not available")
    return begin(call, call.path["name"], "database/restore", "restoring", source=kept["id"])


@route("POST", DATABASE + "/{name}/restore")
def restore(call: Call) -> Json:
    """Put the database back to one of OVH's own backups; a task."""
    given = body_of(call, required=("date",), date=(str, DATES), sendEmail=(bool, None))
    name, date = find(call.service, call.path["name"])["name"], given["date"]
    there = [each for each in call.service["dumps"].values() if each["databaseName"] == name]
    fitting = [each for each in there if each["status"] == "created" and each["type"] == date != "now"]
    if not fitting:
        raise Refusal(400, f"[date] There is no backup ({date}) of {name}")
    newest = max(fitting, key=lambda each: float(each["created"]))
    return begin(call, name, "database/restore", "restoring", source=newest["id"])


@tasks.effect("dump/create")
def _dumped(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    settle(world, task)
    service = world.services[task["service"]]
    key = str(task["about"]["dump"])
    if is_done:
        service["dumps"][key] |= {"status": "created", "taskId": None}
    else:
        service["dumps"].pop(key, None)


@tasks.effect("dump/delete")
def _dump_deleted(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    kept, key = world.services[task["service"]]["dumps"], str(task["about"]["dump"])
    if is_done:
        kept.pop(key, None)
    elif key in kept:
        kept[key] |= {"status": "created", "taskId": None}


@tasks.effect("database/restore")
def _restored(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    settle(world, task, **({"restoredFrom": task["about"]["source"]} if is_done else {}))

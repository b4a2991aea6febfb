"""Dumps of databases, and going back to them."""

from datetime import datetime
from typing import Any

from apps.sandbox import tasks
from apps.sandbox.databases import DATABASE, begin, database_of, settle
from apps.sandbox.hosting import SERVICE
from apps.sandbox.routes import Call, body_of, route
from apps.sandbox.state import Json, Refusal, World, iso

DATES = ("daily.1", "now", "weekly.1")
DAY = 86400.0


def _dump(call: Call, dump_id: Any) -> Json:
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


def _moment(text: str | None, otherwise: float) -> float:
    try:
        return datetime.fromisoformat(text).timestamp() if text else otherwise
    except ValueError:
        raise Refusal(400, f"[date] Given data ({text}) is not a valid date") from None


def _within(call: Call, dump: Json) -> bool:
    """Whether the dump is in the dates the query asks for."""
    return all(
        _moment(call.query.get(f"{date}.from"), 0) <= dump[key] <= _moment(call.query.get(f"{date}.to"), 1e12)
        for date, key in (("creationDate", "created"), ("deletionDate", "deleted"))
    )


@route("GET", DATABASE + "/{name}/dump", item=_shown_dump)
def dumps(call: Call) -> list[int]:
    """The ids of its dumps; filters by dates and type."""
    database_of(call.service, call.path["name"])
    kind = call.query.get("type")
    mine = (dump for dump in call.service["dumps"].values() if dump["databaseName"] == call.path["name"])
    return sorted(dump["id"] for dump in mine if kind in (None, dump["type"]) and _within(call, dump))


@route("GET", DATABASE + "/{name}/dump/{id}")
def dump(call: Call) -> Json:
    """One of them."""
    return _shown_dump(call, call.path["id"])


@route("GET", SERVICE + "/dump", item=_shown_service_dump)
def service_dumps(call: Call) -> list[int]:
    """All dumps of the hosting, those of deleted databases too."""
    name, orphan = call.query.get("databaseName"), call.query.get("orphan")
    found = []
    for each in call.service["dumps"].values():
        is_orphan = str(each["databaseName"] not in call.service["databases"]).lower()
        if name in (None, each["databaseName"]) and orphan in (None, is_orphan) and _within(call, each):
            found.append(each["id"])
    return sorted(found)


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
    kept["status"] = "deleting"
    return tasks.start(
        call.world,
        call.service,
        "dump/delete",
        object_id=str(kept["id"]),
        object_type="Dump",
        dump=kept["id"],
    )


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
        raise Refusal(400, "This dump is not available")
    return begin(call, call.path["name"], "database/restore", "restoring", source=kept["id"])


@route("POST", DATABASE + "/{name}/restore")
def restore(call: Call) -> Json:
    """Put the database back to one of OVH's own backups; a task."""
    given = body_of(call, required=("date",), date=(str, DATES), sendEmail=(bool, None))
    return begin(call, call.path["name"], "database/restore", "restoring", source=given["date"])


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
    service = world.services[task["service"]]
    if is_done:
        service["dumps"].pop(str(task["about"]["dump"]), None)


@tasks.effect("database/restore")
def _restored(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    settle(world, task)
    kept = world.services[task["service"]]["databases"].get(task["objectId"])
    if kept is not None and is_done:
        kept["restoredFrom"] = task["about"]["source"]

"""Copies of databases, which may be put into any database of the account; and imports of uploaded documents."""

import uuid
from typing import Any

from apps.sandbox import tasks
from apps.sandbox.databases import DATABASE, begin, find, settle
from apps.sandbox.documents import find as find_document
from apps.sandbox.routes import Call, body_of, route
from apps.sandbox.state import Json, Refusal, World, iso

LASTS = 7 * 86400.0  # seconds
IMPORTED = (".gz", ".sql", ".txt")
MB = 1_000_000


def _alive(world: World, service: Json) -> dict[str, Json]:
    """The copies of a service that are not over, by id. A world kept by an earlier sandbox has none."""
    kept: dict[str, Json] = service.setdefault("copies", {})
    return {copy_id: each for copy_id, each in kept.items() if each["expires"] > world.now()}


def _copy(call: Call, copy_id: Any) -> Json:
    """What is known of a copy of the database the path names; 404 for none."""
    name = find(call.service, call.path["name"])["name"]
    kept = _alive(call.world, call.service).get(str(copy_id))
    if kept is None or kept["databaseName"] != name:
        raise Refusal(404, f"The requested object (id = {copy_id}) does not exist")
    return kept


def _status(world: World, kept: Json) -> str:
    """todo, doing, then done or error."""
    task = world.tasks.get(str(kept["task"]))
    if task is None or task["ended"] is not None:
        return str(kept["status"])
    return tasks.status_of(world, task).replace("init", "todo")


def _shown_copy(call: Call, copy_id: Any) -> Json:
    """`database.copy`."""
    kept = _copy(call, copy_id)
    return {
        "creationDate": iso(kept["created"]),
        "expirationDate": iso(kept["expires"]),
        "id": kept["id"],
        "lastUpdate": iso(kept["updated"] or call.world.now()),
        "status": _status(call.world, kept),
    }


@route("GET", DATABASE + "/{name}/copy", item=_shown_copy)
def copies(call: Call) -> list[str]:
    """The ids of its copies, oldest first."""
    name = find(call.service, call.path["name"])["name"]
    mine = (each for each in _alive(call.world, call.service).values() if each["databaseName"] == name)
    return [each["id"] for each in sorted(mine, key=lambda each: float(each["created"]))]


@route("GET", DATABASE + "/{name}/copy/{id}")
def copy(call: Call) -> Json:
    """One of them; 404 once it expired."""
    return _shown_copy(call, call.path["id"])


@route("POST", DATABASE + "/{name}/copy")
def make_copy(call: Call) -> Json:
    """Copy the database. OVH answers the copy, which shows how far it is; there is no task to follow."""
    body_of(call)
    service, now = call.service, call.world.now()
    source = find(service, call.path["name"])
    tasks.refuse_if_busy(call.world, service, source["name"])
    copy_id = str(uuid.uuid4())
    about = {"object_id": source["name"], "object_type": "Database"}
    task_id = tasks.start(call.world, service, "database/copy", **about, copy=copy_id)["id"]
    call.world.tasks[str(task_id)]["is_hidden"] = True
    service.setdefault("copies", {})[copy_id] = {
        "id": copy_id, "databaseName": source["name"], "usedMb": source["usedMb"], "status": "todo", "task": task_id,
        "created": now, "updated": None, "expires": now + LASTS,
    }  # fmt: skip
    return _shown_copy(call, copy_id)


@route("DELETE", DATABASE + "/{name}/copy/{id}")
def delete_copy(call: Call) -> None:
    """Delete a copy, at once."""
    kept = _copy(call, call.path["id"])
    if _status(call.world, kept) not in ("done", "error"):
        raise Refusal(409, f"The copy {kept['id']} is being made")
    del call.service["copies"][kept["id"]]


@route("POST", DATABASE + "/{name}/copyRestore")
def restore_copy(call: Call) -> Json:
    """Put a copy of any database of the account into this one; a task."""
    given = body_of(call, required=("copyId",), copyId=(str, None), flushDatabase=(bool, None))
    find(call.service, call.path["name"])
    mine = [each for each in call.world.services.values() if each["nichandle"] == call.nichandle]
    found = next(
        (kept[given["copyId"]] for each in mine if given["copyId"] in (kept := _alive(call.world, each))), None
    )
    if found is None:
        raise Refusal(404, f"The requested object (copyId = {given['copyId']}) does not exist")
    if _status(call.world, found) != "done":
        raise Refusal(400, "[copyId] This copy is not available")
    about = {"copy": found["id"], "used_mb": found["usedMb"]}
    return begin(call, call.path["name"], "database/copyRestore", "restoring", **about)


@route("POST", DATABASE + "/{name}/import")
def import_document(call: Call) -> Json:
    """Fill the database from an uploaded document; a task."""
    given = body_of(
        call, required=("documentId",), documentId=(str, None), flushDatabase=(bool, None), sendEmail=(bool, None)
    )
    find(call.service, call.path["name"])
    document = find_document(call, given["documentId"])
    if document["validated"] is None:
        raise Refusal(400, "[documentId] Nothing was uploaded to this document")
    if not document["name"].lower().endswith(IMPORTED):
        raise Refusal(400, f"[documentId] The name of the document must end in {', '.join(IMPORTED)}")
    about = {key: document[key] for key in ("name", "sha256", "size")} | {"flush": bool(given.get("flushDatabase"))}
    return begin(call, call.path["name"], "database/import", "importing", document=about)


@tasks.effect("database/copy")
def _copied(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    kept = world.services[task["service"]]["copies"].get(task["about"]["copy"])
    if kept is not None:
        kept |= {"status": "done" if is_done else "error", "updated": task["ended"]}


@tasks.effect("database/copyRestore")
def _copy_restored(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    about = task["about"]
    settle(world, task, **({"restoredFrom": about["copy"], "usedMb": about["used_mb"]} if is_done else {}))


@tasks.effect("database/import")
def _imported(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    kept = world.services[task["service"]]["databases"].get(task["objectId"])
    if kept is None or not is_done:
        settle(world, task)
        return
    document = task["about"]["document"]
    before = 0 if document["flush"] else kept["usedMb"]
    origin = {"name": document["name"], "sha256": document["sha256"]}
    settle(world, task, usedMb=round(before + document["size"] / MB, 6), importedFrom=origin)

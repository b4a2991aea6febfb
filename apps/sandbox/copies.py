"""Copies of databases and files put into them. A copy has no task of its own to show: only its status."""

import hashlib
import uuid
from typing import Any

from apps.sandbox import tasks
from apps.sandbox.databases import DATABASE, begin, database_of, settle
from apps.sandbox.routes import Call, body_of, route
from apps.sandbox.state import Json, Refusal, World, iso

DAY = 86400.0
KEPT_DAYS = 7
IMPORTED = (".sql", ".txt", ".gz")


def new_copy(copy_id: str, name: str, created: float, status: str) -> Json:
    """A copy; OVH keeps it a week."""
    return {"id": copy_id, "databaseName": name, "created": created, "updated": created, "status": status}


def _copies(call: Call) -> Json:
    found: Json = call.service.setdefault("copies", {})
    return found


def _shown_copy(call: Call, copy_id: Any) -> Json:
    """`hosting.web.database.copy`."""
    kept = _copies(call).get(str(copy_id))
    if kept is None or kept["databaseName"] != call.path["name"]:
        raise Refusal(404, f"The requested object (id = {copy_id}) does not exist")
    return {
        "creationDate": iso(kept["created"]),
        "expirationDate": iso(kept["created"] + KEPT_DAYS * DAY),
        "id": kept["id"],
        "lastUpdate": iso(kept["updated"]),
        "status": kept["status"],
    }


@route("GET", DATABASE + "/{name}/copy", item=_shown_copy)
def copies(call: Call) -> list[str]:
    """The ids of its copies."""
    database_of(call.service, call.path["name"])
    return sorted(key for key, each in _copies(call).items() if each["databaseName"] == call.path["name"])


@route("GET", DATABASE + "/{name}/copy/{id}")
def copy(call: Call) -> Json:
    """One of them."""
    return _shown_copy(call, call.path["id"])


@route("POST", DATABASE + "/{name}/copy")
def make_copy(call: Call) -> Json:
    """Make one; the answer is the copy."""
    name = call.path["name"]
    database_of(call.service, name)
    tasks.refuse_if_busy(call.world, call.service, name)
    copy_id = str(uuid.UUID(int=call.world.dice.getrandbits(128), version=4))
    _copies(call)[copy_id] = new_copy(copy_id, name, call.world.now(), "doing")
    about = {"object_id": name, "object_type": "Database", "copy": copy_id}
    task = tasks.start(call.world, call.service, "database/copy", **about)
    call.world.tasks[str(task["id"])]["is_hidden"] = True
    return _shown_copy(call, copy_id)


@route("DELETE", DATABASE + "/{name}/copy/{id}")
def delete_copy(call: Call) -> None:
    """Delete it at once."""
    _shown_copy(call, call.path["id"])
    del _copies(call)[call.path["id"]]


@route("POST", DATABASE + "/{name}/copyRestore")
def restore_copy(call: Call) -> Json:
    """Put a copy of any database of the account into this one; a task."""
    given = body_of(call, required=("copyId",), copyId=(str, None), flushDatabase=(bool, None))
    mine = (each for each in call.world.services.values() if each["nichandle"] == call.nichandle)
    kept = next((found for each in mine if (found := each.get("copies", {}).get(given["copyId"]))), None)
    if kept is None:
        raise Refusal(404, f"The requested object (copyId = {given['copyId']}) does not exist")
    if kept["status"] != "done":
        raise Refusal(400, "[copyId] This copy is not ready")
    return begin(call, call.path["name"], "database/copyRestore", "restoring", source=kept["id"])


@route("POST", DATABASE + "/{name}/import")
def import_file(call: Call) -> Json:
    """Carry out an uploaded document on the database; a task."""
    given = body_of(
        call, required=("documentId",), documentId=(str, None), flushDatabase=(bool, None), sendEmail=(bool, None)
    )
    document = call.world.documents.get(given["documentId"])
    if document is None or document["nichandle"] != call.nichandle:
        raise Refusal(404, f"The requested object (documentId = {given['documentId']}) does not exist")
    if not document["size"]:
        raise Refusal(400, "[documentId] Nothing was uploaded to this document")
    if not document["name"].lower().endswith(IMPORTED):
        raise Refusal(400, "[documentId] Only .sql, .txt and .gz files can be imported")
    about = {"name": document["name"], "size": document["size"], "sha256": document["sha256"]}
    return begin(call, call.path["name"], "database/import", "importing", document=about)


def digest(text: bytes) -> str:
    """The fingerprint of what was uploaded; the content itself is not kept."""
    return hashlib.sha256(text).hexdigest()


@tasks.effect("database/copy")
def _copied(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    kept = world.services[task["service"]].get("copies", {}).get(task["about"]["copy"])
    if kept is not None:
        kept |= {"status": "done" if is_done else "error", "updated": world.now()}


@tasks.effect("database/copyRestore")
def _copy_restored(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    settle(world, task)
    kept = world.services[task["service"]]["databases"].get(task["objectId"])
    if kept is not None and is_done:
        kept["restoredFrom"] = task["about"]["source"]


@tasks.effect("database/import")
def _imported(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    settle(world, task)
    kept = world.services[task["service"]]["databases"].get(task["objectId"])
    if kept is not None and is_done:
        document = task["about"]["document"]
        kept |= {"importedFrom": document, "usedMb": round(kept["usedMb"] + document["size"] / 1e6, 3)}

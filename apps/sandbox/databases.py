"""Databases of a hosting, and their dumps."""

import hashlib
import re
from datetime import datetime
from typing import Any

from apps.sandbox import tasks
from apps.sandbox.hosting import SERVICE
from apps.sandbox.routes import Call, body_of, route
from apps.sandbox.state import Json, Refusal, World, iso

DATABASE = SERVICE + "/database"
VERSIONS = {
    "mysql": ["8.4", "8.0", "5.7"],
    "mariadb": ["11", "10.11", "10.6"],
    "postgresql": ["15", "13"],
    "redis": ["7.0"],
}
TYPES = tuple(VERSIONS)
CAPABILITIES = ("extraSqlPerso", "local", "privateDatabase", "sqlLocal", "sqlPerso", "sqlPro")
QUOTAS = (25, 100, 200, 256, 400, 512, 800, 1024)
DATES = ("daily.1", "now", "weekly.1")
DAY = 86400.0


@route("GET", SERVICE + "/databaseCreationCapabilities")
def creation_capabilities(call: Call) -> list[Json]:
    """`database.CreationDatabaseCapabilities[]`."""
    kept = call.service
    left = max(kept["maxDatabases"] - len(kept["databases"]), 0)
    return [
        {
            "available": left,
            "engines": ["mysql"],
            "isolation": "shared",
            "quota": {"unit": "MB", "value": kept["databaseMb"]},
            "type": "sqlPerso",
        }
    ]


@route("GET", SERVICE + "/databaseAvailableType")
def available_types(call: Call) -> list[str]:
    """What engines there are."""
    call.service  # noqa: B018  # 404 for a service that is not there
    return ["mysql", "postgresql"]


@route("GET", SERVICE + "/databaseAvailableVersion")
def available_versions(call: Call) -> Json:
    """The versions of an engine."""
    call.service  # noqa: B018
    versions = VERSIONS.get(call.query.get("type", ""))
    if versions is None:
        raise Refusal(400, "[type] Given data does not belong to the enumeration")
    return {"default": versions[0], "list": versions}


def shown_database(call: Call, name: Any) -> Json:
    """`hosting.web.database`."""
    kept = _database(call.service, str(name))
    used = kept["usedMb"]
    return {
        "databaseServiceDeprecated": False,
        "databaseType": "included",
        "dumps": sum(dump["databaseName"] == name for dump in call.service["dumps"].values()),
        "guiURL": f"https://phpmyadmin.{call.service['cluster']}.example.net",
        "lastCheck": iso(call.world.now() - 3600),
        "mode": kept.get("mode", "classic"),
        "name": name,
        "port": 3306,
        "quotaSize": {"unit": "MB", "value": kept["quotaMb"]},
        "quotaUsed": {"unit": "MB", "value": used},
        "server": kept["server"],
        "sqlpersoId": None,
        "state": "readonly" if used > kept["quotaMb"] else "ok",
        "status": kept["status"],
        "taskId": kept["taskId"],
        "type": kept["type"],
        "user": kept["user"],
        "version": kept["version"],
        "versionSupport": "deprecated" if kept["version"] == "5.7" else "stable",
    }


@route("GET", DATABASE, item=shown_database)
def databases(call: Call) -> list[str]:
    """The names, filtered by name, server, type and user (OVH's «like»)."""
    kept = call.service["databases"]
    wanted = {name: call.query[name] for name in ("name", "server", "user") if call.query.get(name)}
    found = (name for name, each in kept.items() if all(text in str(each.get(key)) for key, text in wanted.items()))
    kind = call.query.get("type")
    return sorted(name for name in found if kind in (None, kept[name]["type"]))


@route("GET", DATABASE + "/{name}")
def database(call: Call) -> Json:
    """One of them."""
    return shown_database(call, call.path["name"])


@route("GET", DATABASE + "/{name}/capabilities")
def capabilities(call: Call) -> Json:
    """`database.DatabaseCapabilities`."""
    _database(call.service, call.path["name"])
    gui = f"https://phpmyadmin.{call.service['cluster']}.example.net"
    names = ("changePassword", "changeRight", "delete", "dump", "getQuota", "getRight", "optimize", "restore")
    return {**dict.fromkeys(names, True), "guiURL": gui}


@route("POST", DATABASE)
def create(call: Call) -> Json:
    """Create one; a task."""
    kept = call.service
    given = body_of(
        call, required=("capabilitie", "type", "user"), capabilitie=(str, CAPABILITIES), password=(str, None),
        quota=(int, QUOTAS), type=(str, TYPES), user=(str, None), version=(str, None),
    )  # fmt: skip
    user = given["user"]
    if not re.fullmatch(r"[a-z0-9]{1,16}", user) or not user.startswith(kept["login"]) or user == kept["login"]:
        raise Refusal(400, f"[user] Given data ({user}) must begin with {kept['login']} and have at most 16 characters")
    check_password(given.get("password"))
    versions = VERSIONS[given["type"]]
    if given.get("version") not in (None, *versions):
        raise Refusal(400, f"[version] Version {given['version']} is not available for {given['type']}")
    if len(kept["databases"]) >= kept["maxDatabases"]:
        raise Refusal(400, "[capabilitie] You have reached the maximum number of databases of your offer")
    name = f"{user}.{'mysql' if given['type'] != 'postgresql' else 'postgresql'}.db"
    if any(each["user"] == user for each in kept["databases"].values()):
        raise Refusal(409, f"The database {user} already exists")
    kept["databases"][name] = new_database(name, user, given, kept, versions[0])
    return _begin(call, name, "database/create", "creating")


def new_database(name: str, user: str, given: Json, kept: Json, default_version: str) -> Json:
    """A database being created. Of its password only a hash is kept."""
    return {
        "name": name,
        "user": user,
        "type": given["type"],
        "version": given.get("version") or default_version,
        "server": f"{user}.{name.partition('.')[2]}",
        "quotaMb": given.get("quota") or kept["databaseMb"],
        "usedMb": 0,
        "status": "creating",
        "taskId": None,
        "password": hashlib.sha256((given.get("password") or "").encode()).hexdigest(),
        "restoredFrom": None,
    }


def check_password(password: str | None) -> None:
    """8 to 30 letters and digits, with upper case, lower case and a digit; None is a password OVH makes."""
    is_good = password is None or (
        re.fullmatch(r"[A-Za-z0-9]{8,30}", password)
        and all(re.search(pattern, password) for pattern in ("[a-z]", "[A-Z]", "[0-9]"))
    )
    if not is_good:
        raise Refusal(400, "[password] Given data does not respect the password policy")


@route("DELETE", DATABASE + "/{name}")
def delete(call: Call) -> Json:
    """Delete it and its dumps; a task."""
    return _begin(call, call.path["name"], "database/delete", "deleting")


@route("POST", DATABASE + "/{name}/changePassword")
def change_password(call: Call) -> Json:
    """A new password; a task."""
    given = body_of(call, required=("password",), password=(str, None))
    check_password(given["password"])
    kept = _database(call.service, call.path["name"])
    answer = _begin(call, call.path["name"], "database/changePassword", "updating")
    kept["password"] = hashlib.sha256(given["password"].encode()).hexdigest()
    return answer


def _begin(call: Call, name: str, function: str, status: str, **about: Any) -> Json:
    """Start a task on a database, which shows the status meanwhile."""
    kept = _database(call.service, name)
    tasks.refuse_if_busy(call.world, call.service, name)
    kind = {"object_id": name, "object_type": "Database"}
    answer = tasks.start(call.world, call.service, function, **kind, **about)
    kept |= {"status": status, "taskId": answer["id"]}
    return answer


def _database(service: Json, name: str) -> Json:
    kept: Json | None = service["databases"].get(name)
    if kept is None:
        raise Refusal(404, f"The requested object (name = {name}) does not exist")
    return kept


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
    _database(call.service, call.path["name"])
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
    answer = _begin(call, name, "dump/create", "dumping")
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
    return _begin(call, call.path["name"], "database/restore", "restoring", source=kept["id"])


@route("POST", DATABASE + "/{name}/restore")
def restore(call: Call) -> Json:
    """Put the database back to one of OVH's own backups; a task."""
    given = body_of(call, required=("date",), date=(str, DATES), sendEmail=(bool, None))
    return _begin(call, call.path["name"], "database/restore", "restoring", source=given["date"])


@tasks.effect("database/create")
def _created(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    if is_done:
        _settle(world, task)
    else:
        world.services[task["service"]]["databases"].pop(task["objectId"], None)


@tasks.effect("database/delete")
def _deleted(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    service = world.services[task["service"]]
    if not is_done:
        _settle(world, task)
        return
    service["databases"].pop(task["objectId"], None)
    for key in [key for key, dump in service["dumps"].items() if dump["databaseName"] == task["objectId"]]:
        del service["dumps"][key]


@tasks.effect("dump/create")
def _dumped(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    _settle(world, task)
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
    _settle(world, task)
    kept = world.services[task["service"]]["databases"].get(task["objectId"])
    if kept is not None and is_done:
        kept["restoredFrom"] = task["about"]["source"]


@tasks.effect("database/changePassword")
def _password_changed(world: World, task: Json, is_done: bool) -> None:  # noqa: ARG001, FBT001
    _settle(world, task)


def _settle(world: World, task: Json) -> None:
    """The database is at rest again."""
    kept = world.services[task["service"]]["databases"].get(task["objectId"])
    if kept is not None:
        kept |= {"status": "created", "taskId": None}

"""Databases of a hosting."""

import hashlib
import re
from typing import Any

from apps.sandbox import charts, tasks
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
MODES = ("besteffort", "classic", "module")
# Unit, and the usual height of the series.
STATISTICS = {"statement": ("queries", {"statement": 900}), "statementMeanTime": ("ms", {"meanTime": 12})}


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
    kept = database_of(call.service, str(name))
    used = kept["usedMb"]
    return {
        "databaseServiceDeprecated": False,
        "databaseType": "included",
        "dumps": sum(dump["databaseName"] == name for dump in call.service["dumps"].values()),
        "guiURL": f"https://phpmyadmin.{call.service['cluster']}.example.net",
        "lastCheck": iso(kept.get("checked", call.world.now() - 3600)),
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
    kind, mode = _choice(call, "type", (*TYPES, "mongodb")), _choice(call, "mode", MODES)
    return sorted(
        name
        for name in found
        if kind in (None, kept[name]["type"]) and mode in (None, kept[name].get("mode", "classic"))
    )


def _choice(call: Call, name: str, allowed: tuple[str, ...]) -> str | None:
    value = call.query.get(name)
    if value is not None and value not in allowed:
        raise Refusal(400, f"[{name}] Given data ({value}) does not belong to the enumeration")
    return value


@route("GET", DATABASE + "/{name}")
def database(call: Call) -> Json:
    """One of them."""
    return shown_database(call, call.path["name"])


@route("GET", DATABASE + "/{name}/capabilities")
def capabilities(call: Call) -> Json:
    """`database.DatabaseCapabilities`."""
    database_of(call.service, call.path["name"])
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
    return begin(call, name, "database/create", "creating")


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
    return begin(call, call.path["name"], "database/delete", "deleting")


@route("POST", DATABASE + "/{name}/changePassword")
def change_password(call: Call) -> Json:
    """A new password; a task."""
    given = body_of(call, required=("password",), password=(str, None))
    check_password(given["password"])
    digest = hashlib.sha256(given["password"].encode()).hexdigest()
    return begin(call, call.path["name"], "database/changePassword", "updating", password=digest)


@route("POST", DATABASE + "/{name}/request")
def request(call: Call) -> Json:
    """Measure its size; a task."""
    body_of(call, required=("action",), action=(str, ("CHECK_QUOTA",)))
    return begin(call, call.path["name"], "database/checkQuotaNow", "checking")


@route("GET", DATABASE + "/{name}/statistics")
def statistics(call: Call) -> list[Json]:
    """`complexType.ChartSerie[]`: queries, or how long they take."""
    database_of(call.service, call.path["name"])
    return charts.answer(call, call.path["name"], STATISTICS)


def begin(call: Call, name: str, function: str, status: str, **about: Any) -> Json:
    """Start a task on a database, which shows the status meanwhile."""
    kept = database_of(call.service, name)
    tasks.refuse_if_busy(call.world, call.service, name)
    kind = {"object_id": name, "object_type": "Database"}
    answer = tasks.start(call.world, call.service, function, **kind, **about)
    kept |= {"status": status, "taskId": answer["id"]}
    return answer


def database_of(service: Json, name: str) -> Json:
    """A database of the service, as it is kept; 404 where there is none."""
    kept: Json | None = service["databases"].get(name)
    if kept is None:
        raise Refusal(404, f"The requested object (name = {name}) does not exist")
    return kept


@tasks.effect("database/create")
def _created(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    if is_done:
        settle(world, task)
    else:
        world.services[task["service"]]["databases"].pop(task["objectId"], None)


@tasks.effect("database/delete")
def _deleted(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    service = world.services[task["service"]]
    if not is_done:
        settle(world, task)
        return
    service["databases"].pop(task["objectId"], None)
    for key in [key for key, dump in service["dumps"].items() if dump["databaseName"] == task["objectId"]]:
        del service["dumps"][key]


@tasks.effect("database/changePassword")
def _password_changed(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    settle(world, task)
    kept = world.services[task["service"]]["databases"].get(task["objectId"])
    if kept is not None and is_done:
        kept["password"] = task["about"]["password"]


@tasks.effect("database/checkQuotaNow")
def _measured(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    settle(world, task)
    kept = world.services[task["service"]]["databases"].get(task["objectId"])
    if kept is not None and is_done:
        kept["checked"] = world.now()


def settle(world: World, task: Json) -> None:
    """The database is at rest again."""
    kept = world.services[task["service"]]["databases"].get(task["objectId"])
    if kept is not None:
        kept |= {"status": "created", "taskId": None}

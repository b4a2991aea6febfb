"""Databases of a hosting: what may be created, what there is, and how they change."""

import hashlib
import math
import re
import zlib
from typing import Any

from apps.sandbox import tasks
from apps.sandbox.hosting import SERVICE
from apps.sandbox.routes import Call, body_of, choice_of, route
from apps.sandbox.state import Json, Refusal, World, iso

DATABASE = SERVICE + "/database"
VERSIONS = {
    "mysql": ["8.4", "8.0", "5.7"],
    "mariadb": ["11", "10.11", "10.6"],
    "postgresql": ["15", "13"],
    "redis": ["7.0"],
}
TYPES = tuple(VERSIONS)
ENGINES = (*TYPES, "mongodb")
CAPABILITIES = ("extraSqlPerso", "local", "privateDatabase", "sqlLocal", "sqlPerso", "sqlPro")
QUOTAS = (25, 100, 200, 256, 400, 512, 800, 1024)
MODES = ("besteffort", "classic", "module")
# Of a statistic: how many points it has, and the seconds between them.
PERIODS = {"daily": (288, 300), "weekly": (168, 3600), "monthly": (180, 14400), "yearly": (365, 86400)}
# (unit, the most a point can be)
STATISTICS = {"statement": ("count", 600.0), "statementMeanTime": ("ms", 40.0)}
SERIES = ("delete", "insert", "select", "update")
# What offers of the PERFORMANCE kind have besides: (capability, how many, engines, MB, isolation)
OF_PERFORMANCE = (
    ("extraSqlPerso", 2, ("mysql", "postgresql"), 400, "shared"),
    ("privateDatabase", 1, ("mariadb", "mysql", "postgresql", "redis"), 8192, "dedicated"),
)


def capabilities_of(service: Json) -> list[Json]:
    """`database.CreationDatabaseCapabilities[]`: what may still be created on a service."""
    own = ("sqlPerso", service["maxDatabases"], ("mysql",), service["databaseMb"], "shared")
    made = [each.get("capabilitie", "sqlPerso") for each in service["databases"].values()]
    return [
        {
            "available": max(count - made.count(name), 0),
            "engines": list(engines),
            "isolation": isolation,
            "quota": {"unit": "MB", "value": quota},
            "type": name,
        }
        for name, count, engines, quota, isolation in (
            own,
            *(OF_PERFORMANCE if "PERFORMANCE" in service["offer"] else ()),
        )
    ]


@route("GET", SERVICE + "/databaseCreationCapabilities")
def creation_capabilities(call: Call) -> list[Json]:
    """`database.CreationDatabaseCapabilities[]`."""
    return capabilities_of(call.service)


@route("GET", SERVICE + "/databaseAvailableType")
def available_types(call: Call) -> list[str]:
    """The engines its capabilities have."""
    return sorted({engine for each in capabilities_of(call.service) for engine in each["engines"]})


@route("GET", SERVICE + "/databaseAvailableVersion")
def available_versions(call: Call) -> Json:
    """`database.AvailableVersionStruct`: the versions of an engine."""
    call.service  # noqa: B018  # 404 for a service that is not there
    versions = VERSIONS[str(choice_of(call, "type", TYPES, required=True))]
    return {"default": versions[0], "list": versions}


def shown_database(call: Call, name: Any) -> Json:
    """`hosting.web.database`."""
    kept = find(call.service, str(name))
    used = kept["usedMb"]
    return {
        "databaseServiceDeprecated": False,
        "databaseType": "included" if kept.get("capabilitie", "sqlPerso") == "sqlPerso" else "extra",
        "dumps": sum(dump["databaseName"] == name for dump in call.service["dumps"].values()),
        "guiURL": f"https://phpmyadmin.{call.service['cluster']}.example.net",
        "lastCheck": iso(kept.get("lastCheck") or call.world.now() - 3600),
        "mode": kept.get("mode", "classic"),
        "name": name,
        "port": 3306,
        "quotaSize": {"unit": "MB", "value": kept["quotaMb"]},
        "quotaUsed": {"unit": "MB", "value": used},
        "server": kept["server"],
        "sqlpersoId": kept.get("sqlpersoId"),
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
    """The names, filtered by mode and type, and by name, server and user (OVH's «like»)."""
    kept = call.service["databases"]
    mode, kind = choice_of(call, "mode", MODES), choice_of(call, "type", ENGINES)
    like = {name: call.query[name] for name in ("name", "server", "user") if call.query.get(name)}
    return sorted(
        name for name, each in kept.items()
        if all(text in str(each.get(key)) for key, text in like.items())
        and mode in (None, each.get("mode", "classic")) and kind in (None, each["type"])
    )  # fmt: skip


@route("GET", DATABASE + "/{name}")
def database(call: Call) -> Json:
    """One of them."""
    return shown_database(call, call.path["name"])


@route("GET", DATABASE + "/{name}/capabilities")
def capabilities(call: Call) -> Json:
    """`database.DatabaseCapabilities`."""
    find(call.service, call.path["name"])
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
    capability = _offered(kept, given)
    name = f"{user}.{'mysql' if given['type'] != 'postgresql' else 'postgresql'}.db"
    if any(each["user"] == user for each in kept["databases"].values()):
        raise Refusal(409, f"The database {user} already exists")
    given = given | {"quota": given.get("quota") or capability["quota"]["value"]}
    kept["databases"][name] = new_database(name, user, given, kept, versions[0]) | {
        "capabilitie": given["capabilitie"],
        "sqlpersoId": call.world.next_id() if given["capabilitie"] == "extraSqlPerso" else None,
    }
    return begin(call, name, "database/create", "creating")


def _offered(service: Json, given: Json) -> Json:
    """The capability a new database would use up; 400 when there is none, or none left."""
    name = given["capabilitie"]
    found = next((each for each in capabilities_of(service) if each["type"] == name), None)
    if found is None:
        raise Refusal(400, f"[capabilitie] {name} is not available with your offer")
    if given["type"] not in found["engines"]:
        raise Refusal(400, f"[type] {given['type']} is not available for {name}")
    if not found["available"]:
        raise Refusal(400, "[capabilitie] You have reached the maximum number of databases of your offer")
    return found


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
        "password": _hashed(given.get("password") or ""),
        "restoredFrom": None,
    }


def _hashed(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


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
    hashed = _hashed(given["password"])
    return begin(call, call.path["name"], "database/changePassword", "updating", password=hashed)


@route("POST", DATABASE + "/{name}/request")
def request(call: Call) -> Json:
    """Count its size anew; a task."""
    body_of(call, required=("action",), action=(str, ("CHECK_QUOTA",)))
    return begin(call, call.path["name"], "database/checkQuotaNow", "checking")


@route("GET", DATABASE + "/{name}/statistics")
def statistics(call: Call) -> list[Json]:
    """`complexType.ChartSerie_complexType.ChartTimestampValue[]`, oldest point first."""
    name = find(call.service, call.path["name"])["name"]
    count, step = PERIODS[str(choice_of(call, "period", tuple(PERIODS), required=True))]
    unit, most = STATISTICS[str(choice_of(call, "type", tuple(STATISTICS), required=True))]
    last = int(call.world.now()) // step * step
    moments = range(last - (count - 1) * step, last + step, step)
    return [
        {
            "serieName": serie,
            "unit": unit,
            "values": [{"timestamp": moment, "value": _point(name, serie, moment, most)} for moment in moments],
        }
        for serie in SERIES
    ]


def _point(name: str, serie: str, moment: int, most: float) -> float | None:
    """From 0 to `most`, higher by day than by night and always the same; about one in a hundred is missing."""
    drawn = zlib.crc32(f"{name} {serie} {moment}".encode())
    by_day = (1 - math.cos(moment % 86400 / 86400 * math.tau)) / 2
    return None if drawn % 97 == 0 else round(most * (0.7 * by_day + 0.3 * (drawn % 1000) / 1000), 1)


def begin(call: Call, name: str, function: str, status: str, **about: Any) -> Json:
    """Start a task on a database, which shows the status meanwhile. `about`: what its effect needs to know."""
    kept = find(call.service, name)
    tasks.refuse_if_busy(call.world, call.service, name)
    kind = {"object_id": name, "object_type": "Database"}
    answer = tasks.start(call.world, call.service, function, **kind, **about)
    kept |= {"status": status, "taskId": answer["id"]}
    return answer


def find(service: Json, name: str) -> Json:
    """What is known of a database; 404 for none."""
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
    # A task begun by an earlier sandbox has no hash: its call had set it already.
    changed = {"password": task["about"]["password"]} if is_done and "password" in task["about"] else {}
    settle(world, task, **changed)


@tasks.effect("database/checkQuotaNow")
def _counted(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    settle(world, task, **({"lastCheck": task["ended"]} if is_done else {}))


def settle(world: World, task: Json, **changed: Any) -> None:
    """The database is at rest again, with what the task changed of it."""
    kept = world.services[task["service"]]["databases"].get(task["objectId"])
    if kept is not None:
        kept |= {"status": "created", "taskId": None, **changed}

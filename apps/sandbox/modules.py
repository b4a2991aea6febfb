"""OVH's catalogue of sites to install with one click, and what is installed of it."""

import re
from typing import Any

from apps.sandbox import databases, tasks
from apps.sandbox.hosting import SERVICE
from apps.sandbox.routes import Call, body_of, check_path, route
from apps.sandbox.state import Json, Refusal, World, iso

MODULE = SERVICE + "/module"
LANGUAGES = ("cz", "de", "en", "es", "fi", "fr", "it", "lt", "nl", "pl", "pt")
FILTERS = {"active": ("true", "false"), "branch": ("old", "stable", "testing"), "latest": ("true", "false")}
SHORTEST_PASSWORD = 8
# Name: the admin's folder, the type of the admin's name, languages, keywords, MB, PHP.
KINDS = {
    "WordPress": ("wp-admin", "string", ["de", "en", "es", "fr", "it", "nl", "pl", "pt"], ["blog", "cms"], 78.5, "8.1"),
    "PrestaShop": ("admin", "email", ["de", "en", "es", "fr", "it", "nl", "pl"], ["shop", "e-commerce"], 212.0, "8.1"),
    "Joomla": ("administrator", "string", ["de", "en", "es", "fr", "it"], ["cms", "portal"], 64.0, "8.1"),
    "Drupal": ("user", "string", ["en"], ["cms", "portal"], 96.2, "8.3"),
}
# Id, name, version, branch, whether it can be installed, whether it is its branch's latest.
VERSIONS = [
    (101, "WordPress", "6.8.2", "stable", True, True),
    (102, "WordPress", "6.7.2", "stable", True, False),
    (103, "WordPress", "6.9-beta1", "testing", True, True),
    (104, "WordPress", "5.9.10", "old", True, True),
    (110, "PrestaShop", "8.2.1", "stable", True, True),
    (111, "PrestaShop", "9.0.0", "testing", True, True),
    (112, "PrestaShop", "1.7.8.11", "old", False, True),
    (120, "Joomla", "5.3.1", "stable", True, True),
    (121, "Joomla", "5.2.6", "stable", False, False),
    (122, "Joomla", "4.4.13", "old", True, True),
    (130, "Drupal", "11.2.2", "stable", True, True),
    (131, "Drupal", "10.5.1", "old", True, True),
    (132, "Drupal", "12.0-alpha1", "testing", False, True),
]
CATALOGUE = {each[0]: each for each in VERSIONS}
# What a dependency may say, and of what type.
DEPENDENCY: dict[str, tuple[Any, Any]] = {
    "name": (str, None), "password": (str, None), "port": (int, None), "prefix": (str, None), "server": (str, None),
    "type": (str, ("mysql",)), "user": (str, None),
}  # fmt: skip


def _listed(_call: Call, module_id: Any) -> Json:
    """`hosting.web.ModuleList`."""
    if not str(module_id).isdecimal() or int(module_id) not in CATALOGUE:
        raise Refusal(404, f"The requested object (id = {module_id}) does not exist")
    number, name, version, branch, is_active, is_latest = CATALOGUE[int(module_id)]
    _, admin_name_type, languages, keywords, size, php = KINDS[name]
    return {
        "active": is_active, "adminNameType": admin_name_type, "author": "OVHcloud", "branch": branch, "id": number,
        "keywords": keywords, "language": languages, "languageRequirement": {"unit": "php", "value": php},
        "latest": is_latest, "name": name, "size": {"unit": "MB", "value": size},
        "upgradeFrom": [each[0] for each in VERSIONS if each[1] == name and each[0] != number and each[3] == branch],
        "version": version,
    }  # fmt: skip


@route("GET", "/hosting/web/moduleList", is_open=True, item=_listed)
def catalogue(call: Call) -> list[int]:
    """The ids, filtered by `active`, `latest` and `branch`."""
    wanted = {name: call.query[name] for name in FILTERS if name in call.query}
    for name, value in wanted.items():
        if value not in FILTERS[name]:
            raise Refusal(400, f"[{name}] Given data ({value}) does not belong to the enumeration")
    shown = (_listed(call, number) for number in CATALOGUE)
    return [each["id"] for each in shown if all(str(each[name]).lower() == value for name, value in wanted.items())]


@route("GET", "/hosting/web/moduleList/{id}", is_open=True)
def listed(call: Call) -> Json:
    """One of them."""
    return _listed(call, call.path["id"])


def shown_module(call: Call, module_id: Any) -> Json:
    """`hosting.web.module`; passwords are never shown."""
    kept = _module(call.service, str(module_id))
    folder = KINDS[CATALOGUE[kept["moduleId"]][1]][0]
    shown = {name: value for name, value in kept.items() if name not in ("created", "database")}
    dates = {"creationDate": iso(kept["created"]), "lastUpdate": iso(kept["created"])}
    return {**shown, **dates, "adminFolder": folder}


@route("GET", MODULE, item=shown_module)
def modules(call: Call) -> list[int]:
    """The ids of what is installed."""
    return sorted(int(number) for number in call.service["modules"])


@route("GET", MODULE + "/{id}")
def module(call: Call) -> Json:
    """One of them."""
    return shown_module(call, call.path["id"])


@route("POST", MODULE)
def install(call: Call) -> Json:
    """Install one; a task. Without dependencies OVH makes a database for it."""
    kept = call.service
    given = body_of(
        call, required=("moduleId",), adminName=(str, None), adminPassword=(str, None), dependencies=(list, None),
        domain=(str, None), language=(str, LANGUAGES), moduleId=(int, None), path=(str, None),
    )  # fmt: skip
    about = _check_kind(call, given)
    domain, path = _place(kept, given)
    dependencies = [_dependency(call, each) for each in given.get("dependencies") or []]
    made = "" if dependencies else _make_database(kept)
    number = call.world.next_id()
    kept["modules"][str(number)] = new_module(
        number, given["moduleId"], path, created=call.world.now(), database=made,
        dependencies=dependencies or [_own_dependency(kept, made)], url=_url(kept, domain, path),
        admin_name=given.get("adminName") or _usual_admin(call, about), status="creating",
        language=given.get("language") or ("fr" if "fr" in about["language"] else about["language"][0]),
    )  # fmt: skip
    return _begin(call, str(number), "module/install", "creating")


def _check_kind(call: Call, given: Json) -> Json:
    """The catalogue's entry; 400 for what it does not allow."""
    if given["moduleId"] not in CATALOGUE or not CATALOGUE[given["moduleId"]][4]:
        raise Refusal(400, f"[moduleId] The module {given['moduleId']} is not available")
    about = _listed(call, given["moduleId"])
    if given.get("language") and given["language"] not in about["language"]:
        raise Refusal(400, f"[language] {about['name']} is not available in {given['language']}")
    if given.get("adminPassword") is not None and len(given["adminPassword"]) < SHORTEST_PASSWORD:
        raise Refusal(400, f"[adminPassword] Given data must have at least {SHORTEST_PASSWORD} characters")
    pattern = r"[^@\s]+@[^@\s]+\.[^@\s]+" if about["adminNameType"] == "email" else r"[\w.-]+"
    if given.get("adminName") and not re.fullmatch(pattern, given["adminName"]):
        raise Refusal(400, f"[adminName] Given data is not a valid {about['adminNameType']}")
    return about


def _place(service: Json, given: Json) -> tuple[str, str]:
    """(domain, path) of the new site; 400 for a domain that is not attached, or a path in use."""
    domain = given.get("domain") or service["serviceName"]
    if domain != service["serviceName"] and domain not in service["domains"]:
        raise Refusal(400, f"[domain] The domain {domain} is not attached to this hosting")
    path = given.get("path") or service["domains"].get(domain, {"path": "www"})["path"]
    check_path("path", path)
    path = path.removeprefix("./").strip("/")
    if any(each["path"] == path for each in service["modules"].values()):
        raise Refusal(400, f"[path] A module is already installed in {path}")
    return domain, path


def _url(service: Json, domain: str, path: str) -> str:
    """Where the site is seen: below its domain's folder, at what is left of the path."""
    root = service["domains"].get(domain, {"path": "www"})["path"].removeprefix("./").strip("/")
    rest = path.removeprefix(root).strip("/") if path.startswith(root) else ""
    return f"http://{domain}/{rest}"


def _usual_admin(call: Call, about: Json) -> str:
    return str(call.world.accounts[call.nichandle]["email"]) if about["adminNameType"] == "email" else "admin"


def _dependency(call: Call, given: Any) -> Json:
    """`module.DependencyType`, its password left out."""
    if not isinstance(given, dict):
        raise Refusal(400, "[dependencies] Invalid type")
    inner = Call(call.world, call.method, body=given)
    checked = body_of(inner, required=("type",), **DEPENDENCY)
    return dict.fromkeys(DEPENDENCY) | checked | {"password": None}


def _make_database(service: Json) -> str:
    """The name of the database OVH makes for a module; 400 when the offer has none left."""
    if len(service["databases"]) >= service["maxDatabases"]:
        raise Refusal(400, "[dependencies] You have reached the maximum number of databases of your offer")
    users = {each["user"] for each in service["databases"].values()}
    user = next(name for number in range(1, 100) if (name := f"{service['login'][:11]}mod{number}") not in users)
    name = f"{user}.mysql.db"
    about = {"type": "mysql", "version": None}
    service["databases"][name] = databases.new_database(name, user, about, service, "8.4") | {"mode": "module"}
    return name


def _own_dependency(service: Json, name: str) -> Json:
    """A database of the hosting as `module.DependencyType`."""
    kept = service["databases"][name]
    return {
        "name": kept["user"], "password": None, "port": 3306, "prefix": "mod_", "server": kept["server"],
        "type": "mysql", "user": kept["user"],
    }  # fmt: skip


def new_module(
    number: int, module_id: int, path: str, *, created: float, dependencies: list[Json], url: str, admin_name: str,
    language: str, database: str = "", status: str = "created",
) -> Json:  # fmt: skip
    """An installed module. `database`: the one made for it, which goes when the installation is cancelled."""
    return {
        "id": number, "moduleId": module_id, "path": path, "created": created, "dependencies": dependencies,
        "targetUrl": url, "adminName": admin_name, "language": language, "database": database, "status": status,
        "taskId": None,
    }  # fmt: skip


def installed_on(service: Json, number: int, domain: str, database: str, created: float) -> Json:
    """A WordPress that has been there for a while."""
    path = service["domains"][domain]["path"]
    return new_module(
        number, 101, path, created=created, dependencies=[_own_dependency(service, database)], url=f"http://{domain}/",
        admin_name="admin", language="fr",
    )  # fmt: skip


@route("DELETE", MODULE + "/{id}")
def delete(call: Call) -> Json:
    """Delete its files; a task. Its database stays."""
    return _begin(call, call.path["id"], "module/delete", "deleting")


def _begin(call: Call, number: str, function: str, status: str) -> Json:
    """Start a task on a module, which shows the status meanwhile; so does the database made for it."""
    kept = _module(call.service, number)
    tasks.refuse_if_busy(call.world, call.service, number)
    answer = tasks.start(call.world, call.service, function, object_id=number, object_type="Module")
    kept |= {"status": status, "taskId": answer["id"]}
    if status == "creating" and kept["database"]:
        call.service["databases"][kept["database"]]["taskId"] = answer["id"]
    return answer


def _module(service: Json, number: str) -> Json:
    kept: Json | None = service["modules"].get(number)
    if kept is None:
        raise Refusal(404, f"The requested object (id = {number}) does not exist")
    return kept


@tasks.effect("module/install")
def _installed(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    service = world.services[task["service"]]
    made = service["modules"].get(task["objectId"], {}).get("database")
    if is_done:
        tasks.settle(service["modules"].get(task["objectId"]))
        tasks.settle(service["databases"].get(made))
    else:
        service["modules"].pop(task["objectId"], None)
        service["databases"].pop(made, None)


@tasks.effect("module/delete")
def _deleted(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    kept = world.services[task["service"]]["modules"]
    if is_done:
        kept.pop(task["objectId"], None)
    else:
        tasks.settle(kept.get(task["objectId"]))

"""Domains attached to a hosting."""

import re
from typing import Any

from apps.sandbox import tasks
from apps.sandbox.hosting import SERVICE
from apps.sandbox.routes import Call, body_of, route
from apps.sandbox.state import Json, Refusal, World

COUNTRIES = ("BE", "CA", "CZ", "DE", "ES", "FI", "FR", "IE", "IT", "LT", "NL", "PL", "PT", "UK")
DOMAIN = re.compile(r"(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{1,62}")
FOREIGN = "203.0.113.9"


@route("GET", "/hosting/web/attachedDomain")
def services_of_domain(call: Call) -> list[str]:
    """The services a domain is attached to."""
    wanted = call.query.get("domain")
    if not wanted:
        raise Refusal(400, "[domain] Missing required parameter")
    mine = (each for each in call.world.services.values() if each["nichandle"] == call.nichandle)
    return sorted(each["serviceName"] for each in mine if wanted in each["domains"])


def shown_domain(call: Call, name: Any) -> Json:
    """`attachedDomain.PublicAttachedDomain`."""
    kept = call.service["domains"].get(name)
    if kept is None:
        raise Refusal(404, f"The requested object (domain = {name}) does not exist")
    return {"capabilities": [], "isFlushable": False, "vcsStatus": "disabled", **kept}


@route("GET", SERVICE + "/attachedDomain", item=shown_domain)
def domains(call: Call) -> list[str]:
    """The names, filtered as OVH's «like»."""
    like, path = call.query.get("domain", ""), call.query.get("path", "")
    kept = call.service["domains"]
    return sorted(name for name, each in kept.items() if like in name and path in each["path"])


@route("GET", SERVICE + "/attachedDomain/{domain}")
def domain(call: Call) -> Json:
    """One of them."""
    return shown_domain(call, call.path["domain"])


ATTACH_FIELDS: dict[str, tuple[Any, Any]] = {
    "bypassDNSConfiguration": (bool, None),
    "cdn": (str, ("active", "none")),
    "domain": (str, None),
    "firewall": (str, ("active", "none")),
    "ipLocation": (str, COUNTRIES),
    "ownLog": (str, None),
    "path": (str, None),
    "runtimeId": (int, None),
    "ssl": (bool, None),
}
# What a PUT may set to null.
CLEARABLE = ("ipLocation", "ownLog", "runtimeId")


@route("POST", SERVICE + "/attachedDomain")
def attach(call: Call) -> Json:
    """Attach a domain; a task."""
    kept = call.service
    given = body_of(call, required=("domain", "path"), **ATTACH_FIELDS)
    name = given["domain"]
    if not DOMAIN.fullmatch(name):
        raise Refusal(400, f"[domain] Given data ({name}) is not a valid domain")
    _check_folder(given["path"])
    if name in kept["domains"]:
        raise Refusal(409, f"The domain {name} is already attached")
    if given.get("cdn") == "active" and not kept["hasCdn"]:
        raise Refusal(400, "[cdn] You do not have a CDN on this hosting")
    kept["domains"][name] = new_domain(name, given)
    task = tasks.start(call.world, kept, "attachedDomain/create", object_id=name, object_type="AttachedDomain")
    kept["domains"][name]["taskId"] = task["id"]
    return task


def _check_folder(path: str) -> None:
    if not path or ".." in path:
        raise Refusal(400, "[path] Given data is not a valid path")


def new_domain(name: str, given: Json) -> Json:
    """A domain being attached."""
    return {
        "cdn": given.get("cdn") or "none",
        "domain": name,
        "firewall": given.get("firewall") or "none",
        "ipLocation": given.get("ipLocation"),
        "ownLog": given.get("ownLog"),
        "path": given["path"],
        "runtimeId": given.get("runtimeId"),
        "ssl": bool(given.get("ssl")),
        "status": "creating",
        "taskId": None,
    }


@route("PUT", SERVICE + "/attachedDomain/{domain}")
def edit(call: Call) -> None:
    """Other settings; OVH answers nothing, the object shows the task."""
    given = body_of(call, **ATTACH_FIELDS)
    if given.get("path") is not None:
        _check_folder(given["path"])
    if given.get("cdn") == "active" and not call.service["hasCdn"]:
        raise Refusal(400, "[cdn] You do not have a CDN on this hosting")
    kept = shown_domain(call, call.path["domain"])
    settings = {name: value for name, value in given.items() if name not in ("bypassDNSConfiguration", "domain")}
    new = {name: value for name, value in settings.items() if value is not None or name in CLEARABLE}
    task = _begin(call, "attachedDomain/update", before={name: kept[name] for name in new})
    call.service["domains"][kept["domain"]] |= {**new, "status": "updating", "taskId": task["id"]}


def _begin(call: Call, function: str, **about: Any) -> Json:
    """Start a task on the domain the path names; 404 when it is not attached, 409 while another task works on it."""
    name = call.path["domain"]
    shown_domain(call, name)
    tasks.refuse_if_busy(call.world, call.service, name)
    return tasks.start(call.world, call.service, function, object_id=name, object_type="AttachedDomain", **about)


@route("POST", SERVICE + "/attachedDomain/{domain}/purgeCache")
def purge_cache(call: Call) -> Json:
    """Empty its cache; a task."""
    return _begin(call, "cdn/domain/flush")


@route("POST", SERVICE + "/attachedDomain/{domain}/restart")
def restart(call: Call) -> Json:
    """Restart what runs it; a task."""
    return _begin(call, "attachedDomain/restart")


@route("DELETE", SERVICE + "/attachedDomain/{domain}")
def detach(call: Call) -> Json:
    """Detach it; a task."""
    task = _begin(call, "attachedDomain/delete")
    call.service["domains"][call.path["domain"]] |= {"status": "deleting", "taskId": task["id"]}
    return task


@route("GET", SERVICE + "/attachedDomain/{domain}/digStatus")
def dig(call: Call) -> Json:
    """`attachedDomain.DigStatus`: every address the name has. A stray one has a wrong address beside the right ones."""
    kept, name = call.service, call.path["domain"]
    shown_domain(call, name)
    records = {} if name in kept["elsewhere"] else {kept["ip"]: _record("A"), kept["ipv6"]: _record("AAAA")}
    if name in (*kept["elsewhere"], *kept["stray"]):
        records[FOREIGN] = _record("A", is_ours=False)
    return {
        "domain": name,
        "recommendedIps": {"recommendedIpV4": [kept["ip"]], "recommendedIpV6": [kept["ipv6"]]},
        "records": records,
    }


def _record(kind: str, *, is_ours: bool = True) -> Json:
    return {"dnsConfigured": is_ours, "isOvhIp": is_ours, "type": kind}


@tasks.effect("attachedDomain/create")
def _attached(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    kept = world.services[task["service"]]["domains"]
    if is_done:
        tasks.settle(kept.get(task["objectId"]))
    else:
        kept.pop(task["objectId"], None)


@tasks.effect("attachedDomain/update")
def _updated(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    kept = world.services[task["service"]]["domains"].get(task["objectId"])
    tasks.settle(kept, {} if is_done else task["about"].get("before", {}))


@tasks.effect("attachedDomain/delete")
def _detached(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    service = world.services[task["service"]]
    if is_done:
        service["domains"].pop(task["objectId"], None)
        service["certificates"].pop(task["objectId"], None)
    else:
        tasks.settle(service["domains"].get(task["objectId"]))

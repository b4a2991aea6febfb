"""`/hosting/web`: services, their attached domains, their tasks."""

import re
from typing import Any

from apps.sandbox import tasks
from apps.sandbox.routes import Call, body_of, route
from apps.sandbox.state import Json, Refusal, World

COUNTRIES = ("BE", "CA", "CZ", "DE", "ES", "FI", "FR", "IE", "IT", "LT", "NL", "PL", "PT", "UK")
SERVICE = "/hosting/web/{serviceName}"
DOMAIN = re.compile(r"(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{1,62}")


@route("GET", "/hosting/web")
def services(call: Call) -> list[str]:
    """The names of the account's services; expired ones among them, as OVH has it."""
    mine = [name for name, each in call.world.services.items() if each["nichandle"] == call.nichandle]
    return sorted(mine)


@route("GET", "/hosting/web/attachedDomain")
def services_of_domain(call: Call) -> list[str]:
    """The services a domain is attached to."""
    wanted = call.query.get("domain")
    if not wanted:
        raise Refusal(400, "[domain] Missing required parameter")
    mine = (each for each in call.world.services.values() if each["nichandle"] == call.nichandle)
    return sorted(each["serviceName"] for each in mine if wanted in each["domains"])


@route("GET", SERVICE)
def service(call: Call) -> Json:
    """`hosting.web.ServiceWithIAM`."""
    kept = call.service
    login, cluster = kept["login"], kept["cluster"]
    return {
        "availableBoostOffer": [],
        "boostOffer": None,
        "cluster": cluster,
        "clusterIp": kept["ip"],
        "clusterIpv6": kept["ipv6"],
        "countriesIp": [{"country": "FR", "ip": kept["ip"], "ipv6": kept["ipv6"]}],
        "datacenter": kept["datacenter"],
        "defaultAttachedDomain": None,
        "displayName": kept["displayName"],
        "filer": None,
        "hasCdn": kept["hasCdn"],
        "hasHostedSsl": kept["hasSsl"],
        "home": f"/home/{login}",
        "hostingIp": kept["ip"],
        "hostingIpv6": kept["ipv6"],
        "iam": None,
        "lastOvhConfigScan": None,
        "multipleSSL": kept["hasSsl"],
        "offer": kept["offer"],
        "operatingSystem": "linux",
        "phpVersions": [
            {"support": "SUPPORTED", "version": "8.3"},
            {"support": "SECURITY_FIXES", "version": "8.2"},
        ],
        "primaryLogin": login,
        "quotaSize": {"unit": "GB", "value": kept["quotaGb"]},
        "quotaUsed": {"unit": "GB", "value": kept["usedGb"]},
        "recommendedOffer": None,
        "resourceType": "shared",
        "serviceManagementAccess": {
            name: {"port": port, "url": f"{name}.{cluster}.hosting.example.net"}
            for name, port in (("ftp", 21), ("http", 80), ("ssh", 22))
        },
        "serviceName": kept["serviceName"],
        "state": kept["state"],
        "token": None,
        "trafficQuotaSize": None,
        "trafficQuotaUsed": None,
        "updates": [],
    }


@route("PUT", SERVICE)
def rename(call: Call) -> None:
    """Its display name."""
    kept = call.service
    given = body_of(call, displayName=(str, None))
    kept["displayName"] = given.get("displayName")


@route("GET", SERVICE + "/serviceInfos")
def infos(call: Call) -> Json:
    """`services.Service`."""
    kept = call.service
    renew = {
        "automatic": kept["renews"],
        "deleteAtExpiration": False,
        "forced": False,
        "manualPayment": None,
        "period": 12,
    }
    return {
        "canDeleteAtExpiration": True,
        "contactAdmin": kept["nichandle"],
        "contactBilling": kept["nichandle"],
        "contactTech": kept["nichandle"],
        "creation": kept["created"],
        "domain": kept["serviceName"],
        "engagedUpTo": None,
        "expiration": kept["expiration"],
        "possibleRenewPeriod": [1, 12],
        "renew": renew,
        "renewalType": "automaticV2016" if kept["renews"] else "manual",
        "serviceId": kept["id"],
        "status": "ok",
    }


@route("GET", SERVICE + "/abuseState")
def abuse(call: Call) -> Json:
    """`hosting.web.AbuseState`."""
    state = call.service["state"]
    return {"accessState": "active", "mailsoutState": "ok", "outState": "active", "webState": state}


@route("GET", SERVICE + "/token")
def token(call: Call) -> str:
    """What goes into the TXT record of a domain from elsewhere."""
    return f"ovhcontrol-{call.service['id']}"


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


@route("POST", SERVICE + "/attachedDomain")
def attach(call: Call) -> Json:
    """Attach a domain; a task."""
    kept = call.service
    given = body_of(call, required=("domain", "path"), **ATTACH_FIELDS)
    name = given["domain"]
    if not DOMAIN.fullmatch(name):
        raise Refusal(400, f"[domain] Given data ({name}) is not a valid domain")
    if ".." in given["path"]:
        raise Refusal(400, "[path] Given data is not a valid path")
    if name in kept["domains"]:
        raise Refusal(409, f"The domain {name} is already attached")
    if given.get("cdn") == "active" and not kept["hasCdn"]:
        raise Refusal(400, "[cdn] You do not have a CDN on this hosting")
    kept["domains"][name] = new_domain(name, given)
    task = tasks.start(call.world, kept, "attachedDomain/create", object_id=name, object_type="AttachedDomain")
    kept["domains"][name]["taskId"] = task["id"]
    return task


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
    kept, name = call.service, call.path["domain"]
    shown_domain(call, name)
    given = body_of(call, **ATTACH_FIELDS)
    task = tasks.start(call.world, kept, "attachedDomain/update", object_id=name, object_type="AttachedDomain")
    known = {key: value for key, value in given.items() if key not in ("bypassDNSConfiguration", "domain")}
    kept["domains"][name] |= {**known, "status": "updating", "taskId": task["id"]}


@route("POST", SERVICE + "/attachedDomain/{domain}/purgeCache")
def purge_cache(call: Call) -> Json:
    """Empty its cache; a task."""
    shown_domain(call, call.path["domain"])
    about = {"object_id": call.path["domain"], "object_type": "AttachedDomain"}
    return tasks.start(call.world, call.service, "cdn/domain/flush", **about)


@route("POST", SERVICE + "/attachedDomain/{domain}/restart")
def restart(call: Call) -> Json:
    """Restart what runs it; a task."""
    shown_domain(call, call.path["domain"])
    about = {"object_id": call.path["domain"], "object_type": "AttachedDomain"}
    return tasks.start(call.world, call.service, "attachedDomain/restart", **about)


@route("DELETE", SERVICE + "/attachedDomain/{domain}")
def detach(call: Call) -> Json:
    """Detach it; a task."""
    kept, name = call.service, call.path["domain"]
    shown_domain(call, name)
    tasks.refuse_if_busy(call.world, kept, name)
    kept["domains"][name]["status"] = "deleting"
    return tasks.start(call.world, kept, "attachedDomain/delete", object_id=name, object_type="AttachedDomain")


@route("GET", SERVICE + "/attachedDomain/{domain}/digStatus")
def dig(call: Call) -> Json:
    """`attachedDomain.DigStatus`."""
    kept, name = call.service, call.path["domain"]
    shown_domain(call, name)
    is_right = name not in kept["elsewhere"]
    address = kept["ip"] if is_right else "203.0.113.9"
    return {
        "domain": name,
        "recommendedIps": {"recommendedIpV4": [kept["ip"]], "recommendedIpV6": [kept["ipv6"]]},
        "records": {address: {"dnsConfigured": is_right, "isOvhIp": is_right, "type": "A"}},
    }


@tasks.effect("attachedDomain/create")
def _attached(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    kept = world.services[task["service"]]["domains"]
    if is_done:
        kept[task["objectId"]] |= {"status": "created", "taskId": None}
    else:
        kept.pop(task["objectId"], None)


@tasks.effect("attachedDomain/update")
def _updated(world: World, task: Json, is_done: bool) -> None:  # noqa: ARG001, FBT001
    world.services[task["service"]]["domains"][task["objectId"]] |= {"status": "created", "taskId": None}


@tasks.effect("attachedDomain/delete")
def _detached(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    kept = world.services[task["service"]]["domains"]
    if is_done:
        kept.pop(task["objectId"], None)
    else:
        kept[task["objectId"]] |= {"status": "created", "taskId": None}


def _shown_task(call: Call, task_id: Any) -> Json:
    return tasks.shown(call.world, tasks.find(call.world, call.service, str(task_id)))


@route("GET", SERVICE + "/tasks", item=_shown_task)
def service_tasks(call: Call) -> list[int]:
    """The ids of the tasks OVH still knows; filters `function` and `status`."""
    function, status = call.query.get("function", ""), call.query.get("status", "")
    found = tasks.of_service(call.world, call.service)
    return [
        int(task["id"]) for task in found
        if function in task["function"] and status in tasks.status_of(call.world, task)
    ]  # fmt: skip


@route("GET", SERVICE + "/tasks/{id}")
def service_task(call: Call) -> Json:
    """One of them; 404 some time after its end."""
    return _shown_task(call, call.path["id"])

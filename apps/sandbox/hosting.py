"""`/hosting/web`: services, how they are renewed, what OVH has blocked of them, their tasks."""

from dataclasses import replace
from typing import Any

from apps.sandbox import tasks
from apps.sandbox.routes import Call, body_of, route
from apps.sandbox.state import Json, Refusal, World

SERVICE = "/hosting/web/{serviceName}"
PERIODS = (1, 12)
PHP = {
    "5.6": "END_OF_LIFE", "7.4": "END_OF_LIFE", "8.0": "END_OF_LIFE", "8.1": "END_OF_LIFE", "8.2": "SECURITY_FIXES",
    "8.3": "SECURITY_FIXES", "8.4": "SUPPORTED", "8.5": "BETA",
}  # fmt: skip
SNAPSHOTS = ("daily.1", "daily.2", "daily.3", "weekly.1", "weekly.2")


@route("GET", "/hosting/web")
def services(call: Call) -> list[str]:
    """The names of the account's services; expired ones among them, as OVH has it."""
    mine = [name for name, each in call.world.services.items() if each["nichandle"] == call.nichandle]
    return sorted(mine)


@route("GET", SERVICE)
def service(call: Call) -> Json:
    """`hosting.web.ServiceWithIAM`."""
    kept = call.service
    login, cluster = kept["login"], kept["cluster"]
    is_unlimited = kept["offer"] == "PERFORMANCE_2"
    return {
        "availableBoostOffer": [],
        "boostOffer": None,
        "cluster": cluster,
        "clusterIp": kept["ip"],
        "clusterIpv6": kept["ipv6"],
        "countriesIp": _addresses(kept),
        "datacenter": kept["datacenter"],
        "defaultAttachedDomain": None,
        "displayName": kept["displayName"],
        "filer": None,
        "hasCdn": kept["hasCdn"],
        "hasHostedSsl": "" in kept["certificates"],
        "home": f"/home/{login}",
        "hostingIp": kept["ip"],
        "hostingIpv6": kept["ipv6"],
        "iam": None,
        "lastOvhConfigScan": None,
        "multipleSSL": kept["hasSsl"],
        "offer": kept["offer"],
        "operatingSystem": "linux",
        "phpVersions": [{"support": support, "version": version} for version, support in PHP.items()],
        "primaryLogin": login,
        "quotaSize": {"unit": "GB", "value": kept["quotaGb"]},
        "quotaUsed": {"unit": "GB", "value": kept["usedGb"]},
        "recommendedOffer": None,
        "resourceType": "shared",
        "serviceManagementAccess": {
            "ftp": {"port": 21, "url": f"ftp.{cluster}.hosting.example.net"},
            "http": {"port": 80, "url": f"{login}.{cluster}.hosting.example.net"},
            "ssh": {"port": 22, "url": f"ssh.{cluster}.hosting.example.net"},
        },
        "serviceName": kept["serviceName"],
        "state": kept["state"],
        "token": None,
        "trafficQuotaSize": None if is_unlimited else {"unit": "GB", "value": kept["quotaGb"] * 10},
        "trafficQuotaUsed": None if is_unlimited else {"unit": "GB", "value": round(kept["usedGb"] * 4, 1)},
        "updates": [],
    }


def _addresses(kept: Json) -> list[Json]:
    """`CountriesIp[]`: one address a country; France has the hosting's own."""
    last = int(kept["ip"].rpartition(".")[2])
    others = [
        {
            "country": country,
            "ip": f"192.0.2.{(last + number * 23) % 250 + 2}",
            "ipv6": f"2001:db8:{number:x}::{last:x}",
        }
        for number, country in enumerate(("BE", "DE", "ES", "IT", "NL", "PL", "PT", "UK"), 1)
    ]
    return [{"country": "FR", "ip": kept["ip"], "ipv6": kept["ipv6"]}, *others]


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
    renew = {"deleteAtExpiration": False, "forced": False, "manualPayment": None, "period": 12, **kept["renew"]}
    return {
        "canDeleteAtExpiration": True,
        "contactAdmin": kept["nichandle"],
        "contactBilling": kept["nichandle"],
        "contactTech": kept["nichandle"],
        "creation": kept["created"],
        "domain": kept["serviceName"],
        "engagedUpTo": None,
        "expiration": kept["expiration"],
        "possibleRenewPeriod": list(PERIODS),
        "renew": renew | {"automatic": kept["renews"]},
        "renewalType": "automaticV2016" if kept["renews"] else "manual",
        "serviceId": kept["id"],
        "status": "ok",
    }


@route("PUT", SERVICE + "/serviceInfos")
def renew(call: Call) -> None:
    """How it is renewed; OVH answers nothing."""
    kept = call.service
    given = body_of(call, required=("renew",), renew=(dict, None))
    wanted = body_of(
        replace(call, body=given["renew"]), automatic=(bool, None), deleteAtExpiration=(bool, None),
        forced=(bool, None), manualPayment=(bool, None), period=(int, PERIODS),
    )  # fmt: skip
    known = {name: value for name, value in wanted.items() if value is not None or name in ("manualPayment", "period")}
    kept["renews"] = known.pop("automatic", kept["renews"])
    kept["renew"] |= known


@route("GET", SERVICE + "/abuseState")
def abuse(call: Call) -> Json:
    """`hosting.web.AbuseState`."""
    kept = call.service
    return {"accessState": "active", "mailsoutState": "ok", "outState": kept["outState"], "webState": kept["state"]}


@route("POST", SERVICE + "/unblockTCPOut")
def unblock(call: Call) -> None:
    """Let it open connections outwards again; OVH answers nothing."""
    kept = call.service
    if kept["outState"] == "hardBlocked":
        raise Refusal(400, "Outgoing TCP connections of this hosting can only be allowed again by the support")
    kept["outState"] = "active"


ACTIONS = {
    "CHECK_QUOTA": ("web/checkQuotaNow", "Web"),
    "FLUSH_CACHE": ("cdn/flush", "Cdn"),
    "SCAN_ANTIHACK": ("scan/create", "Scan"),
}


@route("POST", SERVICE + "/request")
def request(call: Call) -> Json:
    """Have the quota measured, the cache emptied or the files scanned; a task."""
    kept = call.service
    given = body_of(call, required=("action",), action=(str, tuple(ACTIONS)))
    function, kind = ACTIONS[given["action"]]
    object_id = f"{kept['id']}" if kind == "Web" else f"{kept['login']}/{kind.lower()}"
    tasks.refuse_if_busy(call.world, kept, object_id)
    return tasks.start(call.world, kept, function, object_id=object_id, object_type=kind)


@route("POST", SERVICE + "/restoreSnapshot")
def restore_snapshot(call: Call) -> Json:
    """Put all files back to that snapshot; a task. Half of the quota must be free."""
    kept = call.service
    given = body_of(call, required=("backup",), backup=(str, SNAPSHOTS))
    if kept["state"] == "maintenance":
        raise Refusal(400, "This hosting is under maintenance")
    if kept["usedGb"] * 2 > kept["quotaGb"]:
        raise Refusal(400, "Not enough free space: half of the quota must be free to restore a snapshot")
    tasks.refuse_if_busy(call.world, kept, str(kept["id"]))
    about = {"object_id": str(kept["id"]), "object_type": "Web", "backup": given["backup"]}
    return tasks.start(call.world, kept, "web/restoreSnapshot", **about)


@tasks.effect("web/restoreSnapshot")
def _restored(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    if is_done:
        world.services[task["service"]]["restoredSnapshot"] = task["about"]["backup"]


@route("GET", SERVICE + "/token")
def token(call: Call) -> str:
    """What goes into the TXT record of a domain from elsewhere."""
    return f"ovhcontrol-{call.service['id']}"


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

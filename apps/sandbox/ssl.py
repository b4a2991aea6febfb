"""Certificates: the one of the whole hosting, and those of single domains."""

import hashlib
from typing import Any

from apps.sandbox import tasks
from apps.sandbox.domains import shown_domain
from apps.sandbox.hosting import SERVICE
from apps.sandbox.routes import Call, body_of, route
from apps.sandbox.state import Json, Refusal, World

SSL = SERVICE + "/ssl"
DOMAIN_SSL = SERVICE + "/attachedDomain/{domain}/ssl"
# Under this key a service keeps the certificate of the whole hosting; under a domain's name that domain's own.
WHOLE = ""
WEEK = 7 * 86400
MOST_A_WEEK = 5
# What must stand in each part of a certificate of one's own.
PARTS = {"certificate": "BEGIN CERTIFICATE", "chain": "BEGIN CERTIFICATE", "key": "PRIVATE KEY"}
PART_FIELDS: dict[str, tuple[Any, Any]] = dict.fromkeys(PARTS, (str, None))
TYPES = {"LETSENCRYPT": "DV", "SECTIGO": "DV", "COMODO": "DV", "CUSTOM": "CUSTOM"}


def _shown(kept: Json) -> Json:
    """`hosting.web.SSL`."""
    return {
        "isReportable": kept["provider"] == "SECTIGO",
        "provider": kept["provider"],
        "regenerable": kept["provider"] == "LETSENCRYPT",
        "status": kept["status"],
        "taskId": kept["taskId"],
        "type": TYPES[kept["provider"]],
    }


def _key(call: Call) -> str:
    """Where the certificate that the path means is kept; 404 for a domain that is not attached."""
    name = call.path.get("domain", WHOLE)
    if name:
        shown_domain(call, name)
    return name


def _certificate(call: Call) -> Json:
    kept: Json | None = call.service["certificates"].get(_key(call))
    if kept is None:
        raise Refusal(404, "The requested object (ssl) does not exist")
    return kept


def coverable(service: Json, key: str = WHOLE) -> list[str]:
    """The domains a new certificate would cover: with SSL, and pointing here."""
    names = [key] if key else sorted(service["domains"])
    return [name for name in names if service["domains"][name]["ssl"] and name not in service["elsewhere"]]


def new_certificate(
    number: int, provider: str, domains: list[str], *, key: str | None = None, status: str = "created"
) -> Json:
    """A certificate. Of a private key only a hash is kept."""
    return {
        "id": number, "provider": provider, "domains": domains, "status": status, "taskId": None,
        "key": hashlib.sha256(key.encode()).hexdigest() if key else None,
    }  # fmt: skip


@route("GET", SSL)
@route("GET", DOMAIN_SSL)
def certificate(call: Call) -> Json:
    """The certificate of the hosting, or the one a domain has for itself; 404 when there is none."""
    return _shown(_certificate(call))


@route("GET", SSL + "/domains")
def covered(call: Call) -> list[str]:
    """The domains in the hosting's certificate."""
    kept = _certificate(call)
    return [name for name in kept["domains"] if name in call.service["domains"]]


@route("GET", SSL + "/report")
@route("GET", DOMAIN_SSL + "/report")
def report(call: Call) -> Json:
    """`hosting.web.ssl.Report`: how far Sectigo's checks are; 404 for other certificates."""
    kept = _certificate(call)
    if kept["provider"] != "SECTIGO":
        raise Refusal(404, "There is no report for this certificate")
    return {
        "certificateSigningRequestStatus": "completed",
        "domainControlValidationStatus": "in-progress",
        "organizationValidationStatus": "non-required",
        "phoneCallApprovalStatus": "non-required",
        "providerOrderId": f"{100_000_000 + kept['id']}",
        "termsAndConditionsAcceptanceStatus": "completed",
        "tradeNameVerificationStatus": "not-applicable",
    }


@route("POST", SSL)
@route("POST", DOMAIN_SSL)
def create(call: Call) -> Json:
    """A free certificate, or for the whole hosting one of your own. Answers SSL, which shows the task."""
    service, key = call.service, _key(call)
    given = body_of(call, **({} if key else PART_FIELDS))
    if given:
        _check_parts(given)
    if key in service["certificates"]:
        raise Refusal(409, "This hosting already has a certificate" if key == WHOLE else f"{key} already has one")
    if not given:
        _refuse_unless_pointing(service, key)
    provider, status = ("CUSTOM", "importing") if given else ("LETSENCRYPT", "creating")
    service["certificates"][key] = new_certificate(call.world.next_id(), provider, [], key=given.get("key"))
    return _begin(call, "hostedssl/import" if given else "hostedssl/create", status)


def _check_parts(given: Json) -> None:
    """400 unless certificate, chain and key are there, each in PEM."""
    for name, mark in PARTS.items():
        if not given.get(name):
            raise Refusal(400, f"[{name}] Missing required parameter")
        if mark not in given[name]:
            raise Refusal(400, f"[{name}] Given data is not in PEM format")


def _refuse_unless_pointing(service: Json, key: str) -> None:
    if not coverable(service, key):
        raise Refusal(400, "no attached domain with ssl enabled resolves to this hosting")


@route("POST", SSL + "/regenerate")
@route("POST", DOMAIN_SSL + "/regenerate")
def regenerate(call: Call) -> Json:
    """The same certificate anew, for the domains that point here by then. At most five a week and hosting."""
    body_of(call)
    service, kept = call.service, _certificate(call)
    if kept["provider"] != "LETSENCRYPT":
        raise Refusal(400, "This certificate can not be regenerated")
    _refuse_unless_pointing(service, _key(call))
    now = call.world.now()
    lately = [moment for moment in service["regenerations"] if now - moment < WEEK]
    if len(lately) >= MOST_A_WEEK:
        raise Refusal(400, "Too many certificates were issued for these domains in the last 7 days")
    answer = _begin(call, "hostedssl/regenerate", "regenerating")
    service["regenerations"] = [*lately, now]
    return answer


@route("PUT", DOMAIN_SSL)
def edit(call: Call) -> Json:
    """`{"regenerate": true}` does what the call of that name does."""
    given = body_of(call, regenerate=(bool, None))
    if not given.get("regenerate"):
        return _shown(_certificate(call))
    call.body = None
    answer: Json = regenerate(call)
    return answer


@route("DELETE", SSL)
@route("DELETE", DOMAIN_SSL)
def delete(call: Call) -> Json:
    """Delete it. Answers SSL, which shows the task."""
    return _begin(call, "hostedssl/delete", "deleting")


def _begin(call: Call, function: str, status: str) -> Json:
    """Start a task on the certificate the path means, which shows the status meanwhile."""
    kept = _certificate(call)
    about: dict[str, Any] = {"object_id": str(kept["id"]), "object_type": "Hostedssl", "key": _key(call)}
    tasks.refuse_if_busy(call.world, call.service, about["object_id"])
    task = tasks.start(call.world, call.service, function, **about)
    kept |= {"status": status, "taskId": task["id"]}
    return _shown(kept)


@tasks.effect("hostedssl/create")
@tasks.effect("hostedssl/import")
def _created(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    if is_done:
        _cover(world, task)
    else:
        world.services[task["service"]]["certificates"].pop(task["about"]["key"], None)


@tasks.effect("hostedssl/regenerate")
def _regenerated(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    if is_done:
        _cover(world, task)
    else:
        tasks.settle(world.services[task["service"]]["certificates"].get(task["about"]["key"]))


@tasks.effect("hostedssl/delete")
def _deleted(world: World, task: Json, is_done: bool) -> None:  # noqa: FBT001
    kept = world.services[task["service"]]["certificates"]
    if is_done:
        kept.pop(task["about"]["key"], None)
    else:
        tasks.settle(kept.get(task["about"]["key"]))


def _cover(world: World, task: Json) -> None:
    """The certificate at rest, with the domains that point here now; none when its domain was detached meanwhile."""
    service, key = world.services[task["service"]], task["about"]["key"]
    if key in service["certificates"]:
        tasks.settle(service["certificates"][key], {"domains": coverable(service, key)})

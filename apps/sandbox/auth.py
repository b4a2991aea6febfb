"""Who calls: signatures as OVH makes them, consumer keys and their rules, OAuth2 tokens, and the account itself."""

import hashlib
import hmac
import secrets
from typing import Any

from apps.sandbox.routes import Call, body_of, route
from apps.sandbox.state import Json, Refusal, World, iso

HEADERS = ("X-Ovh-Application", "X-Ovh-Consumer", "X-Ovh-Timestamp", "X-Ovh-Signature")
METHODS = ("GET", "POST", "PUT", "DELETE")


def credential_of(world: World, headers: Any, method: str, url: str, body: str) -> Json:
    """The credential a call is signed with, its signature verified. Raises as OVH refuses."""
    bearer = headers.get("Authorization", "")
    if bearer.startswith("Bearer "):
        token = world.tokens.get(bearer.removeprefix("Bearer "))
        if token is None or token["expires"] < world.now():
            raise Refusal(401, "Invalid or expired token", error_code="INVALID_TOKEN")
        return world.clients[token["client_id"]]
    application = application_of(world, headers)
    consumer, timestamp, signature = (headers.get(name, "") for name in HEADERS[1:])
    credential = world.credentials.get(consumer)
    if credential is None or credential["application_key"] != application["key"]:
        raise Refusal(403, "This credential does not exist", error_code="NOT_CREDENTIAL")
    if not timestamp.isdigit() or abs(world.now() - int(timestamp)) > world.settings["timestamp_window_seconds"]:
        raise Refusal(400, "Query out of time", error_code="QUERY_TIME_OUT")
    parts = "+".join([application["secret"], consumer, method, url, body, timestamp])
    if not hmac.compare_digest("$1$" + hashlib.sha1(parts.encode()).hexdigest(), signature):  # noqa: S324  # OVH's
        raise Refusal(400, "Invalid signature", error_code="INVALID_SIGNATURE")
    if credential["status"] != "validated":
        raise Refusal(403, f"This credential is not valid ({credential['status']})", error_code="INVALID_CREDENTIAL")
    return credential


def application_of(world: World, headers: Any) -> Json:
    """The application a call names."""
    application = world.applications.get(headers.get("X-Ovh-Application", ""))
    if application is None:
        raise Refusal(403, "This application key is invalid", error_code="INVALID_KEY")
    return application


def refuse_unless_granted(credential: Json, method: str, path: str) -> None:
    """403 unless a rule of the credential covers the call."""
    if credential.get("missing_actions"):
        details = {"unauthorizedActionsByIAM": credential["missing_actions"]}
        raise Refusal(403, "User not granted for this request", details=details)
    if not any(rule["method"] == method and _covers(rule["path"], path) for rule in credential["rules"]):
        raise Refusal(403, "This call has not been granted", error_code="NOT_GRANTED_CALL")


def _covers(rule: str, path: str) -> bool:
    """`*` at the end covers everything below; one in the middle stands for one name."""
    wanted, given = rule.split("/"), path.split("/")
    for number, part in enumerate(wanted):
        if part == "*" and number == len(wanted) - 1:
            return len(given) >= len(wanted)
        if number >= len(given) or part not in ("*", given[number]):
            return False
    return len(wanted) == len(given)


@route("GET", "/auth/time", is_open=True)
def time_of_day(call: Call) -> int:
    """OVH's clock."""
    return int(call.world.now())


@route("POST", "/auth/credential", is_open=True)
def ask(call: Call) -> Json:
    """A consumer key that waits for a person's yes."""
    given = body_of(
        call,
        required=("accessRules",),
        accessRules=(list, None),
        allowedIPs=(list, None),
        redirection=(str, None),
    )
    rules = [{"method": rule["method"], "path": rule["path"]} for rule in given["accessRules"]]
    if any(rule["method"] not in METHODS for rule in rules):
        raise Refusal(400, "[accessRules] Given data does not belong to the enumeration")
    consumer_key, token = secrets.token_hex(16), secrets.token_urlsafe(24)
    call.world.credentials[consumer_key] = new_credential(call.world, call.credential["key"], "", rules) | {
        "status": "pendingValidation", "token": token, "redirection": given.get("redirection"),
    }  # fmt: skip
    url = f"{call.base}/auth/?credentialToken={token}"
    return {"consumerKey": consumer_key, "state": "pendingValidation", "validationUrl": url}


def new_credential(world: World, application_key: str, nichandle: str, rules: list[Json]) -> Json:
    """A credential that opens `nichandle` with `rules`."""
    return {
        "id": world.next_id(), "application_key": application_key, "nichandle": nichandle, "rules": rules,
        "status": "validated", "created": world.now(), "expires": None, "last_use": None,
    }  # fmt: skip


def everything() -> list[Json]:
    """Rules that allow all calls."""
    return [{"method": method, "path": "/*"} for method in METHODS]


@route("GET", "/auth/currentCredential")
def current(call: Call) -> Json:
    """`auth.ApiCredential`."""
    kept = call.credential
    return {
        "allowedIPs": None,
        "applicationId": 1,
        "creation": iso(kept["created"]),
        "credentialId": kept["id"],
        "expiration": iso(kept["expires"]),
        "lastUse": iso(kept["last_use"]),
        "ovhSupport": False,
        "rules": kept["rules"],
        "status": kept["status"],
    }


@route("GET", "/auth/details")
def details(call: Call) -> Json:
    """`auth.Details`."""
    is_client = "client_id" in call.credential
    return {
        "account": call.nichandle,
        "allowedRoutes": None if is_client else call.credential["rules"],
        "description": None,
        "identities": [f"urn:v1:eu:identity:account:{call.nichandle}"],
        "method": "oauth2_client_credentials" if is_client else "account",
        "roles": None,
        "user": None,
    }


@route("POST", "/auth/logout")
def logout(call: Call) -> None:
    """The consumer key opens no more."""
    call.credential["status"] = "expired"


NICHANDLE_EMPTY = (
    "area", "birthCity", "birthDay", "companyNationalIdentificationNumber", "complementaryAddress", "corporationType",
    "customerCode", "fax", "italianSDI", "kycValidated", "nationalIdentificationNumber", "phoneCountry", "phoneType",
    "purposeOfPurchase", "sex", "spareEmail", "vat",
)  # fmt: skip


@route("GET", "/me")
def me(call: Call) -> Json:
    """`nichandle.Nichandle`."""
    account = call.world.accounts[call.nichandle]
    return {
        **dict.fromkeys(NICHANDLE_EMPTY),
        "address": "1 rue de l'Exemple",
        "city": account["city"],
        "country": "FR",
        "currency": {"code": "EUR", "symbol": "€"},
        "email": account["email"],
        "firstname": account["firstname"],
        "language": "fr_FR",
        "legalform": "corporation",
        "name": account["name"],
        "nichandle": call.nichandle,
        "organisation": account["organisation"],
        "ovhCompany": "ovh",
        "ovhSubsidiary": "FR",
        "phone": None,
        "state": "complete",
        "zip": "44000",
    }

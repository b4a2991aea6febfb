"""What runs the domains of a hosting: PHP, Node.js, Python or Ruby."""

from typing import Any

from apps.sandbox.hosting import SERVICE
from apps.sandbox.routes import Call, route
from apps.sandbox.state import Json, Refusal, iso

TYPES = ["nodejs-10", "nodejs-12", "nodejs-14", "phpfpm-7.4", "phpfpm-8.0", "python-3", "ruby-2.6"]


def shown_runtime(call: Call, runtime_id: Any) -> Json:
    """`hosting.web.runtime`."""
    kept = call.service["runtimes"].get(str(runtime_id))
    if kept is None:
        raise Refusal(404, f"The requested object (id = {runtime_id}) does not exist")
    made = iso(kept["created"])
    shown = {name: value for name, value in kept.items() if name != "created"}
    return {**shown, "creationDate": made, "lastUpdate": made, "isDeletable": not kept["isDefault"]}


@route("GET", SERVICE + "/runtime", item=shown_runtime)
def runtimes(call: Call) -> list[int]:
    """The ids, filtered by `name` (OVH's «like») and `type`."""
    name, kind = call.query.get("name", ""), call.query.get("type")
    kept = call.service["runtimes"].values()
    return sorted(each["id"] for each in kept if name in (each["name"] or "") and kind in (None, each["type"]))


@route("GET", SERVICE + "/runtime/{id}")
def runtime(call: Call) -> Json:
    """One of them."""
    return shown_runtime(call, call.path["id"])


@route("GET", SERVICE + "/runtime/{id}/attachedDomains")
def domains(call: Call) -> list[str]:
    """The domains it runs."""
    found = shown_runtime(call, call.path["id"])
    return sorted(name for name, each in call.service["domains"].items() if each["runtimeId"] == found["id"])


@route("GET", SERVICE + "/runtimeAvailableTypes")
def types(call: Call) -> list[str]:
    """What types there are, of one `language` or of all."""
    call.service  # noqa: B018  # 404 for a service that is not there
    language = call.query.get("language", "")
    return [kind for kind in TYPES if kind.startswith(language)]


def new_runtime(runtime_id: int, name: str, kind: str, created: float, *, is_default: bool) -> Json:
    """A runtime at rest."""
    is_php = kind.startswith("php")
    return {
        "id": runtime_id, "name": name, "type": kind, "isDefault": is_default, "appEnv": "production",
        "appBootstrap": None if is_php else "app.js", "publicDir": "public", "status": "created", "taskId": None,
        "created": created,
    }  # fmt: skip

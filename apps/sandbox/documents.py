"""`/me/document`: files of an account. What is uploaded goes to an address of its own, outside the signed calls."""

import secrets
import uuid
from typing import Any

from apps.sandbox.copies import digest
from apps.sandbox.routes import Call, body_of, route
from apps.sandbox.state import Json, Refusal, World, iso

DOCUMENTS = "/me/document"
PLACE = "/documents/"


def _shown(call: Call, document_id: Any) -> Json:
    """`nichandle.document.Document`."""
    kept = call.world.documents.get(str(document_id))
    if kept is None or kept["nichandle"] != call.nichandle:
        raise Refusal(404, f"The requested object (id = {document_id}) does not exist")
    address = f"{call.base}{PLACE}{kept['secret']}"
    return {
        "creationDate": iso(kept["created"]),
        "expirationDate": None,
        "getUrl": address,
        "id": kept["id"],
        "name": kept["name"],
        "putUrl": address,
        "size": kept["size"],
        "tags": kept["tags"],
        "validationDate": iso(kept["validated"]),
    }


@route("GET", DOCUMENTS, item=_shown)
def documents(call: Call) -> list[str]:
    """The ids of the account's documents."""
    return sorted(key for key, each in call.world.documents.items() if each["nichandle"] == call.nichandle)


@route("GET", DOCUMENTS + "/{id}")
def document(call: Call) -> Json:
    """One of them."""
    return _shown(call, call.path["id"])


@route("POST", DOCUMENTS)
def create(call: Call) -> Json:
    """A place for a file; the answer says where to put it."""
    given = body_of(call, required=("name",), name=(str, None), tags=(list, None))
    document_id = str(uuid.UUID(int=call.world.dice.getrandbits(128), version=4))
    call.world.documents[document_id] = {
        "id": document_id, "nichandle": call.nichandle, "name": given["name"], "tags": given.get("tags") or [],
        "created": call.world.now(), "validated": None, "size": 0, "sha256": "", "secret": secrets.token_urlsafe(24),
    }  # fmt: skip
    return _shown(call, document_id)


@route("DELETE", DOCUMENTS + "/{id}")
def delete(call: Call) -> None:
    """Delete it and its file."""
    _shown(call, call.path["id"])
    del call.world.documents[call.path["id"]]


@route("POST", DOCUMENTS + "/cors")
def allow_origin(call: Call) -> None:
    """Let pages of that origin upload."""
    body_of(call, required=("origin",), origin=(str, None))


def put(world: World, path: str, content: bytes) -> int:
    """Take a file at the address its document has given; the status of the answer."""
    with world.lock:
        secret = path.removeprefix(PLACE)
        kept = next((each for each in world.documents.values() if each["secret"] == secret), None)
        fault = next((each for each in world.faults if each["kind"] == "upload_fails"), None)
        if fault is not None:
            world.faults.remove(fault)
            return 503
        if kept is None:
            return 404
        kept |= {"size": len(content), "sha256": digest(content), "validated": world.now()}
        world.is_changed = True
    return 201

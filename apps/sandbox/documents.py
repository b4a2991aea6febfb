"""`/me/document`: files of an account. Their bytes go to an address of their own (`uploads`)."""

import re
import secrets
import uuid
from typing import Any

from apps.sandbox.routes import Call, body_of, route
from apps.sandbox.state import Json, Refusal, World, iso

# Where their bytes are put and asked for, below the sandbox's address.
FOLDER = "/documents/"


def find(call: Call, document_id: Any) -> Json:
    """What is known of a document of the account that asks; 404 for none."""
    kept = call.world.documents.get(str(document_id))
    if kept is None or kept["nichandle"] != call.nichandle:
        raise Refusal(404, f"The requested object (id = {document_id}) does not exist")
    return kept


def of_secret(world: World, secret: str) -> Json | None:
    """The document whose address has that secret."""
    return next((each for each in world.documents.values() if each["secret"] == secret), None)


def _shown(call: Call, document_id: Any) -> Json:
    """`nichandle.document.Document`."""
    kept = find(call, document_id)
    address = f"{call.base}{FOLDER}{kept['secret']}"
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


@route("GET", "/me/document", item=_shown)
def documents(call: Call) -> list[str]:
    """The ids of the account's documents, oldest first."""
    return [each["id"] for each in call.world.documents.values() if each["nichandle"] == call.nichandle]


@route("GET", "/me/document/{id}")
def document(call: Call) -> Json:
    """One of them."""
    return _shown(call, call.path["id"])


@route("POST", "/me/document")
def make(call: Call) -> Json:
    """A document that has a name and an address, and no bytes yet."""
    given = body_of(call, required=("name",), name=(str, None), tags=(list, None))
    tags = given.get("tags") or []
    if not all(isinstance(tag, dict) and tag.keys() == {"key", "value"} for tag in tags):
        raise Refusal(400, "[tags] Given data must have a key and a value each")
    if not all(isinstance(text, str) for tag in tags for text in tag.values()):
        raise Refusal(400, "[tags] Invalid type")
    document_id = str(uuid.uuid4())
    call.world.documents[document_id] = {
        "id": document_id, "nichandle": call.nichandle, "name": given["name"], "tags": tags, "size": 0, "sha256": None,
        "created": call.world.now(), "validated": None, "secret": secrets.token_urlsafe(24),
    }  # fmt: skip
    return _shown(call, document_id)


@route("DELETE", "/me/document/{id}")
def delete(call: Call) -> None:
    """Delete it, at once."""
    del call.world.documents[find(call, call.path["id"])["id"]]


@route("POST", "/me/document/cors")
def allow_origin(call: Call) -> None:
    """Let pages of that origin put bytes from a browser."""
    origin = body_of(call, required=("origin",), origin=(str, None))["origin"]
    if not re.fullmatch(r"https?://[\w.-]+(:\d+)?", origin):
        raise Refusal(400, f"[origin] Given data ({origin}) is not a valid origin")
    origins = call.world.accounts[call.nichandle].setdefault("origins", [])
    if origin not in origins:
        origins.append(origin)

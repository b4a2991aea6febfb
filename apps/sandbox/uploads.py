"""The bytes of documents: an unsigned PUT to a secret address. They are counted and hashed as they come, and not kept."""

import hashlib
from dataclasses import dataclass, field
from io import BufferedIOBase
from typing import Any

from apps.sandbox import documents, faults
from apps.sandbox.state import Json, World

PREFIX = documents.FOLDER
LARGEST = 1_000_000_000  # bytes
BLOCK = 1 << 20
CLOSE = {"Connection": "close"}  # what was not read must not be taken for the next request


@dataclass
class Answer:
    """What is said of an upload, as plain text."""

    status: int
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def answer(world: World, method: str, path: str, headers: Any, body: BufferedIOBase) -> Answer | None:
    """The answer to a request for the document at `path`; None where the connection is to be cut."""
    with world.lock:
        found = documents.of_secret(world, path.removeprefix(PREFIX))
        allowed = _allowed(world, found, headers.get("Origin", ""))
    if method == "OPTIONS":
        return Answer(200 if allowed else 403, headers=allowed)
    if method == "GET" and found and found["validated"]:
        return Answer(200, f"{found['size']} bytes, sha256 {found['sha256']}\n", allowed)
    if method != "PUT":
        return Answer(404, "No such document\n", CLOSE)
    put = _put(world, path, headers.get("Content-Length", ""), body)
    if put is not None:
        put.headers |= allowed
    return put


def _allowed(world: World, found: Json | None, origin: str) -> dict[str, str]:
    """The headers that let a page of that origin put bytes; none when its account did not allow it."""
    if found is None or origin not in world.accounts[found["nichandle"]].get("origins", []):
        return {}
    names = {"Origin": origin, "Methods": "GET, PUT", "Headers": "Content-Type"}
    return {f"Access-Control-Allow-{name}": value for name, value in names.items()}


def _put(world: World, path: str, length: str, body: BufferedIOBase) -> Answer | None:
    if not length.isdigit():
        return Answer(411, "Content-Length is required\n", dict(CLOSE))
    if int(length) > LARGEST:
        return Answer(413, f"More than {LARGEST} bytes\n", dict(CLOSE))
    with world.lock:
        failing = faults.upload_status(world, path)
    size, digest = _hashed(body, int(length) // 2 if failing == 0 else int(length))
    if failing == 0 or size < int(length):
        return None
    return Answer(failing, "The upload failed\n") if failing else _keep(world, path, size, digest)


def _hashed(body: BufferedIOBase, length: int) -> tuple[int, str]:
    """(bytes that came, their SHA-256), of at most `length`."""
    digest, size = hashlib.sha256(), 0
    while size < length and (block := body.read(min(BLOCK, length - size))):
        digest.update(block)
        size += len(block)
    return size, digest.hexdigest()


def _keep(world: World, path: str, size: int, digest: str) -> Answer:
    with world.lock:
        found = documents.of_secret(world, path.removeprefix(PREFIX))
        if found is None:
            return Answer(404, "No such document\n")
        found |= {"size": size, "sha256": digest, "validated": world.now()}
        world.is_changed = True
    return Answer(200)

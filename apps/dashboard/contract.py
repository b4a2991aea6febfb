"""The panel's own list of calls, compared with OVH's published OpenAPI document: what has changed there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django import forms

from apps.inventory.calls import READS, WRITES
from apps.operations import registry
from apps.operations.forms import NOT_SENT
from apps.operations.registry import Action

Document = Mapping[str, Any]
# Filled in by python-ovh or by the address itself.
PATH = "path"


@dataclass(frozen=True)
class Call:
    """One call of the panel's. `sends`: {field: the values it can have, none for any}, in body or query."""

    method: str
    path: str
    sends: dict[str, tuple[str, ...]] = field(default_factory=dict)
    who: str = "the mirror"


@dataclass(frozen=True)
class Finding:
    """Something the document says otherwise. `is_breaking`: OVH would refuse, or has refused already."""

    call: Call
    words: str
    is_breaking: bool = True

    def __str__(self) -> str:
        mark = "!!" if self.is_breaking else "  "
        return f"{mark} {self.call.method} {self.call.path} ({self.call.who}): {self.words}"


def calls() -> list[Call]:
    """Every call the panel makes: what it reads, and what its actions write."""
    reads = [_parts(line) for line in READS]
    writes = [replace(_parts(line), sends=dict.fromkeys(names, ())) for line, names in WRITES.items()]
    return [*reads, *writes, *(_call_of(action) for action in registry.every())]


def _parts(line: str) -> Call:
    method, _space, path = line.partition(" ")
    return Call(method, path)


def _call_of(action: Action) -> Call:
    form = action.form
    left_out = NOT_SENT | action.panel_only | form.keeps
    sent = {name: _values(each) for name, each in form.base_fields.items() if name not in left_out}
    return Call(action.method, action.path, {**sent, **form.also_sends}, action.key)


def _values(field_: forms.Field) -> tuple[str, ...]:
    """What a field of fixed choices can send."""
    choices = getattr(field_, "choices", None) or ()
    if not isinstance(field_, forms.ChoiceField):
        return ()
    return tuple(str(value) for value, _words in choices if value not in ("", None))


def compare(document: Document) -> Iterator[Finding]:
    """What `document` (OpenAPI 3.0, of one branch of the API such as /hosting/web) says otherwise than the panel."""
    paths = document.get("paths")
    known = {plain(path): row for path, row in paths.items()} if isinstance(paths, dict) else {}
    roots = {"/".join(path.split("/")[:3]) for path in known}
    for call in calls():
        if "/".join(call.path.split("/")[:3]) in roots:
            yield from _compare(document, known, call)


def _compare(document: Document, known: Mapping[str, Any], call: Call) -> Iterator[Finding]:
    operation = known.get(plain(call.path), {}).get(call.method.lower())
    if operation is None:
        yield Finding(call, "is no longer there")
        return
    if operation.get("deprecated") or "deprecat" in str(operation.get("x-badges", "")).lower():
        yield Finding(call, "is deprecated", is_breaking=False)
    fields, required = _fields(document, operation)
    for name in sorted(call.sends.keys() - fields.keys()):
        yield Finding(call, f"does not take `{name}` any more")
    for name in sorted(required - call.sends.keys()):
        yield Finding(call, f"now requires `{name}`")
    for name in sorted(call.sends.keys() & fields.keys()):
        gone = [value for value in call.sends[name] if fields[name] and value not in fields[name]]
        if gone:
            yield Finding(call, f"`{name}` no longer takes {', '.join(gone)}")


def _fields(document: Document, operation: Document) -> tuple[dict[str, set[str]], set[str]]:
    """({field of body or query: its allowed values, empty for any}, the required ones)."""
    fields: dict[str, set[str]] = {}
    required: set[str] = set()
    for row in operation.get("parameters") or []:
        if row.get("in") != PATH:
            fields[row["name"]] = _enum(document, row.get("schema") or {})
            required |= {row["name"]} if row.get("required") and operation.get("requestBody") else set()
    content = (operation.get("requestBody") or {}).get("content") or {}
    schema = _resolved(document, (content.get("application/json") or {}).get("schema") or {})
    for name, row in (schema.get("properties") or {}).items():
        if not row.get("readOnly"):
            fields[name] = _enum(document, row)
    return fields, required | set(schema.get("required") or ())


def _enum(document: Document, schema: Document) -> set[str]:
    found = _resolved(document, schema)
    return {str(value) for value in found.get("enum") or () if value is not None}


def _resolved(document: Document, schema: Document) -> Document:
    """The schema a reference leads to."""
    for wrapped in ("allOf", "oneOf", "anyOf"):
        if schema.get(wrapped):
            return _resolved(document, schema[wrapped][0])
    reference = str(schema.get("$ref") or "")
    if not reference:
        return schema
    kept = (document.get("components") or {}).get("schemas") or {}
    found: Document = kept.get(reference.rpartition("/")[2], {})
    return found


def plain(path: str) -> str:
    """A path without the names of its parameters, which differ from one document to the next."""
    parts = ["{}" if part.startswith("{") else part for part in path.removeprefix("/v1").split("/")]
    return "/".join(parts)

"""Seal every secret of the panel anew, with the first of the seal keys, while the panel runs.

Row by row, each by itself and only if it is still what was read: so it may be broken off, run again, and run beside
workers that change the same rows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Model

from apps.audit.models import Chain
from apps.connections.models import Connection, Consent
from apps.operations.models import Operation, Piece
from apps.sealing import box

BATCH = 200
TRIES = 5
Told = Callable[[int], Any]


@dataclass(frozen=True)
class Place:
    """Where sealed texts are: a column that is one, or (`is_json`) one whose values hold them."""

    name: str
    model: type[Model]
    column: str
    is_json: bool = False


@dataclass
class Count:
    """What became of the rows of a place. `closed`: the keys of those no key opens."""

    sealed: int = 0
    current: int = 0
    closed: list[Any] = field(default_factory=list)


PLACES = (
    Place("OVH accounts", Connection, "sealed"),
    Place("consents", Consent, "sealed"),
    Place("operations", Operation, "sealed"),
    Place("pieces of files", Piece, "sealed"),
    Place("keys of the history", Chain, "sealed_key"),
    Place("second factors", Authenticator, "data", is_json=True),
)


def rows() -> int:
    """How many rows there are to look at."""
    return sum(_rows(place).count() for place in PLACES)


def rotate(place: Place, *, only_look: bool = False, told: Told = lambda _rows: None) -> Count:
    """Seal what `place` holds with the first key. `only_look`: count, and change nothing."""
    count = Count()
    for pk, value in _values(place):
        _take(place, pk, value, count, only_look=only_look)
        told(1)
    return count


def _take(place: Place, pk: Any, value: Any, count: Count, *, only_look: bool) -> None:
    """One row. Whoever changed it meanwhile may be a process with the former order of keys: it is looked at again."""
    for _ in range(TRIES):
        try:
            anew = _sealed_anew(value, is_json=place.is_json)
        except box.CannotOpen:
            count.closed.append(pk)
            return
        if anew == value:
            count.current += 1
            return
        if only_look or _rows(place).filter(**{"pk": pk, place.column: value}).update(**{place.column: anew}):
            count.sealed += 1
            return
        value = _rows(place).filter(pk=pk).values_list(place.column, flat=True).first()
        if not value:
            return
    count.closed.append(pk)


def _sealed_anew(value: Any, *, is_json: bool) -> Any:
    """The value with its sealed texts under the first key; as it is when they are. Raises CannotOpen."""
    if isinstance(value, dict) and is_json:
        return {name: _sealed_anew(each, is_json=True) for name, each in value.items()}
    if isinstance(value, list) and is_json:
        return [_sealed_anew(each, is_json=True) for each in value]
    if not isinstance(value, str) or (is_json and not value.startswith(box.BEGINS)) or box.is_current(value):
        return value
    return box.rotate(value)


def _rows(place: Place) -> Any:
    rows = place.model._default_manager.all()  # noqa: SLF001  # Django's own name for it
    return rows if place.is_json else rows.exclude(**{place.column: ""})


def _values(place: Place) -> Iterator[tuple[Any, Any]]:
    """(key, value) of each row, in batches by key: no long read is open while rows are written."""
    last: Any = None
    while True:
        rows = _rows(place).order_by("pk").values_list("pk", place.column)
        batch = list((rows if last is None else rows.filter(pk__gt=last))[:BATCH])
        if not batch:
            return
        yield from batch
        last = batch[-1][0]

"""The whole panel as one file, and back: from SQLite to PostgreSQL, from one machine to another.

One gzip of JSON lines: a head, one line for each row, and an end with the counts and a sum over it all. Sealed values
stay sealed: the file opens nothing without the seal keys, which are not in it. Sessions are left out.
"""

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.operations import states

FORMAT = 1
# Live keys to the panel, and what each installation makes for itself.
LEFT_OUT = {"sessions.session", "usersessions.usersession", "contenttypes.contenttype", "auth.permission", "auth.group"}
ROWS_A_WRITE = 200
ROWS_A_READ = 500

Told = Callable[[int], Any]


class Refused(Exception):  # its text is the sentence that is shown
    """One sentence: why the file cannot be written or taken."""


@dataclass(frozen=True)
class Copied:
    """What a file holds: rows by model, and when it was written."""

    counts: dict[str, int]
    at: datetime
    doubted: int = 0


def tables() -> list[type[models.Model]]:
    """What is copied, in an order of no meaning: what refers to what is looked at when all is there."""
    found: list[type[models.Model]] = serializers.sort_dependencies(
        [(config, None) for config in apps.get_app_configs()], allow_cycles=True
    )
    return [model for model in found if model._meta.label_lower not in LEFT_OUT and not model._meta.proxy]  # noqa: SLF001


def rows() -> int:
    """How many rows there are to copy."""
    return sum(model._base_manager.count() for model in tables())  # noqa: SLF001


def write(path: Path, *, told: Told = lambda _rows: None) -> Copied:
    """Write everything to `path`, as it is at one moment; work goes on meanwhile. The file can be read by nobody else.

    Raises Refused when there is a file already.
    """
    at = timezone.now()
    counts: Counter[str] = Counter()
    try:
        path.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}."
        raise Refused(msg) from None
    try:
        with gzip.open(path, "wt", encoding="utf-8", compresslevel=6) as file, _one_moment():
            _write_all(_Summed(file), at, counts, told)
    except BaseException:  # half a file would stand in the way of the next try, and look like a backup
        path.unlink(missing_ok=True)
        raise
    return Copied(dict(counts), at)


def _write_all(out: "_Summed", at: datetime, counts: Counter[str], told: Told) -> None:
    out.line({"format": FORMAT, "at": at, "migrations": _migrations()})
    for model in tables():
        for row in _rows_of(model):
            out.line(row)
            counts[row["model"]] += 1
            told(1)
    out.end(dict(counts))


def read(path: Path, *, is_moved: bool = False, told: Told = lambda _rows: None) -> Copied:
    """Take everything from `path` into an empty panel, all or nothing; the counts are compared.

    `is_moved`: the panel was stopped before the file was written and has not run since, so that what was queued then
    was never sent. Else whatever was about to be sent is looked for at OVH first. Raises Refused.
    """
    head, counts = examine(path)
    if head["migrations"] != _migrations():
        msg = "The file is of another release. Import it with the release it was exported by, then upgrade."
        raise Refused(msg)
    taken: Counter[str] = Counter()
    with transaction.atomic():
        _refuse_unless_empty()
        for label, lines in groupby(_lines(path), key=lambda line: line["model"]):
            taken[label] += _take(lines, told)
        _set_sequences()
        _compare(counts, taken)
        at = parse_datetime(head["at"]) or timezone.now()
        doubted = 0 if is_moved else states.doubted(since=at)
    return Copied(dict(taken), at, doubted)


def examine(path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """(head, counts) of a file that is whole. Raises Refused."""
    summed = hashlib.sha256()
    previous = b""
    head: dict[str, Any] = {}
    try:
        with gzip.open(path, "rb") as file:
            for number, line in enumerate(file):
                if number == 0:
                    head = json.loads(line)
                summed.update(previous)
                previous = line
        end = json.loads(previous)
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        msg = f"{path} cannot be read: {error.strerror}."
        raise Refused(msg) from None
    except (OSError, EOFError, ValueError, gzip.BadGzipFile) as error:
        msg = f"{path} is not an export of the panel, or not whole ({type(error).__name__})."
        raise Refused(msg) from None
    if not isinstance(head, dict) or head.get("format") != FORMAT or not isinstance(end, dict):
        msg = f"{path} is not an export this release can read."
        raise Refused(msg)
    if end.get("sha256") != summed.hexdigest():
        msg = f"{path} has been cut off or changed since it was written."
        raise Refused(msg)
    counts: dict[str, int] = end["counts"]
    return head, counts


class _Exact(DjangoJSONEncoder):
    """Moments to the microsecond: Django's own cuts them off, and the history is signed over them."""

    def default(self, o: Any) -> Any:
        """What JSON does not know."""
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


class _Summed:
    """Writes lines and sums over them."""

    def __init__(self, file: IO[str]) -> None:
        self._file, self._sum = file, hashlib.sha256()

    def line(self, row: dict[str, Any]) -> None:
        """One row."""
        text = json.dumps(row, cls=_Exact, ensure_ascii=False) + "\n"
        self._sum.update(text.encode())
        self._file.write(text)

    def end(self, counts: dict[str, int]) -> None:
        """The last line: without it the file is not whole."""
        self._file.write(json.dumps({"end": True, "counts": counts, "sha256": self._sum.hexdigest()}) + "\n")


@contextmanager
def _one_moment() -> Iterator[None]:
    """Read everything as it is now, without keeping others from writing."""
    if connection.in_atomic_block:  # it is the caller's moment
        yield
        return
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
            yield
        return
    # The panel's transactions begin IMMEDIATE and would hold SQLite's one write lock; WAL lets a reader be.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _rows_of(model: type[models.Model]) -> Iterator[dict[str, Any]]:
    everything = model._base_manager.order_by("pk").iterator(chunk_size=ROWS_A_READ)  # noqa: SLF001
    for each in everything:
        (row,) = serializers.serialize("python", [each])
        yield row


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file that was examined."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        next(file)
        for line in file:
            row = json.loads(line)
            if "model" in row:
                yield row


def _take(lines: Iterable[dict[str, Any]], told: Told) -> int:
    """Rows of one table, some at a time."""
    taken = 0
    held: list[models.Model] = []
    for each in serializers.deserialize("python", lines):
        held.append(each.object)
        if len(held) == ROWS_A_WRITE:
            taken += _insert(held, told)
            held = []
    return taken + _insert(held, told)


def _insert(held: list[models.Model], told: Told) -> int:
    if held:
        type(held[0])._base_manager.bulk_create(held)  # noqa: SLF001
        told(len(held))
    return len(held)


def _refuse_unless_empty() -> None:
    for model in tables():
        if model._base_manager.exists():  # noqa: SLF001
            msg = f"There is something here already ({model._meta.verbose_name_plural}): import into an empty panel."  # noqa: SLF001
            raise Refused(msg)


def _set_sequences() -> None:
    """PostgreSQL: the next row made here gets a number none of the imported ones has."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables()):
            cursor.execute(statement)


def _compare(counts: dict[str, int], taken: Counter[str]) -> None:
    """What the file says it holds, what was read from it, and what is in the database now: all the same."""
    there = {model._meta.label_lower: model._base_manager.count() for model in tables()}  # noqa: SLF001
    for label in {*counts, *taken, *there}:
        numbers = {counts.get(label, 0), taken[label], there.get(label, 0)}
        if len(numbers) > 1:
            msg = f"{label}: the file says {counts.get(label, 0)}, {there.get(label, 0)} arrived. Nothing was imported."
            raise Refused(msg)


def _migrations() -> list[str]:
    """The schema, by the migrations that made it."""
    copied = {model._meta.app_label for model in tables()}  # noqa: SLF001
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied if app in copied)

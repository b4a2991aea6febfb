"""One reading of an account: what is listed, then each service, in slices that a dead worker does not lose.

Absence is believed only from a list that came whole. A service that answers 404 or 460 is marked and does not stop
the others. When OVH or the key fails, the run ends with gaps, nothing is marked gone, and the next one mends it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import DataError, IntegrityError, models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.connections.client import client_for
from apps.connections.models import Connection
from apps.inventory import columns, reading
from apps.inventory.models import (
    AttachedDomain,
    Database,
    Dump,
    FtpUser,
    Module,
    OfService,
    Service,
    ServiceTask,
    SyncRun,
    Zone,
)
from apps.ovhapi.client import Client, Lane, path_of
from apps.ovhapi.errors import Expired, Missing, NotGranted, NotNow, OvhError, Refused
from hostpanel.nudging import nudge

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=120)
# A hint that was not taken up by then is given again by `tasks.sync_due`.
HINT_S = 60
# One task reads services for so long, then hands over to the next, well below its time limit.
SLICE_S = 20.0
ROWS_A_WRITE = 200
# What a name and a number of OVH's can be at most.
LONGEST, LARGEST_ID = 255, 2**63
# An answer no row can hold.
UNREADABLE = (DataError, ValueError, TypeError, KeyError, AttributeError)
CHOICES_LAST = timedelta(days=1)


def ask_for_sync(connection: Connection) -> SyncRun:
    """Start reading an account, or return the run that does so already."""
    try:
        with transaction.atomic():
            run = SyncRun.objects.create(connection=connection, lease_until=timezone.now())
    except IntegrityError:
        return SyncRun.objects.get(connection=connection, state=SyncRun.State.RUNNING)
    nudge("inventory.sync", run.pk, expires_s=HINT_S)
    return run


def read_now(connection: Connection) -> SyncRun:
    """Read a whole account here and now, slice after slice; for commands, never for a page."""
    run = ask_for_sync(connection)
    while run.state == SyncRun.State.RUNNING:
        go_on(run.pk)
        run.refresh_from_db()
    return run


def ask_for_refresh(service: Service) -> None:
    """Read one service soon: its page was opened with old data, or somebody pressed the button."""
    Service.objects.filter(pk=service.pk).update(refresh_asked_at=timezone.now())
    nudge("inventory.refresh_service", service.pk, expires_s=HINT_S)


def go_on(run_id: int, *, slice_s: float = SLICE_S) -> None:
    """Read the next slice of a run; harmless when another worker is at it."""
    run = _claim(run_id)
    if run is None:
        return
    client = client_for(run.connection, lane=Lane.MIRROR)
    try:
        if run.total is None:
            _list(client, run)
        is_finished = _read_slice(client, run, slice_s)
    except OvhError as error:
        _end(run, SyncRun.State.FAILED if run.total is None else SyncRun.State.PARTIAL, message=error.message)
        return
    if is_finished:
        _end(run, SyncRun.State.PARTIAL if run.missed else SyncRun.State.FINISHED)
    elif _keep(run, lease_until=timezone.now()):
        nudge("inventory.sync", run.pk, expires_s=HINT_S)


def refresh(service: Service, client: Client) -> None:
    """Read one service whole. Costs 10 calls where lists expand (9 without a certificate), about 7 more once a day."""
    try:
        _read_service(client, service)
    except Expired:
        _mark(service, problem=Service.Problem.EXPIRED)
    except Missing:
        _mark(service, problem=Service.Problem.NOT_FOUND)


def is_free(now: datetime) -> models.Q:
    """Nobody reads it. A lease that ends later than any can was taken before the clock was set back."""
    return models.Q(lease_until__lte=now) | models.Q(lease_until__gt=now + 2 * LEASE)


def _claim(run_id: int) -> SyncRun | None:
    """The run, taken for one slice; None when it is over or somebody else is at it."""
    now = timezone.now()
    mine = SyncRun.objects.filter(is_free(now), pk=run_id, state=SyncRun.State.RUNNING)
    if not mine.update(lease_until=now + LEASE, epoch=F("epoch") + 1):
        return None
    return SyncRun.objects.select_related("connection").get(pk=run_id)


def _keep(run: SyncRun, **changes: Any) -> bool:
    """Write to the run, if the claim still holds."""
    mine = SyncRun.objects.filter(pk=run.pk, epoch=run.epoch, state=SyncRun.State.RUNNING)
    return bool(mine.update(**changes))


def _list(client: Client, run: SyncRun) -> None:
    """GET /hosting/web: what there is. Services it no longer names are gone."""
    names = client.get("/hosting/web")
    if not isinstance(names, list) or not all(_is_name(name, LONGEST) for name in names):
        msg = "OVH's list of services cannot be read."
        raise NotNow(msg, reason="overloaded")
    run.pending, run.total = [*names], len(names)
    rows = [Service(connection=run.connection, name=name) for name in run.pending]
    with transaction.atomic():
        Service.objects.bulk_create(rows, ignore_conflicts=True, batch_size=ROWS_A_WRITE)
        mine = Service.objects.filter(connection=run.connection)
        mine.exclude(name__in=run.pending).filter(gone_at=None).update(gone_at=timezone.now())
        mine.filter(name__in=run.pending).exclude(gone_at=None).update(gone_at=None)
        # The longest unread first: a run that is cut short does not leave out the same ones each time.
        oldest = mine.filter(name__in=run.pending).order_by(F("refreshed_at").asc(nulls_first=True), "name")
        run.pending = list(oldest.values_list("name", flat=True))
        _keep(run, pending=run.pending, total=run.total)
    _list_zones(client, run.connection)


def _list_zones(client: Client, connection: Connection) -> None:
    """GET /domain/zone: the zones OVH can write for this account. A key without that right changes nothing."""
    try:
        names = client.get("/domain/zone")
    except (NotGranted, Refused):
        return
    if not isinstance(names, list) or not all(_is_name(name, LONGEST) for name in names):
        return
    named = {*names}
    with transaction.atomic():
        connection.zones.exclude(name__in=named).delete()
        rows = [Zone(connection=connection, name=name) for name in sorted(named)]
        Zone.objects.bulk_create(rows, ignore_conflicts=True, batch_size=ROWS_A_WRITE)


def _read_slice(client: Client, run: SyncRun, slice_s: float) -> bool:
    """Read pending services for a while; whether none is left."""
    ends = time.monotonic() + slice_s
    while run.pending and time.monotonic() < ends:
        service = Service.objects.filter(connection=run.connection, name=run.pending[0]).first()
        if service is not None:
            _read_or_miss(service, client, run)
        run.pending, run.done = run.pending[1:], run.done + 1
        held = {"pending": run.pending, "done": run.done, "missed": run.missed}
        if not _keep(run, **held, lease_until=timezone.now() + LEASE):
            return False
    return not run.pending


def _read_or_miss(service: Service, client: Client, run: SyncRun) -> None:
    """Read one service; what is wrong with it alone must not stop the others."""
    try:
        refresh(service, client)
    except (NotGranted, Refused) as error:
        run.missed.append({"service": service.name, "why": error.message[:200]})
    except UNREADABLE as error:
        log.warning("service not readable", service=service.pk, error=type(error).__name__)
        run.missed.append({"service": service.name, "why": type(error).__name__})


def _read_service(client: Client, service: Service) -> None:
    began = timezone.now()
    base = path_of(reading.SERVICE, serviceName=service.name)
    fields = columns.service_fields(client.get(base)) | columns.infos_fields(client.get(f"{base}/serviceInfos"))
    fields |= reading.certificate_fields(client, service)
    read = {name: _listed(client, f"{base}/{kind.below}") for name, kind in _KINDS.items()}
    if _choices_are_old(service):
        reading.read_choices(client, service, offer=str(fields["offer"]))
    with transaction.atomic():
        _mark(service, problem="", **fields)
        for name, kind in _KINDS.items():
            _replace(service, kind, read[name], began)


def _listed(client: Client, path: str) -> list[Any] | None:
    """A list below a service; None when this offer has no such thing (404), which says nothing of the service."""
    try:
        return list(client.objects(path))
    except Missing:
        return None


def _choices_are_old(service: Service) -> bool:
    read_at = parse_datetime(service.choices.get("read_at") or "")
    return read_at is None or timezone.now() - read_at > CHOICES_LAST


def _mark(service: Service, **fields: Any) -> None:
    fields.setdefault("refreshed_at", timezone.now())
    Service.objects.filter(pk=service.pk).update(**fields)


@dataclass(frozen=True)
class _Kind:
    """How one list under a service (`below` it) becomes rows: OVH's key, ours, and the columns."""

    below: str
    model: type[OfService]
    ovh_key: str
    column: str
    fields: Callable[[Any], dict[str, Any]]


_KINDS = {
    "domain": _Kind("attachedDomain", AttachedDomain, "domain", "domain", columns.domain_fields),
    "database": _Kind("database", Database, "name", "name", columns.database_fields),
    "dump": _Kind("dump", Dump, "id", "ovh_id", columns.dump_fields),
    "user": _Kind("user", FtpUser, "login", "login", columns.user_fields),
    "module": _Kind("module", Module, "id", "ovh_id", columns.module_fields),
    "task": _Kind("tasks", ServiceTask, "id", "ovh_id", columns.task_fields),
}


def _replace(service: Service, kind: _Kind, objects: list[Any] | None, now: datetime) -> None:
    """The rows of one list that came whole: those in it fresh, the others gone.

    A row that was read by itself after this run began to read is newer than the list, and stays.
    """
    if objects is None:
        return
    manager: Any = kind.model._default_manager  # noqa: SLF001
    newer = manager.filter(service=service, refreshed_at__gte=now).values_list(kind.column, flat=True)
    listed = {raw[kind.ovh_key]: raw for raw in objects if _has_key(raw, kind)}
    rows = {key: raw for key, raw in listed.items() if key not in set(newer)}
    names = {database.name: database.pk for database in service.databases.all()} if kind.model is Dump else {}
    made: list[models.Model] = []
    written: set[str] = set()
    for key, raw in rows.items():
        fields = kind.fields(raw) | {"refreshed_at": now, "gone_at": None}
        if kind.model is Dump:
            name = str(raw.get("databaseName") or "")[:128]
            fields |= {"database_name": name, "database_id": names.get(name)}
        written |= fields.keys()
        made.append(kind.model(service=service, **{kind.column: key}, **fields))
    if made:
        manager.bulk_create(
            made, update_conflicts=True, unique_fields=["service", kind.column],
            update_fields=sorted(name.removesuffix("_id") if name == "database_id" else name for name in written),
            batch_size=ROWS_A_WRITE,
        )  # fmt: skip
    # Something in it that cannot be read may be what would seem gone.
    if all(_has_key(raw, kind) for raw in objects):
        manager.filter(service=service, gone_at=None, refreshed_at__lt=now).update(gone_at=now)


def _has_key(raw: Any, kind: _Kind) -> bool:
    """Whether an object of a list says which one it is, as its column can hold it."""
    key = raw.get(kind.ovh_key) if isinstance(raw, dict) else None
    if kind.column == "ovh_id":
        return isinstance(key, int) and not isinstance(key, bool) and 0 < key < LARGEST_ID
    longest: int = getattr(kind.model._meta.get_field(kind.column), "max_length")  # noqa: B009, SLF001  # of a CharField
    return _is_name(key, longest)


def _is_name(value: Any, longest: int) -> bool:
    """Whether it can be what something is called: in a column, and as a part of an address."""
    is_text = isinstance(value, str) and 0 < len(value) <= longest
    return is_text and "\0" not in value and value not in {".", ".."}


def keep_tasks(service: Service, rows: list[Any], began: datetime) -> None:
    """The tasks of a service from a list that came whole, asked for at `began`; what OVH forgot stays as history."""
    with transaction.atomic():
        _replace(service, _KINDS["task"], rows, began)


def keep_task(service: Service, raw: dict[str, Any]) -> None:
    """One task of a service, read by itself."""
    if _has_key(raw, _KINDS["task"]):
        fields = {**columns.task_fields(raw), "refreshed_at": timezone.now(), "gone_at": None}
        ServiceTask.objects.update_or_create(service=service, ovh_id=raw["id"], defaults=fields)


def _end(run: SyncRun, state: SyncRun.State, *, message: str = "") -> None:
    _keep(run, state=state, finished_at=timezone.now(), message=message[:500], pending=[])

"""OVH's tasks of a hosting: whether one is there, and what it says.

OVH forgets a task some time after its end: absence is not success.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime

from apps.inventory import sync
from apps.inventory.models import Service
from apps.operations.models import Operation
from apps.ovhapi.client import Client, path_of
from apps.ovhapi.errors import Lapsed, Missing, NotNow, OvhError

TASKS = "/hosting/web/{serviceName}/tasks"
# Web hosting knows only `cancelled`; the others are what clients have met all the same.
FAILURES = frozenset({"cancelled", "error", "problem"})
# OVH's clock and ours are not the same.
SLACK = timedelta(minutes=2)


@dataclass(frozen=True)
class Task:
    """One task as OVH lists it. `status` may be one nobody has seen before: it then counts as running."""

    id: int
    function: str
    status: str
    object_id: str
    started_at: datetime | None


Known = dict[int, Task]  # by the task's id


def find(client: Client, operation: Operation) -> Task | None:
    """The operation's task (GET …/tasks/{id}); None when OVH does not know it, or not any more."""
    path = path_of(TASKS + "/{id}", serviceName=operation.service.name, id=operation.task_id)
    try:
        return _task(client.get(path))
    except Missing:
        return None


def of_service(client: Client, service: Service, *, wanted: set[int]) -> Known:
    """The tasks of a service in one list call; where OVH lists ids, only those `wanted` are read besides.

    Empty where OVH refuses the list: they may be asked for one by one. Raises NotNow and Lapsed.
    """
    try:
        rows = client.objects(path_of(TASKS, serviceName=service.name), only={str(each) for each in wanted})
    except (NotNow, Lapsed):
        raise
    except OvhError:
        return {}
    return {task.id: task for task in map(_task, rows) if task}


def since(
    client: Client, operation: Operation, function: str, sent_at: datetime, *, is_about_service: bool = False
) -> Task | None:
    """A task of that function on the operation's object, begun since `sent_at`, that no operation has yet.

    `is_about_service`: whatever object the task names.
    """
    service, began = operation.service, sent_at - SLACK
    others = Operation.objects.filter(service=service, task_id__isnull=False).exclude(pk=operation.pk)
    taken = set(others.values_list("task_id", flat=True))
    older = set(service.servicetasks.filter(started_at__lt=began).values_list("ovh_id", flat=True))
    for task in _read(client, service, skipped=taken | older, function=function):
        is_new = task.started_at is None or task.started_at >= began
        is_ours = is_about_service or _is_about(task, operation)
        if task.function == function and is_new and task.id not in taken and is_ours:
            return task
    return None


def is_busy(client: Client, service: Service) -> bool:
    """Whether any task of the service is under way."""
    over = FAILURES | {"done"}
    known = set(service.servicetasks.filter(status__in=over).values_list("ovh_id", flat=True))
    return any(task.status not in over for task in _read(client, service, skipped=known))


def _read(client: Client, service: Service, *, skipped: AbstractSet[int | None], **query: str) -> Iterator[Task]:
    """The tasks of a service, newest first, each read by itself: expanded lists are cached, and prove nothing.

    The mirror keeps each, so that the next look, with few calls to be had, goes on where this one ended.
    """
    path = path_of(TASKS, serviceName=service.name)
    ids = client.get(path, **query)
    numbers = {int(each) for each in ids if str(each).isdigit()} if isinstance(ids, list) else set()
    for number in sorted(numbers - skipped, reverse=True):
        try:
            raw = client.get(path_of(TASKS + "/{id}", serviceName=service.name, id=number))
        except Missing:
            continue
        task = _task(raw)
        if task is not None:
            sync.keep_task(service, raw)
            yield task


def _is_about(task: Task, operation: Operation) -> bool:
    """Whether the task's object is the operation's. OVH does not always name one: then nothing speaks against it."""
    about = (*operation.target.values(), operation.label, operation.service.name)
    named = {str(value) for value in about if value}
    return not task.object_id or task.object_id in named or task.object_id.partition(".")[0] in named


def _task(raw: Any) -> Task | None:
    """What OVH sent, as a task; None when it is not one."""
    if not isinstance(raw, dict) or not str(raw.get("id", "")).isdigit():
        return None
    started = raw.get("startDate")
    return Task(
        id=int(raw["id"]),
        function=str(raw.get("function") or ""),
        status=str(raw.get("status") or ""),
        object_id=str(raw.get("objectId") or ""),
        started_at=_when(started),
    )


def _when(text: Any) -> datetime | None:
    try:
        return parse_datetime(text) if isinstance(text, str) else None
    except ValueError:
        return None

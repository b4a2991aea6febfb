"""The tasks OVH has, or had, on one hosting: the panel's own and those begun elsewhere."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from apps.inventory.models import Service, ServiceTask
from apps.operations import elsewhere, registry, timing
from apps.operations.models import Duration, Operation
from apps.teams.access import TeamRequest
from apps.ui.asked import clean
from apps.ui.pagination import paginate

STATUSES = ("init", "todo", "doing", "done", "cancelled")


@dataclass(frozen=True)
class Line:
    """One task. `operation`: the panel's own, if it is one; `took_s` where OVH said when it ended."""

    task: ServiceTask
    operation: Operation | None
    usual_s: float | None
    took_s: float | None
    is_over: bool


def listed(request: TeamRequest, service: Service, asked: Any = None) -> dict[str, Any]:
    """What the page shows: newest first, narrowed by `function` and `status` as OVH's own list is."""
    asked = request.GET if asked is None else asked
    rows = service.servicetasks.filter(_wanted(asked))
    page = paginate(asked.get("page"), rows)
    page.object_list = _lines(service, list(page.object_list))
    functions = service.servicetasks.order_by("function").values_list("function", flat=True).distinct()
    is_waiting = elsewhere.unfinished().filter(service=service).exists()
    return {
        "page": page, "asked": asked, "functions": list(functions), "statuses": STATUSES, "is_waiting": is_waiting,
    }  # fmt: skip


def _wanted(asked: Any) -> Q:
    wanted = Q()
    function, status = clean(asked.get("function", "")), asked.get("status", "")
    if function:
        wanted &= Q(function__icontains=function)
    if status in STATUSES:
        wanted &= Q(status=status)
    return wanted


def _lines(service: Service, tasks: list[ServiceTask]) -> list[Line]:
    """The tasks with what the panel knows of them: two queries, however many."""
    mine = Operation.objects.filter(service=service, task_id__in=[task.ovh_id for task in tasks])
    operations = {operation.task_id: operation for operation in mine.select_related("requested_by", "team")}
    usual = _usual()
    return [_line(task, operations.get(task.ovh_id), usual) for task in tasks]


def _line(task: ServiceTask, operation: Operation | None, usual: dict[str, float]) -> Line:
    took = (task.done_at - task.started_at).total_seconds() if task.done_at and task.started_at else None
    is_over = task.status in elsewhere.OVER or task.gone_at is not None
    return Line(task, operation, usual.get(task.function), took, is_over)


def _usual() -> dict[str, float]:
    """How long a task of each function usually takes, in seconds, as the panel's own changes have shown."""
    learnt = dict(Duration.objects.values_list("action", "seconds"))
    return {
        action.function: timing.usual(learnt.get(action.key, []), action.usual.total_seconds())
        for action in registry.every()
    }

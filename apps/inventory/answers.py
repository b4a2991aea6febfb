"""OVH's answers that are read only when somebody looks: charts, reports, checks of a domain.

A page shows what is kept and asks for what is missing or old; a worker reads it, and the open page is told.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.inventory.models import Answer, Service
from apps.ovhapi.client import Client, path_of
from apps.ovhapi.errors import Missing, NotNow, OvhError, Refused
from hostpanel.nudging import nudge, nudge_all

ASKED_LATELY = timedelta(seconds=30)


def of(service: Service, path: str, *, fresh_for: timedelta, is_list: bool = False, **query: str) -> Answer:
    """What OVH last answered to `GET /hosting/web/{serviceName}{path}`; asks again when that is older than `fresh_for`.

    `path` is encoded (`path_of`). `is_list`: read the whole objects of a list call. Until it was read, `read_at` is
    None; a problem is kept beside what was read before it.
    """
    answer = _row(service, path, urlencode(sorted(query.items())), is_list=is_list)
    now = timezone.now()
    is_old = answer.read_at is None or now - answer.read_at > fresh_for
    if is_old and (answer.asked_at is None or now - answer.asked_at > ASKED_LATELY):
        Answer.objects.filter(pk=answer.pk).update(asked_at=now)
        nudge("inventory.read_answer", answer.pk, expires_s=120)
    return answer


def of_many(service: Service, paths: Iterable[str], *, fresh_for: timedelta) -> dict[str, Answer]:
    """What OVH last answered to each of `paths`, by path; asks for those never read or older than `fresh_for`.

    Two queries where all is fresh, four where something is asked for, however many paths.
    """
    wanted = list(paths)
    Answer.objects.bulk_create([Answer(service=service, path=path) for path in wanted], ignore_conflicts=True)
    found = {answer.path: answer for answer in service.answers.filter(path__in=wanted, query="")}
    now = timezone.now()
    old = [each for each in found.values() if each.read_at is None or now - each.read_at > fresh_for]
    asked = [each.pk for each in old if each.asked_at is None or now - each.asked_at > ASKED_LATELY]
    if asked:
        Answer.objects.filter(pk__in=asked).update(asked_at=now)
        nudge_all([("inventory.read_answer", pk) for pk in asked], expires_s=120)
    return found


def _row(service: Service, path: str, query: str, *, is_list: bool) -> Answer:
    found = Answer.objects.filter(service=service, path=path, query=query).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return Answer.objects.create(service=service, path=path, query=query, is_list=is_list)
    except IntegrityError:
        return Answer.objects.get(service=service, path=path, query=query)


def read(answer: Answer, client: Client) -> None:
    """Ask OVH. A no of OVH's is an answer too: it says that there is no such thing, or why not."""
    path = path_of("/hosting/web/{serviceName}", serviceName=answer.service.name) + answer.path
    try:
        data = client.objects(path) if answer.is_list else client.get(path, **dict(parse_qsl(answer.query)))
    except Missing as error:
        _keep(answer, data=None, problem="missing", message=error.message[:500])
    except Refused as error:
        _keep(answer, data=None, problem="refused", message=error.message[:500])
    except NotNow as error:
        _keep(answer, problem=error.reason[:20], message=error.message[:500])
    except OvhError as error:
        _keep(answer, problem=type(error).__name__.lower()[:20], message=error.message[:500])
    else:
        _keep(answer, data=data, problem="", message="")


def learnt(service: Service, path: str, data: Any) -> None:
    """A worker has just read `path` for a reason of its own; `data` None: OVH has no such thing."""
    rows = service.answers.filter(path=path, query="")
    rows.update(data=data, problem="" if data is not None else "missing", message="", read_at=timezone.now())


def forget(service: Service, path: str) -> None:
    """What is kept of `path` and all below it is out of date: read it anew when somebody looks."""
    service.answers.filter(path__startswith=path).update(read_at=None, asked_at=None)


def _keep(answer: Answer, **fields: Any) -> None:
    Answer.objects.filter(pk=answer.pk).update(read_at=timezone.now(), **fields)

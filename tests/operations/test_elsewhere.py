"""Tasks at OVH that the panel did not start."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.inventory.models import ServiceTask
from apps.operations import elsewhere
from apps.sandbox import tasks
from tests.factories import OperationFactory


@pytest.fixture
def task_elsewhere(service, ovh):
    """A domain is being attached in OVH's Manager; the mirror has seen the task."""
    world = ovh.running.world
    with world.lock:
        truth = world.services[service.name]
        task = tasks.start(world, truth, "attachedDomain/restart", object_id="x.fr", object_type="AttachedDomain")
        world.tasks[str(task["id"])]["ends"] = time.time() + 3600
    elsewhere.follow(service)
    return task


def test_a_task_begun_elsewhere_is_found(service, task_elsewhere):
    row = ServiceTask.objects.get(ovh_id=task_elsewhere["id"])

    assert (row.function, row.object_id, row.service) == ("attachedDomain/restart", "x.fr", service)


def test_it_is_due_until_it_is_over(service, task_elsewhere, ovh):
    now = timezone.now()
    assert elsewhere.due(now) == [service.pk]
    assert elsewhere.due(now) == []
    assert elsewhere.due(now + timedelta(minutes=2)) == [service.pk]

    ovh.finish_tasks()
    elsewhere.follow(service)

    assert elsewhere.due(now + timedelta(hours=1)) == []


def test_its_end_has_the_service_read_anew(service, task_elsewhere, ovh, hints):
    hints.clear()
    ovh.finish_tasks()

    elsewhere.follow(service)

    service.refresh_from_db()
    assert service.refresh_asked_at is not None


def test_one_that_ovh_forgot_stays_as_history(service, task_elsewhere, ovh):
    ovh.finish_tasks()
    ovh.running.world.tasks.clear()

    elsewhere.follow(service)

    row = ServiceTask.objects.get(ovh_id=task_elsewhere["id"])
    assert row.gone_at is not None
    assert service.pk not in elsewhere.due(timezone.now() + timedelta(hours=1))


def test_a_task_of_the_panels_own_is_left_to_its_operation(service, task_elsewhere):
    OperationFactory(service=service, running=True, task_id=task_elsewhere["id"])

    assert elsewhere.due(timezone.now() + timedelta(hours=1)) == []


def test_an_open_page_has_it_looked_at_sooner(service, task_elsewhere):
    elsewhere.due(timezone.now())

    elsewhere.look_soon(service)

    soon = ServiceTask.objects.filter(next_at__lt=timezone.now() + timedelta(seconds=6))
    assert soon.filter(ovh_id=task_elsewhere["id"]).exists()


def test_when_ovh_cannot_be_asked_nothing_is_taken_for_gone(service, task_elsewhere, ovh):
    ovh.fault("http_502_html", times=5)

    elsewhere.follow(service)

    assert ServiceTask.objects.get(ovh_id=task_elsewhere["id"]).gone_at is None

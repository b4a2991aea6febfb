"""The page of OVH's tasks on a hosting."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.connections.client import client_for
from apps.inventory import sync
from apps.inventory.models import Service, ServiceTask
from apps.operations.models import Operation
from tests.factories import OperationFactory, ServiceFactory


def url(service):
    return reverse("operations:tasks", args=["acme", service.name])


@pytest.fixture
def hosting(team):
    service = Service.objects.get(name=str(ServiceFactory(connection__team=team, name="a.example", display_name="")))
    now = timezone.now()
    rows = [
        (1, "database/create", "done", now - timedelta(minutes=9)),
        (2, "attachedDomain/create", "doing", None),
        (3, "agora/dance", "cancelled", None),
    ]
    for number, function, status, done_at in rows:
        ServiceTask.objects.create(
            service=service, ovh_id=number, function=function, status=status, done_at=done_at,
            started_at=now - timedelta(minutes=10 + number),
        )  # fmt: skip
    return service


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [1, 2, 3]),
        ("status=doing", [2]),
        ("status=dancing", [1, 2, 3]),
        ("function=attachedDomain", [2]),
        ("function=%00", [1, 2, 3]),
        ("function=database/create&status=done", [1]),
    ],
)
def test_the_list_takes_ovhs_own_filters(query, numbers, hosting, viewer, browser_of):
    page = browser_of(viewer).get(f"{url(hosting)}?{query}").context["page"]

    assert sorted(line.task.ovh_id for line in page) == numbers


def test_a_task_of_the_panels_own_leads_to_its_operation_with_the_query_id(hosting, viewer, browser_of):
    OperationFactory(service=hosting, running=True, task_id=2, query_id="EU.ext-3.77")

    page = browser_of(viewer).get(url(hosting)).content.decode()

    assert reverse("operations:detail", args=["acme", Operation.objects.get().pk]) in page
    assert "EU.ext-3.77" in page


def test_one_begun_elsewhere_says_so_and_how_long_such_a_task_takes(hosting, viewer, browser_of):
    page = browser_of(viewer).get(url(hosting), {"function": "attachedDomain"}).content.decode()

    assert "elsewhere" in page
    assert "usually about 2 min" in page


def test_a_kind_nobody_has_seen_is_shown_as_ovh_writes_it(hosting, viewer, browser_of):
    assert "agora/dance" in browser_of(viewer).get(url(hosting)).content.decode()


def test_the_open_page_follows_a_task_begun_elsewhere(service, ovh, viewer, browser_of):
    task = ovh.control(
        "POST",
        "start_task",
        service=service.name,
        function="scan/create",
        object_id="1",
        object_type="Scan",
        seconds=99,
    )
    sync.refresh(service, client_for(service.connection))
    browser = browser_of(viewer)
    opened = browser.get(url(service))
    assert "scan/create" in opened.content.decode()

    ovh.finish_tasks()
    sync.refresh(service, client_for(service.connection))
    told = browser.get(opened.context["poller"]["url"], headers={"HX-Request": "true"}).content.decode()

    assert 'id="tasks"' in told
    assert ServiceTask.objects.get(ovh_id=task["id"]).status == "done"
    assert not Operation.objects.exists()


def test_fifty_tasks_cost_no_more_queries_than_three(hosting, viewer, browser_of, django_assert_max_num_queries):
    for number in range(100, 150):
        ServiceTask.objects.create(service=hosting, ovh_id=number, function="cron/create", status="done")
    browser = browser_of(viewer)
    browser.get(url(hosting))

    with django_assert_max_num_queries(30):
        browser.get(url(hosting))

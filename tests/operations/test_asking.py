"""Asking for a change."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import Entry
from apps.operations import engine, services, tasks
from apps.operations.models import Operation, State

PASSWORD = "Geheim12345"


def database_form(service, **others):
    form = {
        "key": uuid.uuid4().hex, "capabilitie": "sqlPerso", "type": "mysql", "version": "mysql 8.0", "user": "neu",
        "password": PASSWORD, "quota": "",
    }  # fmt: skip
    return form | others


@pytest.mark.fault(31)
def test_a_double_click_makes_one_operation(service, operator, browser_of):
    browser = browser_of(operator)
    url = reverse("databases:create", args=["acme", service.name])
    form = database_form(service, key="7f3a")

    browser.post(url, form)
    browser.post(url, form)

    assert Operation.objects.count() == 1


@pytest.mark.fault(31)
def test_a_form_gone_back_to_and_sent_with_other_values_says_so_and_takes_them_when_sent_once_more(
    service, operator, browser_of
):
    browser = browser_of(operator)
    url = reverse("databases:create", args=["acme", service.name])
    browser.post(url, database_form(service, key="7f3a"))

    answer = browser.post(url, database_form(service, key="7f3a", user="anders"))

    assert answer.status_code == 422
    assert "already sent" in answer.content.decode()
    assert Operation.objects.count() == 1
    again = database_form(service, key=answer.context["form"]["key"].value(), user="anders")
    assert browser.post(url, again).status_code == 302
    assert {row.params["user"][-3:] for row in Operation.objects.all()} == {"ers", "neu"}


@pytest.mark.fault(31)
def test_two_changes_of_one_thing_at_once_are_refused_with_the_name_of_who_was_first(
    service, owner, operator, browser_of, asked
):
    asked(member=owner)

    answer = browser_of(operator).post(
        reverse("domains:attach", args=["acme", service.name]),
        {"key": "other", "domain": "new.example.com", "path": "www"},
    )

    assert answer.status_code == 422
    assert str(owner.user) in answer.content.decode()
    assert Operation.objects.count() == 1


def test_the_row_holds_no_secret_in_clear(service, operator, browser_of):
    browser_of(operator).post(reverse("databases:create", args=["acme", service.name]), database_form(service))

    operation = Operation.objects.get()
    assert PASSWORD not in str(operation.params)
    assert operation.sealed
    assert PASSWORD not in operation.sealed


def test_the_secret_is_erased_when_the_operation_is_over(service, operator, browser_of, settled):
    browser_of(operator).post(reverse("databases:create", args=["acme", service.name]), database_form(service))

    operation = settled(Operation.objects.get())

    assert operation.state == State.SUCCEEDED
    assert operation.sealed == ""


def test_asking_is_written_into_the_history_with_the_person(service, owner, asked):
    operation = asked()

    entry = Entry.objects.get(operation_id=operation.pk)
    assert entry.action == "domains.attach.requested"
    assert entry.actor_id == owner.user.pk


def test_a_viewer_cannot_ask_even_past_the_page(viewer, asked):
    with pytest.raises(PermissionDenied):
        asked(member=viewer)

    assert not Operation.objects.exists()


def test_what_was_not_sent_can_be_taken_back(owner, asked, ovh, settled):
    operation = asked()

    assert services.cancel(operation, member=owner)

    settled(operation)
    assert operation.state == State.CANCELLED
    assert ovh.effects() == []


def test_what_was_sent_cannot_be_taken_back(owner, asked, settled):
    operation = asked()
    settled(operation)

    assert not services.cancel(operation, member=owner)


def test_a_refused_operation_offers_its_values_again_with_ovhs_words(
    service, operator, browser_of, asked, ovh, settled
):
    ovh.fault("conflict_409", method="POST", path="/attachedDomain$")
    operation = settled(asked(member=operator))
    browser = browser_of(operator)

    page = browser.get(reverse("operations:detail", args=["acme", operation.pk])).content.decode()
    again = browser.get(reverse("domains:attach", args=["acme", service.name]) + f"?again={operation.pk}")

    assert operation.state == State.FAILED
    assert operation.query_id in page
    assert 'value="new.example.com"' in again.content.decode()
    assert "already running" in again.content.decode()


def test_the_tick_finds_what_a_lost_hint_left(asked, hints):
    operation = asked()
    hints.clear()

    tasks.tick()

    assert hints == [("operations.submit", str(operation.pk))]


def test_the_tick_asks_once_for_an_account_whatever_runs_there(asked, hints, connection):
    for number in range(3):
        operation = asked(params={"domain": f"d{number}.example.com", "path": "www"})
        engine.submit(operation.pk)
    Operation.objects.update(next_at=timezone.now())
    hints.clear()

    tasks.tick()

    assert hints == [("operations.poll", connection.pk)]

"""The end of an access: asked for once, tried again, never lost, and done by the panel itself."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import Entry
from apps.ftpusers import tasks
from apps.inventory.models import FtpUser
from apps.operations import engine, registry, services, states
from apps.operations.models import Operation, State
from apps.teams.models import Membership


@pytest.fixture
def ended(ftp_user):
    """The user's access has just had its end."""
    FtpUser.objects.filter(pk=ftp_user.pk).update(access_ends_at=timezone.now() - timedelta(seconds=5))
    ftp_user.refresh_from_db()
    return ftp_user


def at(**later):
    return time_machine.travel(timezone.now() + timedelta(**later), tick=True)


def test_when_the_time_has_come_the_panel_switches_the_user_off(ended, settled, truth):
    tasks.end_access()

    operation = settled(Operation.objects.get())
    ended.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert (truth[ended.login]["state"], ended.state) == ("off", "off")


def test_before_its_time_nothing_happens(ftp_user):
    FtpUser.objects.filter(pk=ftp_user.pk).update(access_ends_at=timezone.now() + timedelta(minutes=1))

    tasks.end_access()

    assert not Operation.objects.exists()


def test_the_history_says_that_the_panel_did_it(ended, settled, owner, browser_of):
    tasks.end_access()
    operation = settled(Operation.objects.get())

    entry = Entry.objects.get(action="ftpusers.disable.requested")
    assert (operation.is_panels, operation.requested_by, entry.actor_id, entry.actor_name) == (True, None, None, "")
    page = browser_of(owner).get(reverse("operations:detail", args=["acme", operation.pk])).content.decode()
    assert "the panel" in page


def test_it_is_asked_for_once_however_often_the_tick_comes(ended):
    for _ in range(3):
        tasks.end_access()

    assert Operation.objects.count() == 1


def test_whoever_set_it_up_may_have_left(ended, settled):
    tasks.end_access()
    Membership.objects.all().delete()

    assert settled(Operation.objects.get()).state == State.SUCCEEDED


def test_after_it_failed_it_is_tried_again_some_time_later(ended, settled, truth):
    tasks.end_access()
    states.failed(Operation.objects.get(), "refused")

    tasks.end_access()
    assert Operation.objects.count() == 1

    with at(minutes=11):
        tasks.end_access()
    assert Operation.objects.count() == 2
    Operation.objects.update(next_at=timezone.now())
    settled(Operation.objects.latest("requested_at"))
    assert truth[ended.login]["state"] == "off"


def test_the_second_failure_is_waited_for_longer(ended):
    tasks.end_access()
    states.failed(Operation.objects.get(), "refused")
    with at(minutes=11):
        tasks.end_access()
        states.failed(Operation.objects.latest("requested_at"), "refused")
    with at(minutes=25):
        tasks.end_access()
        assert Operation.objects.count() == 2
    with at(minutes=40):
        tasks.end_access()
        assert Operation.objects.count() == 3


def test_while_something_else_is_done_to_the_user_it_waits_for_the_next_tick(ended, service, owner, settled, truth):
    target, params = {"login": ended.login}, {"password": "Geheim12345"}
    action = registry.get("ftpusers.password")
    first = services.request(action, service=service, target=target, params=params, member=owner, key="k")

    tasks.end_access()
    assert Operation.objects.count() == 1

    settled(first)
    tasks.end_access()
    settled(Operation.objects.get(action="ftpusers.disable"))
    assert truth[ended.login]["state"] == "off"


def test_an_account_that_cannot_be_reached_loses_nothing(ended, ovh, settled, truth):
    ovh.fault("http_429", retry_after=60, method="PUT", path="/user/")
    tasks.end_access()
    operation = Operation.objects.get()
    engine.submit(operation.pk)
    operation.refresh_from_db()
    assert operation.state == State.QUEUED

    Operation.objects.update(next_at=timezone.now())
    settled(operation)

    assert truth[ended.login]["state"] == "off"


def test_one_that_cannot_be_asked_for_does_not_stop_the_others(service, ended, monkeypatch):
    other = service.ftpusers.get(is_primary=True)
    FtpUser.objects.filter(pk=other.pk).update(access_ends_at=timezone.now() - timedelta(seconds=1))
    asked = services.request_by_panel

    def broken(action, *, target, **given):
        if target["login"] == ended.login:
            msg = "broken"
            raise RuntimeError(msg)
        return asked(action, target=target, **given)

    monkeypatch.setattr("apps.operations.services.request_by_panel", broken)

    tasks.end_access()

    assert Operation.objects.get().label == other.login


def test_who_is_off_already_is_left_alone(ended):
    FtpUser.objects.update(state="off")

    tasks.end_access()

    assert not Operation.objects.exists()


def test_a_stale_list_that_shows_the_user_on_does_not_switch_it_off_again_at_once(ended, settled):
    tasks.end_access()
    settled(Operation.objects.get())
    FtpUser.objects.filter(pk=ended.pk).update(state="rw")

    tasks.end_access()
    assert Operation.objects.count() == 1

    with at(minutes=61):
        tasks.end_access()
    assert Operation.objects.count() == 2


def access(service, user):
    return reverse("ftpusers:access", args=["acme", service.name, user.login])


def test_an_end_is_set_and_taken_away_without_asking_ovh(service, ftp_user, operator, browser_of, ovh):
    browser = browser_of(operator)

    browser.post(access(service, ftp_user), {"access_ends": "2100-01-01T10:00"})
    ftp_user.refresh_from_db()
    assert ftp_user.access_ends_at.year == 2100

    browser.post(access(service, ftp_user), {"access_ends": ""})
    ftp_user.refresh_from_db()
    assert ftp_user.access_ends_at is None
    assert ovh.effects() == []
    entries = Entry.objects.filter(action="ftpusers.access_ends")
    assert [entry.details["access_ends"][:4] for entry in entries] == ["", "2100"]
    assert {entry.actor_id for entry in entries} == {operator.user.pk}


def test_an_end_that_has_passed_is_refused(service, ftp_user, operator, browser_of):
    answer = browser_of(operator).post(access(service, ftp_user), {"access_ends": "2020-01-01T10:00"})

    assert answer.status_code == 422
    assert "This has passed already" in answer.content.decode()


def test_an_end_set_with_a_change_is_kept_when_that_has_succeeded(service, ftp_user, operator, browser_of, settled):
    given = {"key": "k", "home": "www", "sshState": "none", "state": "rw", "access_ends": "2100-01-01T10:00"}
    browser_of(operator).post(reverse("ftpusers:edit", args=["acme", service.name, ftp_user.login]), given)

    settled(Operation.objects.get())

    ftp_user.refresh_from_db()
    assert ftp_user.access_ends_at.year == 2100


def test_who_is_switched_on_again_is_not_switched_off_by_the_old_end(service, ended, operator, browser_of, settled):
    tasks.end_access()
    settled(Operation.objects.get())
    given = {"key": "k", "home": "www", "sshState": "none", "state": "rw", "access_ends": ""}
    browser_of(operator).post(reverse("ftpusers:edit", args=["acme", service.name, ended.login]), given)
    settled(Operation.objects.get(action="ftpusers.edit"))

    with at(days=1):
        tasks.end_access()

    ended.refresh_from_db()
    assert (ended.state, ended.access_ends_at) == ("rw", None)
    assert Operation.objects.count() == 2


def test_an_ended_access_that_stays_off_still_says_when_it_ended(service, ended, operator, browser_of, settled):
    tasks.end_access()
    settled(Operation.objects.get())
    given = {"key": "k", "home": "blog", "sshState": "none", "state": "off", "access_ends": ""}
    browser_of(operator).post(reverse("ftpusers:edit", args=["acme", service.name, ended.login]), given)
    settled(Operation.objects.get(action="ftpusers.edit"))

    page = browser_of(operator).get(reverse("ftpusers:index", args=["acme", service.name])).content.decode()

    assert "ended on" in page


def test_until_it_is_done_the_pages_say_so(service, ended, viewer, browser_of):
    for name, args in (("index", []), ("detail", [ended.login])):
        page = browser_of(viewer).get(reverse(f"ftpusers:{name}", args=["acme", service.name, *args]))

        assert "access should have ended" in page.content.decode()


def test_the_tick_is_in_the_timetable(settings):
    entry = settings.CELERY_BEAT_SCHEDULE["ftpusers.end_access"]

    assert (entry["task"], entry["schedule"]) == (tasks.end_access.name, 60.0)

"""Each change from its page to OVH and back."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from apps.connections.models import Connection
from apps.operations import engine
from apps.operations.models import Operation, State
from apps.teams.models import Role
from tests.factories import MembershipFactory

PASSWORD = "Geheim12345"


@pytest.fixture
def admin(team):
    return MembershipFactory(team=team, role=Role.ADMIN)


def url(name, service, *args):
    return reverse(f"ftpusers:{name}", args=["acme", service.name, *args])


def asked(browser, address, **given):
    """Ask through a page; the operation."""
    answer = browser.post(address, {"key": uuid.uuid4().hex, **given})
    assert answer.status_code == 302, answer.content.decode()
    return Operation.objects.latest("requested_at")


CREATE = {"login": "neu", "password": PASSWORD, "home": "www", "sshState": "sftponly"}


def test_a_new_user_is_at_ovh_and_in_the_list(service, operator, browser_of, settled, truth):
    operation = settled(asked(browser_of(operator), url("create", service), **CREATE))

    login = f"{service.primary_login}-neu"
    assert operation.state == State.SUCCEEDED
    assert (truth[login]["home"], truth[login]["sshState"]) == ("./www", "sftponly")
    row = service.ftpusers.get(login=login)
    assert (row.home, row.ssh_state, row.state, row.status, row.access_ends_at) == (
        "./www", "sftponly", "rw", "created", None,
    )  # fmt: skip
    assert PASSWORD not in str(operation.params) + operation.sealed


def test_a_new_user_may_have_an_end_that_ovh_is_not_told(service, operator, browser_of, settled, ovh):
    given = {**CREATE, "access_ends": "2100-01-01T10:00"}

    settled(asked(browser_of(operator), url("create", service), **given))

    assert service.ftpusers.get(login__endswith="-neu").access_ends_at.year == 2100
    assert "access_ends" not in ovh.effects("POST", "/user")[0]["values"]


def test_a_login_somebody_else_made_meanwhile_gets_no_end(service, operator, browser_of, settled, ovh, ftp_user):
    login = ftp_user.login
    service.ftpusers.filter(pk=ftp_user.pk).delete()
    given = {**CREATE, "login": login.partition("-")[2], "access_ends": "2100-01-01T10:00"}

    operation = settled(asked(browser_of(operator), url("create", service), **given))

    assert (operation.state, operation.reason) == (State.FAILED, "refused")
    assert service.ftpusers.get(login=login).access_ends_at is None


EDIT = {"home": "blog", "sshState": "none", "state": "rw", "access_ends": ""}


def test_a_change_is_at_ovh_and_in_the_row(service, operator, browser_of, settled, truth, ftp_user, ovh):
    operation = settled(asked(browser_of(operator), url("edit", service, ftp_user.login), **EDIT))

    assert operation.state == State.SUCCEEDED
    assert truth[ftp_user.login]["home"] == "./blog"
    ftp_user.refresh_from_db()
    assert (ftp_user.home, ftp_user.ssh_state) == ("./blog", "none")
    assert ovh.effects("PUT", "/user/")[0]["values"] == {"home": "./blog", "sshState": "none", "state": "rw"}


def test_a_change_that_ovh_takes_back_has_failed(service, operator, browser_of, ftp_user, ovh, settled):
    operation = asked(browser_of(operator), url("edit", service, ftp_user.login), **EDIT)
    engine.submit(operation.pk)
    ovh.finish_tasks("cancelled")
    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=True):
        Operation.objects.update(next_at=timezone.now())
        engine.poll(operation.connection_id)
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=True):
        Operation.objects.update(next_at=timezone.now())
        engine.poll(operation.connection_id)

    operation.refresh_from_db()
    assert (operation.state, operation.reason) == (State.FAILED, "not_as_asked")


def test_a_user_is_switched_off_and_on_again(service, operator, browser_of, settled, truth, ftp_user):
    browser = browser_of(operator)

    settled(asked(browser, url("disable", service, ftp_user.login)))
    ftp_user.refresh_from_db()
    assert (truth[ftp_user.login]["state"], ftp_user.state) == ("off", "off")

    settled(asked(browser, url("edit", service, ftp_user.login), **EDIT))
    ftp_user.refresh_from_db()
    assert (truth[ftp_user.login]["state"], ftp_user.state) == ("rw", "rw")


def test_a_new_password_reaches_ovh(service, operator, browser_of, settled, truth, ftp_user):
    before = truth[ftp_user.login]["password"]

    operation = settled(asked(browser_of(operator), url("password", service, ftp_user.login), password=PASSWORD))

    assert operation.state == State.SUCCEEDED
    assert truth[ftp_user.login]["password"] != before


def test_a_deleted_user_is_gone_and_so_is_its_end(service, admin, browser_of, settled, truth, ftp_user):
    service.ftpusers.filter(pk=ftp_user.pk).update(access_ends_at=timezone.now() + timedelta(days=1))

    operation = settled(
        asked(browser_of(admin), url("delete", service, ftp_user.login), confirm_name=ftp_user.login)
    )  # fmt: skip

    assert operation.state == State.SUCCEEDED
    assert ftp_user.login not in truth
    ftp_user.refresh_from_db()
    assert ftp_user.gone_at is not None
    assert ftp_user.access_ends_at is None


def test_deleting_wants_the_login_typed(service, admin, browser_of, ftp_user):
    answer = browser_of(admin).post(
        url("delete", service, ftp_user.login), {"key": "k", "confirm_name": service.primary_login}
    )

    assert answer.status_code == 422
    assert "This is not its name" in answer.content.decode()


def test_the_main_user_is_never_deleted(service, admin, browser_of):
    main = service.ftpusers.get(is_primary=True)

    answer = browser_of(admin).post(url("delete", service, main.login), {"key": "k", "confirm_name": main.login})

    assert answer.status_code == 302
    assert Operation.objects.count() == 0


# (action, what is asked, the call's method and path): each may lose its answer, or never arrive.
CASES = [
    ("create", CREATE, "POST", "/user$"),
    ("edit", EDIT, "PUT", "/user/"),
    ("disable", {}, "PUT", "/user/"),
    ("password", {"password": PASSWORD}, "POST", "/changePassword$"),
    ("delete", {"confirm_name": None}, "DELETE", "/user/"),
]


def begin(name, given, service, browser, ftp_user):
    given = {key: ftp_user.login if value is None else value for key, value in given.items()}
    return asked(browser, url(name, service, *([] if name == "create" else [ftp_user.login])), **given)


@pytest.mark.parametrize(("name", "given", "method", "path"), CASES, ids=[case[0] for case in CASES])
def test_a_change_whose_answer_was_lost_is_found_done(
    name, given, method, path, service, admin, browser_of, settled, ovh, ftp_user
):
    ovh.fault("reset_after", method=method, path=path)

    operation = settled(begin(name, given, service, browser_of(admin), ftp_user))

    assert operation.state == State.SUCCEEDED
    assert len(ovh.effects(method, "/user")) == 1


@pytest.mark.parametrize(("name", "given", "method", "path"), CASES, ids=[case[0] for case in CASES])
def test_a_change_that_never_arrived_is_sent_again(
    name, given, method, path, service, admin, browser_of, settled, ovh, ftp_user
):
    ovh.fault("reset_before", method=method, path=path)
    operation = begin(name, given, service, browser_of(admin), ftp_user)
    engine.submit(operation.pk)

    for minutes in range(1, 9):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=True):
            Connection.objects.update(paused_until=None, health="ok")
            engine.submit(operation.pk)
            engine.poll(operation.connection_id)
    settled(operation)

    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert len(ovh.effects(method, "/user")) == 1

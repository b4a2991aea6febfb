"""Installing and deleting, from the page to OVH and back."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from apps.connections.models import Connection
from apps.operations import engine, shown
from apps.operations.models import Operation, State
from apps.teams.models import Role
from tests.factories import MembershipFactory

SECRETS = ("Geheim12345", "Basis12345")


@pytest.fixture
def admin(team):
    return MembershipFactory(team=team, role=Role.ADMIN)


@pytest.fixture
def given(service, offers):
    """What the form is filled in with: a WordPress beside what is there, in a database of the hosting."""
    database = service.databases.filter(type="mysql").first()
    return {
        "moduleId": "101", "domain": service.attacheddomains.exclude(domain__startswith="*").first().domain,
        "path": "www/neu", "language": "fr", "adminName": "chef", "adminPassword": SECRETS[0], "source": "existing",
        "existing": database.name, "password": SECRETS[1], "prefix": "neu_",
    }  # fmt: skip


def install_url(service):
    return reverse("modules:install", args=["acme", service.name])


def asked(browser, address, **given):
    answer = browser.post(address, {"key": uuid.uuid4().hex, **given})
    assert answer.status_code == 302, answer.content.decode()
    return Operation.objects.latest("requested_at")


def test_a_module_is_installed_with_a_database_of_the_hosting(
    service, operator, browser_of, settled, truth, given, ovh
):
    operation = settled(asked(browser_of(operator), install_url(service), **given))

    assert operation.state == State.SUCCEEDED, (operation.reason, operation.ovh_message)
    module = service.modules.get(path="www/neu")
    assert (module.module_id, module.admin_name, module.language, module.status) == (101, "chef", "fr", "created")
    sent = ovh.effects("POST", "/module")[0]["values"]
    database = service.databases.get(name=given["existing"])
    assert sent["path"] == "./www/neu"
    assert [{name: each[name] for name in ("type", "name", "server", "port", "user", "prefix")}
            for each in sent["dependencies"]] == [
        {"type": "mysql", "name": database.user, "server": database.server, "port": database.port,
         "user": database.user, "prefix": "neu_"}
    ]  # fmt: skip
    assert set(sent) & {"source", "existing", "module", "server", "password"} == set()


def test_no_secret_is_left_anywhere(service, operator, browser_of, settled, given):
    browser = browser_of(operator)
    operation = asked(browser, install_url(service), **given)
    assert operation.sealed
    assert not any(secret in str(operation.params) + operation.label for secret in SECRETS)

    settled(operation)

    page = browser.get(reverse("operations:detail", args=["acme", operation.pk])).content.decode()
    assert not any(secret in page for secret in SECRETS)
    assert operation.sealed == ""
    module = service.modules.get(path="www/neu")
    assert not any(secret in str(module.raw) for secret in SECRETS)


def test_a_database_that_ovh_makes_is_in_the_list_afterwards(service, operator, browser_of, settled, given, ovh, truth):
    truth["maxDatabases"] = 99
    before = set(service.databases.values_list("name", flat=True))
    given = {**given, "source": "ovh", "password": ""}

    operation = settled(asked(browser_of(operator), install_url(service), **given))

    assert operation.state == State.SUCCEEDED, (operation.reason, operation.ovh_message)
    new = service.databases.filter(gone_at=None).exclude(name__in=before).get()
    assert new.mode == "module"
    assert operation.result["database"] == new.name
    assert "dependencies" not in ovh.effects("POST", "/module")[0]["values"]


def test_an_installation_that_ovh_cancels_says_what_usually_is_the_cause(service, operator, browser_of, given, ovh):
    operation = asked(browser_of(operator), install_url(service), **given)
    engine.submit(operation.pk)
    Operation.objects.update(next_at=timezone.now())
    engine.poll(operation.connection_id)
    ovh.finish_tasks("cancelled")
    Operation.objects.update(next_at=timezone.now())
    engine.poll(operation.connection_id)

    operation.refresh_from_db()
    assert (operation.state, operation.reason) == (State.FAILED, "cancelled_by_ovh")
    assert "only by e-mail" in shown.cards([operation])[0].summary
    assert not service.modules.filter(path="www/neu", gone_at=None).exists()


def test_what_ovh_refused_is_offered_again_without_its_passwords(service, operator, browser_of, settled, given, truth):
    browser = browser_of(operator)
    operation = asked(browser, install_url(service), **given)
    truth["modules"]["77"] = {"path": "www/neu"}
    engine.submit(operation.pk)
    operation.refresh_from_db()
    assert (operation.state, operation.reason) == (State.FAILED, "refused")
    del truth["modules"]["77"]

    page = browser.get(f"{install_url(service)}?again={operation.pk}").content.decode()

    assert 'value="./www/neu"' in page
    assert 'value="chef"' in page
    assert not any(secret in page for secret in SECRETS)


def delete_url(service, module):
    return reverse("modules:delete", args=["acme", service.name, module.ovh_id])


@pytest.fixture
def module(service, operator, browser_of, settled, given):
    settled(asked(browser_of(operator), install_url(service), **given))
    return service.modules.get(path="www/neu")


def test_a_deleted_module_is_gone_and_its_database_is_not(service, admin, browser_of, settled, module, truth, given):
    operation = settled(asked(browser_of(admin), delete_url(service, module), confirm_name="www/neu"))

    assert operation.state == State.SUCCEEDED
    assert str(module.ovh_id) not in truth["modules"]
    assert given["existing"] in truth["databases"]
    module.refresh_from_db()
    assert module.gone_at is not None
    assert shown.title_of(operation) == "Delete the module in www/neu"


def test_deleting_wants_the_folder_typed(service, admin, browser_of, module):
    answer = browser_of(admin).post(delete_url(service, module), {"key": "k", "confirm_name": "www"})

    assert answer.status_code == 422
    assert "This is not its name" in answer.content.decode()


@pytest.mark.parametrize("name", ["install", "delete"])
@pytest.mark.parametrize("kind", ["reset_after", "reset_before"])
def test_an_answer_that_is_lost_never_makes_two(name, kind, service, admin, browser_of, settled, ovh, given, request):
    address = install_url(service)
    if name == "delete":
        address, given = delete_url(service, request.getfixturevalue("module")), {"confirm_name": "www/neu"}
    method = "POST" if name == "install" else "DELETE"
    ovh.fault(kind, method=method, path="/module")
    operation = asked(browser_of(admin), address, **given)
    engine.submit(operation.pk)
    for minutes in range(1, 9) if kind == "reset_before" else ():
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=True):
            Connection.objects.update(paused_until=None, health="ok")
            engine.submit(operation.pk)
            engine.poll(operation.connection_id)

    settled(operation)

    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED, (operation.reason, operation.waiting)
    assert len(ovh.effects(method, "/module")) == 1

"""The pages of databases, and what is asked for on them."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.connections.client import client_for
from apps.databases import copies
from apps.databases.forms import LARGEST_FILE, DatabaseImportForm
from apps.inventory import answers, columns
from apps.inventory.models import Answer
from apps.operations import engine
from apps.operations.models import Attachment, Operation, State
from tests.factories import DatabaseFactory

SQL = b"CREATE TABLE visitors (id int);"


def url(name, service, *more):
    return reverse(f"databases:{name}", args=["acme", service.name, *more])


@pytest.fixture
def database(service):
    return service.databases.first()


def test_its_settings_can_be_copied_but_for_the_password(service, database, operator, browser_of):
    page = browser_of(operator).get(url("detail", service, database.name)).content.decode()

    for value in (database.server, database.port, database.user):
        assert f'data-copy="{value}"' in page
    assert "Kept by nobody here." in page


def test_the_link_to_phpmyadmin_is_only_one_to_the_web(service, database, operator, browser_of):
    assert columns.database_fields({"guiURL": "javascript:alert(1)"})["gui_url"] == ""

    page = browser_of(operator).get(url("detail", service, database.name)).content.decode()

    assert f'href="{database.gui_url}"' in page


def test_a_full_database_says_what_to_do(service, database, operator, browser_of):
    service.databases.update(state="readonly")

    page = browser_of(operator).get(url("detail", service, database.name)).content.decode()

    assert "lets nothing be written" in page


def test_measuring_again_brings_the_time_of_it(service, database, operator, browser_of, settled):
    before = database.checked_at

    browser_of(operator).post(url("measure", service, database.name), {"key": "k"})
    operation = settled(Operation.objects.get())

    database.refresh_from_db()
    assert operation.state == State.SUCCEEDED
    assert database.checked_at > before


def test_a_new_password_is_set_and_kept_nowhere(service, database, operator, browser_of, ovh, settled):
    browser_of(operator).post(url("password", service, database.name), {"key": "k", "password": "Geheim12345"})
    operation = settled(Operation.objects.get())

    truth = ovh.truth(service.name)["databases"][database.name]
    assert truth["password"] == hashlib.sha256(b"Geheim12345").hexdigest()
    assert operation.sealed == ""
    assert "Geheim" not in str(operation.params) + str(operation.result)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=shop", ["shop"]),
        ("q=SHOP.mysql", ["shop"]),
        ("type=postgresql", ["crm"]),
        ("mode=module", ["wp"]),
        ("state=readonly", ["crm"]),
        ("q=nothing", []),
        ("type=%00&mode=x'&q=%00", []),
    ],
)
def test_the_list_is_narrowed_as_ovhs_would_be(query, names, service, operator, browser_of):
    service.databases.all().delete()
    DatabaseFactory(service=service, user="shop", mode="classic")
    DatabaseFactory(service=service, user="wp", mode="module")
    DatabaseFactory(service=service, user="crm", type="postgresql", state="readonly")

    answer = browser_of(operator).get(f"{url('index', service)}?{query}")

    assert [row.user for row in answer.context["databases"]] == names


def test_a_filter_alone_is_answered_with_the_list_alone(service, operator, browser_of):
    answer = browser_of(operator).get(url("index", service), {"q": "x"}, headers={"HX-Request": "true"})

    assert b"<html" not in answer.content
    assert b'id="databases"' in answer.content


def read_all(service):
    for answer in Answer.objects.filter(service=service):
        answers.read(answer, client_for(service.connection))


def test_its_use_is_drawn_once_it_was_read(service, database, operator, browser_of):
    browser, address = browser_of(operator), url("detail", service, database.name)
    assert "Just being read" in browser.get(address).content.decode()
    read_all(service)

    page = browser.get(address).content.decode()

    assert "<svg" in page
    assert "on average" in page


def test_another_figure_and_period_are_asked_for(service, database, operator, browser_of):
    browser_of(operator).get(
        url("detail", service, database.name), {"statistic": "statementMeanTime", "period": "yearly"}
    )

    assert Answer.objects.filter(query="period=yearly&type=statementMeanTime").exists()


@pytest.mark.parametrize("data", [{}, "x", [1], [{"values": 3}], [{"values": [{}, {"timestamp": "x"}, 7]}]])
def test_odd_figures_are_no_error(data, service, database, operator, browser_of):
    browser, address = browser_of(operator), url("detail", service, database.name)
    browser.get(address)
    Answer.objects.update(data=data)

    assert browser.get(address).status_code == 200


def test_a_copy_is_made_and_shown(service, database, operator, browser_of, settled):
    browser = browser_of(operator)
    browser.post(url("copy", service, database.name), {"key": "k"})

    operation = settled(Operation.objects.get())
    browser.get(url("detail", service, database.name))
    read_all(service)

    found, is_read = copies.of(database)
    assert is_read
    assert [(copy.id, copy.status) for copy in found] == [(operation.result["id"], "done")]


def test_a_copy_that_failed_at_ovh_is_a_failure(service, database, operator, browser_of, ovh, settled):
    browser_of(operator).post(url("copy", service, database.name), {"key": "k"})
    operation = Operation.objects.get()
    engine.submit(operation.pk)
    ovh.finish_tasks("cancelled")
    Operation.objects.update(settling_at="2020-01-01T00:00:00Z")

    settled(operation)

    assert (operation.state, operation.reason) == (State.FAILED, "cancelled_by_ovh")


def test_a_file_reaches_the_database_and_is_erased_here(service, database, owner, browser_of, ovh, settled):
    form = {"key": "k", "confirm_name": database.name, "file": SimpleUploadedFile("shop.sql", SQL)}

    answer = browser_of(owner).post(url("import", service, database.name), form)
    assert answer.status_code == 302
    operation = settled(Operation.objects.get())

    imported = ovh.truth(service.name)["databases"][database.name]["importedFrom"]
    assert operation.state == State.SUCCEEDED
    assert imported == {"name": "shop.sql", "sha256": hashlib.sha256(SQL).hexdigest()}
    assert not Attachment.objects.exists()


def test_a_file_that_does_not_get_through_is_brought_again(service, database, owner, browser_of, ovh, settled):
    ovh.fault("upload_fails")
    form = {"key": "k", "confirm_name": database.name, "file": SimpleUploadedFile("shop.sql", SQL)}
    browser_of(owner).post(url("import", service, database.name), form)
    operation = Operation.objects.get()

    engine.submit(operation.pk)
    operation.refresh_from_db()
    assert (operation.state, operation.waiting) == (State.QUEUED, "upload")
    Operation.objects.update(next_at=operation.requested_at)
    settled(operation)

    assert operation.state == State.SUCCEEDED
    assert len(ovh.effects("POST", "/import")) == 1


def test_a_call_for_a_document_that_breaks_off_leaves_nothing_unsure(service, database, owner, browser_of, ovh):
    ovh.fault("reset_after", method="POST", path="/me/document")
    form = {"key": "k", "confirm_name": database.name, "file": SimpleUploadedFile("shop.sql", SQL)}
    browser_of(owner).post(url("import", service, database.name), form)

    engine.submit(Operation.objects.get().pk)

    assert Operation.objects.get().state == State.QUEUED


def test_the_browser_of_an_upload_is_sent_on(service, database, owner, browser_of):
    form = {"key": "k", "confirm_name": database.name, "file": SimpleUploadedFile("shop.sql", SQL)}

    answer = browser_of(owner).post(url("import", service, database.name), form, headers={"HX-Request": "true"})

    assert answer["HX-Redirect"] == url("detail", service, database.name)


@pytest.mark.parametrize(
    ("name", "size", "sentence"),
    [
        ("shop.zip", 10, "only files that end in .sql"),
        ("shop", 10, "only files that end in .sql"),
        ("shop.sql", 0, "empty"),
        ("shop.sql.gz", LARGEST_FILE + 1, "larger than 200 MB"),
    ],
)
def test_a_wrong_file_is_said_beside_its_field(name, size, sentence, service, database):
    file = SimpleUploadedFile(name, b"x" if size else b"")
    file.size = size

    form = DatabaseImportForm(
        {"key": "k", "confirm_name": database.name}, {"file": file}, service=service, expected_name=database.name
    )

    assert sentence in str(form.errors.get("file"))


def test_a_member_who_may_not_import_finds_no_form(service, database, operator, browser_of):
    assert browser_of(operator).get(url("import", service, database.name)).status_code == 403


def test_the_page_is_told_when_what_it_waited_for_was_read(service, database, operator, browser_of):
    browser = browser_of(operator)
    page = browser.get(url("detail", service, database.name))
    poller = page.context["poller"]["url"]
    read_all(service)

    answer = browser.get(poller, headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert 'id="use"' in answer.content.decode()


def test_what_ovh_does_not_offer_for_a_database_is_not_offered_here(service, database, owner, browser_of):
    browser, address = browser_of(owner), url("detail", service, database.name)
    browser.get(address)
    read_all(service)
    page = browser.get(address).content.decode()
    assert url("password", service, database.name) in page
    Answer.objects.filter(path__endswith="/capabilities").update(data={"changePassword": False, "delete": True})

    page = browser.get(address).content.decode()

    assert url("password", service, database.name) not in page
    assert url("delete", service, database.name) in page

"""What an open page is told."""

from django.urls import reverse

from apps.inventory import sync
from apps.inventory.models import SyncRun
from apps.operations import live
from apps.operations.live import Cursor


def poll(browser, page, service=None, since=""):
    asked = {"page": page, "since": since}
    if service is not None:
        asked["service"] = service.name
    return browser.get(reverse("operations:changes", args=["acme"]), asked)


def test_nothing_new_is_204(service, viewer, browser_of):
    assert poll(browser_of(viewer), "domains.index", service, Cursor.now().text).status_code == 204


def test_a_changed_operation_comes_with_the_column_and_a_new_cursor(service, viewer, browser_of, asked):
    before = Cursor.now().text
    asked()

    answer = poll(browser_of(viewer), "domains.index", service, before).content.decode()

    assert 'id="happening"' in answer
    assert 'hx-swap-oob="true"' in answer
    assert 'id="poller"' in answer
    assert "new.example.com" in answer


def test_what_was_told_is_not_told_again(service, viewer, browser_of, asked):
    operation = asked()
    operation.refresh_from_db()
    told = Cursor(operation.changed_at, {str(operation.pk): operation.version}).text

    assert poll(browser_of(viewer), "domains.index", service, told).status_code == 204


def test_an_open_page_makes_its_operations_watched(service, viewer, browser_of, asked):
    operation = asked()

    poll(browser_of(viewer), "domains.index", service, Cursor.now().text)

    operation.refresh_from_db()
    assert operation.watched_until is not None


def test_a_page_nobody_knows_and_a_foreign_service_are_404(service, viewer, stranger, browser_of):
    assert poll(browser_of(viewer), "no.such.page").status_code == 404
    assert (
        browser_of(stranger)
        .get(reverse("operations:changes", args=["other"]), {"page": "domains.index", "service": service.name})
        .status_code
        == 404
    )


def test_a_finished_database_shows_in_the_open_list(service, owner, browser_of, asked, settled):
    before = Cursor.now().text
    params = {"capabilitie": "sqlPerso", "type": "mysql", "version": "8.0", "user": f"{service.primary_login}neu",
              "password": "Geheim12345", "quota": None}  # fmt: skip

    settled(asked("databases.create", params=params))

    answer = poll(browser_of(owner), "databases.index", service, before).content.decode()
    assert 'id="databases"' in answer
    assert f"{service.primary_login}neu" in answer


def test_a_cursor_that_is_rubbish_means_from_now_on():
    assert Cursor.read("yesterday~x:y").told == {}
    assert live.Cursor.read("").told == {}


def test_the_progress_of_a_reading_shows_on_every_page(connection, viewer, browser_of):
    run = sync.ask_for_sync(connection)
    SyncRun.objects.filter(pk=run.pk).update(total=3, done=1)

    answer = poll(browser_of(viewer), "shell", since=Cursor.now().text).content.decode()

    assert "1 of 3 services" in answer
    assert 'id="mirror"' in answer

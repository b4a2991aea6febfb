"""The list and the page of one user, for everybody who may see them."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.ftpusers.access import ways
from apps.inventory.models import FtpUser
from apps.operations.live import Cursor
from tests.factories import ConnectionFactory, FtpUserFactory, OperationFactory, ServiceFactory


@pytest.fixture
def hosting(team):
    access = {
        "ftp": {"url": "ftp.cluster1.example.net", "port": 21},
        "ssh": {"url": "ssh.cluster1.example.net", "port": 22},
    }
    made = ServiceFactory(
        connection=ConnectionFactory(team=team), primary_login="atelie", raw={"serviceManagementAccess": access}
    )
    FtpUserFactory(service=made, login="atelie", is_primary=True, home="/", ssh_state="active")
    return made


def add(hosting, count=1, **fields):
    start = hosting.ftpusers.count()
    given = {"home": "www", "ssh_state": "sftponly", "state": "rw", "status": "created", **fields}
    rows = [FtpUser(service=hosting, login=f"atelie-u{start + n}", **given) for n in range(count)]
    return FtpUser.objects.bulk_create(rows)


def page_of(browser, hosting, name="index", *args, **query):
    answer = browser.get(reverse(f"ftpusers:{name}", args=["acme", hosting.name, *args]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_costs_the_same_queries_for_ten_rows_and_fifty(hosting, viewer, browser_of):
    browser, address = browser_of(viewer), reverse("ftpusers:index", args=["acme", hosting.name])
    add(hosting, 9)
    browser.get(address)
    counts = []
    for more in (0, 40):
        add(hosting, more)
        with CaptureQueriesContext(database) as seen:
            browser.get(address)
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 30


@pytest.mark.parametrize(
    ("query", "count"), [({"login": "u1"}, 1), ({"home": "blog"}, 1), ({"login": "x", "home": "w"}, 0)]
)
def test_the_list_is_narrowed_by_the_address(hosting, viewer, browser_of, query, count):
    add(hosting)
    add(hosting, home="./blog")

    page = page_of(browser_of(viewer), hosting, **query)

    assert page.count('id="user-') == count
    assert ("Nothing here fits these filters" in page) == (count == 0)


@pytest.mark.parametrize("query", [{"login": "\0"}, {"page": "many"}, {"home": "%"}])
def test_rubbish_in_the_address_breaks_nothing(hosting, viewer, browser_of, query):
    page_of(browser_of(viewer), hosting, **query)


def test_a_hosting_without_users_says_what_they_are_for(team, viewer, browser_of):
    assert "No user here" in page_of(browser_of(viewer), ServiceFactory(connection=ConnectionFactory(team=team)))


@pytest.mark.parametrize(
    ("ssh_state", "words", "names"),
    [
        ("none", "FTP only", ["FTP"]),
        ("sftponly", "FTP and SFTP", ["SFTP", "FTP"]),
        ("active", "FTP, SFTP and SSH", ["SSH", "SFTP", "FTP"]),
        ("quantum", "quantum", ["FTP"]),
    ],
)
def test_what_a_user_may_connect_by_is_said_in_words(hosting, viewer, browser_of, ssh_state, words, names):
    user = add(hosting, ssh_state=ssh_state)[0]

    assert words in page_of(browser_of(viewer), hosting)
    page = page_of(browser_of(viewer), hosting, "detail", user.login)
    assert [way.name for way in ways(user)] == names
    assert "ftp ftp.cluster1.example.net 21" in page


def test_ovhs_own_words_for_the_user_go_before_the_hostings(hosting):
    told = {"ssh": {"url": "ssh.other.example.net", "port": 2222, "user": "somebody"}}
    user = add(hosting, raw={"serviceManagementCredentials": told})[0]

    sftp, ftp = ways(user)

    assert (sftp.command, sftp.port) == ("sftp -P 2222 somebody@ssh.other.example.net", 2222)
    assert ftp.address == "ftp.cluster1.example.net"


@pytest.mark.parametrize("url", ["x; rm -rf /", "-oProxyCommand=x", "", None, {"a": 1}])
def test_an_address_that_is_none_is_never_put_into_a_command(hosting, url):
    hosting.raw = {}
    user = add(hosting, raw={"serviceManagementCredentials": {"ssh": {"url": url}, "ftp": {"url": url}}})[0]

    assert ways(user) == []


@pytest.mark.parametrize("login", ["-oProxyCommand=x", "a b", "$(x)"])
def test_a_login_that_could_not_be_typed_makes_no_command(hosting, login):
    told = {"ssh": {"url": "ssh.example.net", "port": 22, "user": login}}
    user = add(hosting, raw={"serviceManagementCredentials": told})[0]

    assert ways(user)[0].command == ""


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"status": "creating"}, "being made"), ({"status": "updating"}, "being changed"), ({"state": "off"}, ">off<")],
)
def test_the_state_is_said_in_words(hosting, viewer, browser_of, fields, words):
    add(hosting, **fields)

    assert words in page_of(browser_of(viewer), hosting)


def test_who_may_only_look_sees_a_button_that_says_why(hosting, viewer, browser_of):
    page = page_of(browser_of(viewer), hosting)

    assert "This needs the role" in page
    assert "users/new/" not in page


def test_an_operator_changes_and_does_not_delete(hosting, operator, browser_of):
    user = add(hosting)[0]

    page = page_of(browser_of(operator), hosting, "detail", user.login)

    assert f"{user.login}/edit/" in page
    assert f"{user.login}/delete/" not in page
    assert "This needs the role" in page


def test_the_main_user_is_marked_and_cannot_be_deleted(hosting, owner, browser_of):
    page = page_of(browser_of(owner), hosting, "detail", "atelie")

    assert "OVH never deletes the main user" in page
    assert "atelie/delete/" not in page
    assert "main user" in page_of(browser_of(owner), hosting)


@pytest.mark.parametrize("name", ["create", "edit", "password", "access", "disable", "delete"])
def test_every_form_can_be_opened(hosting, owner, browser_of, name):
    user = add(hosting, access_ends_at=timezone.now())[0]

    page_of(browser_of(owner), hosting, name, *([] if name == "create" else [user.login]))


def test_the_address_of_a_user_that_is_gone_finds_nothing(hosting, owner, browser_of):
    user = add(hosting, gone_at=timezone.now())[0]

    answer = browser_of(owner).get(reverse("ftpusers:detail", args=["acme", hosting.name, user.login]))

    assert answer.status_code == 404


@pytest.mark.parametrize(("page", "expected"), [("ftpusers.index", 'id="users"'), ("ftpusers.detail", 'id="ways"')])
def test_an_open_page_is_told_of_a_change(hosting, viewer, browser_of, page, expected):
    user = add(hosting)[0]
    since = Cursor.now().text
    OperationFactory(service=hosting, action="ftpusers.edit", label=user.login, target={"login": user.login})

    query = {"page": page, "service": hosting.name, "about": user.login, "since": since}
    answer = browser_of(viewer).get(reverse("operations:changes", args=["acme"]), query)

    assert expected in answer.content.decode()


def test_an_open_page_of_a_user_that_went_is_told_without_it(hosting, viewer, browser_of):
    since = Cursor.now().text
    OperationFactory(service=hosting, action="ftpusers.delete", label="atelie-x", target={"login": "atelie-x"})

    query = {"page": "ftpusers.detail", "service": hosting.name, "about": "atelie-x", "since": since}
    answer = browser_of(viewer).get(reverse("operations:changes", args=["acme"]), query)

    assert 'id="ways"' not in answer.content.decode()
    assert 'id="happening"' in answer.content.decode()

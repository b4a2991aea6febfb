"""Signing in, proving it again, and what the history says of it."""

import pytest
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse

from apps.audit.models import Entry
from apps.operations.models import Operation
from tests.conftest import signed_in
from tests.factories import DatabaseFactory, MembershipFactory, ServiceFactory, UserFactory, made

pytestmark = pytest.mark.django_db
PASSWORD = "quiet-otters-by-the-lake"


@pytest.fixture
def person(owner):
    owner.user.set_password(PASSWORD)
    owner.user.save()
    return owner


def sign_in(browser, person, password=PASSWORD, **more):
    return browser.post(reverse("account_login"), {"login": person.user.email, "password": password, **more})


def told():
    return list(Entry.objects.order_by("pk").values_list("action", flat=True))


def test_signing_in_and_out_is_history(person):
    browser = Browser()
    sign_in(browser, person)
    browser.post(reverse("account_logout"))

    assert told() == ["sign_in.succeeded", "sign_in.ended"]
    assert Entry.objects.first().address == "127.0.0.1"


def test_a_wrong_password_is_history(person):
    sign_in(Browser(), person, "wrong")

    assert told() == ["sign_in.failed"]


def test_a_wrong_address_is_in_nobodys_history(person):
    Browser().post(reverse("account_login"), {"login": "<script>@nowhere.test", "password": "x"})

    assert told() == []


def test_another_password_is_history_and_ends_other_sessions(person):
    here, elsewhere = Browser(), Browser()
    sign_in(here, person)
    sign_in(elsewhere, person)
    change = {"oldpassword": PASSWORD, "password1": "another-long-phrase", "password2": "another-long-phrase"}

    here.post(reverse("account_change_password"), change)

    assert "sign_in.password_changed" in told()
    assert here.get("/t/acme/").status_code == 200
    assert elsewhere.get("/t/acme/").status_code == 302


def test_guessing_is_stopped(person):
    answers = [sign_in(Browser(), person, f"guess {number}") for number in range(7)]

    assert "Too many failed" in answers[-1].content.decode()
    assert sign_in(Browser(), person).status_code == 200  # even the right one has to wait now


def test_a_forged_address_does_not_help_to_guess(person):
    for number in range(12):
        Browser(headers={"X-Forwarded-For": f"203.0.113.{number}"}).post(
            reverse("account_login"), {"login": f"p{number}@hostpanel.test", "password": "x"}
        )

    assert "Too many" in sign_in(Browser(headers={"X-Forwarded-For": "203.0.113.99"}), person).content.decode()


def test_a_reset_comes_by_mail_and_says_the_same_to_nobody(person):
    url = reverse("account_reset_password")

    known = Browser().post(url, {"email": person.user.email})
    unknown = Browser().post(url, {"email": "nobody@hostpanel.test"})

    assert known.status_code == unknown.status_code == 302
    assert known["Location"] == unknown["Location"]
    assert "/auth/password/reset/key/" in mail.outbox[0].body


def test_a_reset_with_a_mail_server_that_is_away_is_no_error(person, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1

    assert Browser().post(reverse("account_reset_password"), {"email": person.user.email}).status_code == 302


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test", "javascript:alert(1)", "/\\evil.test"])
def test_signing_in_leads_to_ourselves_alone(target, person):
    answer = sign_in(Browser(), person, next=target)

    assert answer.status_code == 302
    assert "evil" not in answer["Location"]
    assert answer["Location"].startswith("/")


@pytest.fixture
def deleting(person):
    database = made(DatabaseFactory, service=ServiceFactory(connection__team=person.team))
    return reverse("databases:delete", args=["acme", database.service.name, database.name])


def old_sign_in(person):
    browser = Browser()
    browser.force_login(person.user)
    return browser


def test_what_destroys_wants_the_password_again_when_signing_in_was_long_ago(person, deleting):
    browser = old_sign_in(person)

    led = browser.get(deleting)
    assert led["Location"].startswith(reverse("account_reauthenticate"))
    back = browser.post(led["Location"], {"password": PASSWORD})

    assert back["Location"] == deleting
    assert browser.get(deleting).status_code == 200


def test_a_wrong_password_does_not_open_it(person, deleting):
    browser = old_sign_in(person)

    browser.post(reverse("account_reauthenticate") + f"?next={deleting}", {"password": "wrong"})

    assert browser.get(deleting).status_code == 302


def test_what_destroys_is_not_carried_out_from_an_old_page(person, deleting):
    name = deleting.split("/")[-3]
    key = signed_in(person).get(deleting).context["form"]["key"].value()
    browser = old_sign_in(person)

    answer = browser.post(deleting, {"key": key, "confirm_name": name})

    assert answer.status_code == 302
    assert not Operation.objects.exists()
    assert "account_reauthentication_state" not in browser.session


def test_what_only_changes_asks_for_no_password(person, deleting):
    service = deleting.split("/")[4]

    assert old_sign_in(person).get(reverse("databases:create", args=["acme", service])).status_code == 200


def test_a_person_in_no_team_has_no_history_and_a_page_that_says_so():
    person = made(UserFactory, password="")
    browser = Browser()
    browser.force_login(person)

    assert browser.get("/").status_code == 404
    assert told() == []


def test_sessions_are_listed_and_ended(person):
    here, elsewhere = Browser(), Browser()
    for browser in (here, elsewhere):
        sign_in(browser, person)
        browser.get("/t/acme/")

    assert here.get(reverse("usersessions_list")).status_code == 200
    here.post(reverse("usersessions_list"))

    assert here.get("/t/acme/").status_code == 200
    assert elsewhere.get("/t/acme/").status_code == 302


def test_another_member_sees_no_session_of_mine(person):
    other = made(MembershipFactory, team=person.team)
    sign_in(Browser(headers={"user-agent": "Netscape 4"}), person)

    assert "Netscape" not in signed_in(other).get(reverse("usersessions_list")).content.decode()

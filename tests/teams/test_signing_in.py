"""Signing in, proving it again, and what the history says of it."""

import re
import time
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail, signing
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

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


def test_a_session_that_began_with_an_invitation_is_listed_and_counts_as_signing_in(person):
    invited = {"email": "new@hostpanel.test", "role": "viewer", "scope": "all"}
    page = signed_in(person).post(reverse("members:invite", args=["acme"]), invited).content.decode()
    browser = Browser()
    browser.post(re.search(r"/join/[\w-]+/", page).group(), {"name": "Nora", "password": PASSWORD})

    assert UserSession.objects.get(user__email="new@hostpanel.test").session_key == browser.session.session_key
    assert "sign_in.succeeded" in told()
    assert browser.session["account_authentication_methods"][0]["method"] == "password"


def code_for(browser):
    """What the app would show for the secret that is being set up."""
    secret = browser.session["mfa.totp.secret"]
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))


def set_up_codes(browser):
    """As a person does; the answer to the code."""
    led = browser.get(reverse("mfa_activate_totp"))
    if led.status_code == 302:
        browser.post(led["Location"], {"password": PASSWORD})
        browser.get(reverse("mfa_activate_totp"))
    return browser.post(reverse("mfa_activate_totp"), {"code": code_for(browser)})


@pytest.mark.django_db(transaction=True)
def test_codes_of_an_app_are_set_up_and_asked_for_and_recovery_codes_work_once(person):
    browser = Browser()
    sign_in(browser, person)
    set_up_codes(browser)
    shown = browser.get(reverse("mfa_view_recovery_codes"))
    code = shown.context["unused_codes"][0]

    first, second = Browser(), Browser()
    for each in (first, second):
        assert sign_in(each, person)["Location"].startswith(reverse("mfa_authenticate"))
        assert each.get("/t/acme/").status_code == 302
    assert first.post(reverse("mfa_authenticate"), {"code": code})["Location"] == "/"
    assert second.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200

    assert first.get("/t/acme/").status_code == 200
    assert second.get("/t/acme/").status_code == 302
    assert [each for each in told() if "added" in each] == ["sign_in.factor_added", "sign_in.factor_added"]


def test_recovery_codes_are_shown_once(person):
    browser = Browser()
    sign_in(browser, person)
    set_up_codes(browser)

    code = browser.get(reverse("mfa_view_recovery_codes")).context["unused_codes"][0]

    assert code not in browser.get(reverse("mfa_view_recovery_codes")).content.decode()


def test_codes_are_not_guessed_without_end(person):
    browser = Browser()
    sign_in(browser, person)
    set_up_codes(browser)
    guessing = Browser()
    sign_in(guessing, person)

    answers = [guessing.post(reverse("mfa_authenticate"), {"code": f"{number:06}"}) for number in range(7)]

    assert "Too many" in answers[-1].content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_second_factor_ends_the_other_sessions(person):
    here, elsewhere = Browser(), Browser()
    sign_in(elsewhere, person)
    sign_in(here, person)

    set_up_codes(here)

    assert here.get("/t/acme/").status_code == 200
    assert elsewhere.get("/t/acme/").status_code == 302


def test_what_is_being_set_up_does_not_lie_in_the_database_in_clear(person):
    browser = Browser()
    sign_in(browser, person)
    led = browser.get(reverse("mfa_activate_totp"))
    browser.post(led["Location"], {"password": PASSWORD})
    browser.get(reverse("mfa_activate_totp"))
    secret = browser.session["mfa.totp.secret"]

    kept = [each.session_data for each in Session.objects.all()]

    assert kept
    assert not [each for each in kept if secret in opened(each) or person.user.email in opened(each)]


def opened(kept):
    """What somebody reads who has the table alone, or the secret key too."""
    return str(signing.loads(kept, salt="django.contrib.sessions.SessionStore", serializer=Plain))


class Plain:
    """Bytes as they are."""

    def loads(self, kept):
        return kept


def test_a_session_no_key_opens_any_more_asks_to_sign_in_again(person, settings):
    browser = signed_in(person)
    settings.SEAL_KEYS = ["tL2bqvX6cZ8nQJm9W3e5R7yU1iO0pA4sD6fG8hJ2kL0="]

    assert browser.get("/t/acme/")["Location"].startswith(reverse("account_login"))


def test_a_mail_leads_to_the_panel_whatever_host_the_request_named(person, settings):
    settings.BASE_URL, settings.ALLOWED_HOSTS = "https://panel.example.com", [".example.com"]

    for email in (person.user.email, "nobody@hostpanel.test"):
        Browser(headers={"host": "evil.example.com"}).post(reverse("account_reset_password"), {"email": email})

    assert "https://panel.example.com/auth/password/reset/key/" in mail.outbox[0].body
    assert len(mail.outbox) == 2
    assert "evil" not in "".join(f"{message.subject}{message.body}" for message in mail.outbox)
    assert "signup" not in mail.outbox[1].body


def test_the_link_of_a_reset_works_once_for_an_hour_and_signs_nobody_in(person):
    Browser().post(reverse("account_reset_password"), {"email": person.user.email})
    link = re.search(r"/auth/password/reset/key/\S+", mail.outbox[0].body).group()
    anew = {"password1": "another-long-phrase", "password2": "another-long-phrase"}
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert Browser().get(link).status_code == 200  # says that it is over: a good one leads on

    browser = Browser()
    browser.post(browser.get(link)["Location"], anew)

    person.user.refresh_from_db()
    assert person.user.check_password("another-long-phrase")
    assert browser.get("/t/acme/").status_code == 302
    assert Browser().get(link).status_code == 200
    assert "sign_in.password_reset" in told()


@pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "198.51.100.7"), (2, "203.0.113.5")])
def test_as_many_proxies_are_believed_as_the_settings_say(proxies, address, person, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies

    sign_in(Browser(headers={"X-Forwarded-For": "192.0.2.66, 203.0.113.5, 198.51.100.7"}), person)

    assert Entry.objects.get(action="sign_in.succeeded").address == address

"""Answers of OVH's that are read when somebody looks."""

from datetime import timedelta

from django.utils import timezone

from apps.connections.client import client_for
from apps.inventory import answers
from apps.inventory.models import Answer

HOUR = timedelta(hours=1)


def test_what_was_never_read_is_asked_for_once(service, hints, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = answers.of(service, "/abuseState", fresh_for=HOUR)
        answers.of(service, "/abuseState", fresh_for=HOUR)

    assert answer.read_at is None
    assert hints.count(("inventory.read_answer", answer.pk)) == 1


def test_what_was_read_is_kept(service):
    answer = answers.of(service, "/abuseState", fresh_for=HOUR)

    answers.read(answer, client_for(service.connection))

    assert "webState" in str(answers.of(service, "/abuseState", fresh_for=HOUR).data)


def test_what_is_old_is_shown_and_asked_for_again(service, hints):
    answer = answers.of(service, "/abuseState", fresh_for=HOUR)
    answers.read(answer, client_for(service.connection))
    Answer.objects.update(read_at=timezone.now() - 2 * HOUR, asked_at=timezone.now() - 2 * HOUR)
    hints.clear()

    again = answers.of(service, "/abuseState", fresh_for=HOUR)

    assert again.data is not None
    assert hints == [("inventory.read_answer", answer.pk)]


def test_the_query_belongs_to_the_answer(service, ovh):
    answers.read(answers.of(service, "/user", fresh_for=HOUR, login="none"), client_for(service.connection))

    assert Answer.objects.get().query == "login=none"
    assert ovh.control("GET", "calls")[-1]["path"].endswith("/user")


def test_that_there_is_no_such_thing_is_an_answer_too(service):
    answer = answers.of(service, "/attachedDomain/nowhere.example/digStatus", fresh_for=HOUR)

    answers.read(answer, client_for(service.connection))

    answer.refresh_from_db()
    assert (answer.problem, answer.data) == ("missing", None)
    assert answer.read_at is not None


def test_when_ovh_cannot_be_asked_what_was_read_before_stays(service, ovh):
    answer = answers.of(service, "/abuseState", fresh_for=HOUR)
    client = client_for(service.connection)
    answers.read(answer, client)
    ovh.fault("http_502_html", times=3)

    answers.read(answer, client)

    answer.refresh_from_db()
    assert "webState" in str(answer.data)
    assert answer.problem == "overloaded"


def test_what_is_forgotten_is_read_anew_with_all_below_it(service):
    answer = answers.of(service, "/database/shop/statistics", fresh_for=HOUR)
    answers.read(answer, client_for(service.connection))

    answers.forget(service, "/database/shop")

    answer.refresh_from_db()
    assert answer.read_at is None

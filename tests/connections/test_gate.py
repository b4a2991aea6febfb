"""What calls tell about their account, and when it is left alone."""

from datetime import timedelta

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.utils import timezone

from apps.connections import services, tasks
from apps.connections.client import client_for
from apps.connections.models import Connection, Health
from apps.ovhapi.errors import Lapsed, NotGranted, NotNow, OvhError


def break_calls(ovh, kind, **more):
    ovh.control("POST", "faults", kind=kind, path="/hosting|/me", **more)


def mend(ovh):
    ovh.control("DELETE", "faults")


def call(connection, times=1):
    errors = []
    for _ in range(times):
        try:
            client_for(connection).get("/hosting/web")
            errors.append(None)
        except OvhError as error:
            errors.append(error)
    connection.refresh_from_db()
    return errors


def test_one_answer_that_does_not_come_is_nobodys_business(connection, ovh):
    break_calls(ovh, "http_500")

    call(connection)

    assert (connection.health, connection.failures) == (Health.OK, 1)


def test_three_in_a_row_are(connection, ovh):
    break_calls(ovh, "http_500")

    call(connection, 3)

    assert connection.health == Health.UNREACHABLE


def test_five_pause_the_account_and_nothing_more_is_sent(connection, ovh):
    break_calls(ovh, "http_502_html")
    call(connection, 5)
    sent = len(ovh.control("GET", "calls"))

    (error,) = call(connection)

    assert isinstance(error, NotNow)
    assert error.reason == "paused"
    assert len(ovh.control("GET", "calls")) == sent


def test_after_the_pause_one_call_tries_and_the_others_wait(connection, ovh):
    break_calls(ovh, "http_500")
    call(connection, 5)
    Connection.objects.update(paused_until=timezone.now() - timedelta(seconds=1))
    client_for(connection)._gate.before()

    (error,) = call(connection)

    assert error.reason == "paused"


def test_a_call_that_comes_back_ends_the_pause(connection, ovh):
    break_calls(ovh, "http_500")
    call(connection, 5)
    mend(ovh)
    Connection.objects.update(paused_until=timezone.now() - timedelta(seconds=1))

    assert call(connection) == [None]
    assert (connection.health, connection.failures, connection.paused_until) == (Health.OK, 0, None)


def test_a_probe_that_fails_pauses_again(connection, ovh):
    break_calls(ovh, "http_500")
    call(connection, 5)
    Connection.objects.update(paused_until=timezone.now() - timedelta(seconds=1))

    call(connection)

    assert connection.failures == 6
    assert connection.paused_until > timezone.now()


def test_a_refused_key_is_known_at_once(connection, ovh):
    break_calls(ovh, "invalid_credential", times=1)

    (error,) = call(connection)

    assert isinstance(error, Lapsed)
    assert connection.health == Health.LAPSED
    assert connection.health_message


def test_an_answer_after_all_proves_the_key_good(connection, ovh):
    break_calls(ovh, "invalid_credential", times=1)
    call(connection)

    call(connection)

    assert connection.health == Health.OK


def test_a_missing_right_is_named_and_stays_until_the_key_is_looked_at(connection, ovh):
    break_calls(ovh, "not_granted", times=1)

    first, _second = call(connection, 2)

    assert isinstance(first, NotGranted)
    assert connection.health == Health.MISSING_RIGHTS
    assert connection.missing_rules == ["GET /hosting/web"]


def test_being_asked_to_slow_down_is_said_and_passes(connection, ovh):
    break_calls(ovh, "http_429", times=1)
    call(connection)
    assert connection.health == Health.RATE_LIMITED

    Connection.objects.update(paused_until=None)
    call(connection)

    assert connection.health == Health.OK


def test_a_clock_that_cannot_be_mended_is_named(connection, ovh):
    ovh.control("POST", "settings", timestamp_window_seconds=-1)

    call(connection)

    assert connection.health == Health.CLOCK


def test_trouble_on_the_way_does_not_hide_a_lapsed_key(connection, ovh):
    Connection.objects.update(health=Health.LAPSED)
    break_calls(ovh, "http_500")

    call(connection, 4)

    assert connection.health == Health.LAPSED


def test_a_former_key_says_nothing_about_the_new_one(connection, ovh):
    former = client_for(connection)
    Connection.objects.update(sealed="another")
    break_calls(ovh, "invalid_credential", times=1)

    with pytest.raises(Lapsed):
        former.get("/hosting/web")

    connection.refresh_from_db()
    assert connection.health == Health.OK


def test_a_service_that_is_missing_says_the_account_works(connection, ovh):
    Connection.objects.update(failures=3)

    with pytest.raises(OvhError):
        client_for(connection).get("/hosting/web/nowhere")

    connection.refresh_from_db()
    assert connection.failures == 0


@pytest.mark.fault(34)
def test_a_key_that_cannot_be_opened_is_called_that_and_no_call_leaves(connection, ovh, settings):
    known, before = settings.SEAL_KEYS, len(ovh.control("GET", "calls"))
    settings.SEAL_KEYS = [Fernet.generate_key().decode()]

    (error,) = call(connection)

    assert (error.reason, connection.health) == ("sealed", Health.SEALED)
    assert len(ovh.control("GET", "calls")) == before
    settings.SEAL_KEYS = known
    assert services.check(connection) is None
    assert connection.health == Health.OK


@pytest.mark.fault(34)
def test_an_account_whose_key_cannot_be_opened_is_looked_at_again_within_a_minute(connection, no_broker, settings):
    settings.SEAL_KEYS = [Fernet.generate_key().decode()]
    services.check(connection)
    assert connection.health == Health.SEALED

    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        tasks.check_due()

    assert ("connections.check", connection.pk) in no_broker

"""When an account is left alone, and when it is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ovhapi import breaker
from apps.ovhapi.breaker import Breaker, Door
from apps.ovhapi.errors import Lapsed, Missing, NotGranted, NotNow, Unsure

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def after_failures(count, chance=1.0):
    state = Breaker()
    for _ in range(count):
        state = breaker.failed(state, now=NOW, chance=chance)
    return state


def test_four_failures_in_a_row_change_nothing():
    assert breaker.door(after_failures(4), now=NOW) is Door.OPEN


def test_the_fifth_shuts_the_door():
    state = after_failures(5)

    assert breaker.door(state, now=NOW) is Door.SHUT
    assert state.paused_until == NOW + timedelta(seconds=30)


def test_after_the_pause_one_may_try():
    state = after_failures(5)
    later = NOW + timedelta(seconds=31)

    assert breaker.door(state, now=later) is Door.PROBE
    assert breaker.door(breaker.probing(state, now=later), now=later) is Door.SHUT


def test_a_probe_that_died_does_not_keep_the_door_shut():
    state = breaker.probing(after_failures(5), now=NOW + timedelta(seconds=31))

    assert breaker.door(state, now=NOW + timedelta(minutes=3)) is Door.PROBE


@pytest.mark.fault(30)
def test_a_probe_of_a_clock_that_was_ahead_does_not_keep_the_door_shut():
    state = breaker.probing(after_failures(5), now=NOW + timedelta(hours=1))

    assert breaker.door(state, now=NOW + timedelta(minutes=1)) is Door.PROBE


def test_one_call_that_comes_back_opens_it():
    assert breaker.door(breaker.worked(), now=NOW) is Door.OPEN


def test_who_waits_is_told_until_when():
    state = after_failures(5)
    later = NOW + timedelta(seconds=31)

    assert breaker.seconds_shut(state, now=NOW) == 30
    assert breaker.seconds_shut(breaker.probing(state, now=later), now=later) == 3


@given(st.integers(5, 200), st.floats(0, 1))
def test_the_pause_is_between_five_seconds_and_a_quarter_of_an_hour(failures, chance):
    state = breaker.failed(Breaker(failures - 1), now=NOW, chance=chance)

    assert state.paused_until is not None
    assert timedelta(seconds=5) <= state.paused_until - NOW <= timedelta(minutes=15)


@pytest.mark.parametrize(
    ("error", "is_counted"),
    [
        (NotNow("", reason="unreachable"), True),
        (NotNow("", reason="overloaded"), True),
        (NotNow("", reason="rate_limited"), True),
        (Unsure(""), True),
        (NotNow("", reason="bucket"), False),
        (NotNow("", reason="paused"), False),
        (NotNow("", reason="clock"), False),
        (Lapsed(""), False),
        (NotGranted(""), False),
        (Missing(""), False),
    ],
)
def test_only_trouble_of_the_api_counts(error, is_counted):
    assert breaker.counts(error) is is_counted

"""Reading of an answer, without a network."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ovhapi.answers import Answer, Received, read, retry_after
from apps.ovhapi.errors import NotNow, OvhError, Unsure

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30.0),
        ("0", 1.0),
        ("99999", 900.0),
        ("-5", 1.0),
        ("nan", None),
        ("soon", None),
        ("", None),
        ("Mon, 23 Nov 2026 12:01:00 GMT", 60.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 1.0),
    ],
)
def test_retry_after_is_seconds_or_a_date_within_reason(value, seconds):
    assert retry_after(value, now=NOW) == seconds


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    status=st.integers(100, 599),
    content=st.one_of(st.binary(max_size=40), st.sampled_from([b"null", b"[]", b'{"errorCode": 3, "details": []}'])),
    header=st.text(max_size=20),
)
def test_whatever_comes_back_is_an_answer_or_one_of_our_errors(method, status, content, header):
    received = Received(method, "/x", status, {"Retry-After": header, "X-OVH-QUERYID": header}, content)

    try:
        outcome = read(received, now=NOW)
    except OvhError as error:
        outcome = error

    assert isinstance(outcome, Answer | OvhError)
    if method == "GET":
        assert not isinstance(outcome, Unsure)
    elif status >= 500:
        assert isinstance(outcome, Unsure)


def test_204_is_nothing():
    assert read(Received("DELETE", "/x", 204, {}, b""), now=NOW).data is None


def test_an_overloaded_ovh_may_say_when_to_come_back():
    with pytest.raises(NotNow) as caught:
        read(Received("GET", "/x", 503, {"Retry-After": "20"}, b"{}"), now=NOW)

    assert (caught.value.reason, caught.value.seconds) == ("overloaded", 20.0)

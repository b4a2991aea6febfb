"""Calls are counted over all workers, and the count never goes away."""

import time

import pytest

from apps.ovhapi.bucket import Bucket, LocalBucket
from apps.ovhapi.client import Client, Lane
from apps.ovhapi.errors import NotNow
from tests.ovhapi.scripted import answer


def test_a_burst_goes_and_then_one_waits(real_redis):
    bucket = Bucket("one", 60)

    waits = [bucket.take(Lane.PERSON) for _ in range(11)]

    assert waits[:10] == [0.0] * 10
    assert 0 < waits[10] <= 1


def test_two_workers_share_one_count(real_redis):
    here, there = Bucket("one", 60), Bucket("one", 60)

    taken = [each.take(Lane.PERSON) for _ in range(6) for each in (here, there)]

    assert taken.count(0.0) == 10


def test_two_accounts_do_not(real_redis):
    for _ in range(10):
        Bucket("one", 60).take(Lane.PERSON)

    assert Bucket("two", 60).take(Lane.PERSON) == 0.0


def test_tokens_come_back_with_time(real_redis):
    bucket = Bucket("one", 6000)
    while bucket.take(Lane.PERSON) == 0.0:
        pass
    time.sleep(0.05)

    assert bucket.take(Lane.PERSON) == 0.0


def test_lower_lanes_leave_calls_to_higher_ones(real_redis):
    bucket = Bucket("one", 1)

    mirror = [bucket.take(Lane.MIRROR) for _ in range(10)]
    poll = [bucket.take(Lane.POLL) for _ in range(10)]
    person = [bucket.take(Lane.PERSON) for _ in range(10)]

    assert [each.count(0.0) for each in (mirror, poll, person)] == [5, 3, 2]


def sent_until(bucket, stop, *, seconds=5):
    """Send whatever may be sent until `stop()`; how much that was."""
    sent, ends = 0, time.monotonic() + seconds
    while not stop() and time.monotonic() < ends:
        sent += bucket.take(Lane.PERSON) == 0.0
        time.sleep(0.002)
    return sent


def test_many_changes_after_each_other_do_not_keep_the_polls_waiting_for_ever(real_redis, monkeypatch):
    monkeypatch.setattr("apps.ovhapi.bucket.HUNGRY_S", 0.2)
    bucket = Bucket("one", 1200)
    sent_until(bucket, lambda: bucket.room(Lane.POLL) == 0)

    before = sent_until(bucket, lambda: bucket.room(Lane.POLL) > 0)

    assert before >= 2, "changes go first"
    assert bucket.take(Lane.POLL) == 0.0
    assert bucket.room(Lane.POLL) == 0, "one, and then the changes again"
    assert sent_until(bucket, lambda: False, seconds=0.15) > 0


def test_polls_that_no_longer_ask_hold_no_change_up(real_redis, settings):
    now = time.time()
    kept = {"tokens": 1.5, "at": now, "hungry": now - 60, "asked": now - 30}
    real_redis.hset(f"{settings.REDIS_PREFIX}bucket:one", mapping=kept)

    assert Bucket("one", 1).take(Lane.PERSON) == 0.0


def test_ovhs_asking_for_less_shuts_the_bucket_for_all(real_redis):
    Bucket("one", 60).slow_down(40)

    assert 39 < Bucket("one", 60).take(Lane.PERSON) <= 40


def test_a_shorter_wait_told_later_does_not_end_a_longer_one(real_redis):
    bucket = Bucket("one", 60)
    bucket.slow_down(40)
    bucket.slow_down(1)

    assert 39 < bucket.take(Lane.PERSON) <= 40


@pytest.mark.fault(30)
def test_a_clock_that_was_ahead_when_ovh_asked_for_less_shuts_nothing_for_hours(real_redis, settings):
    ahead = time.time() + 3 * 3600
    kept = {"tokens": 1, "at": ahead, "shut": ahead + 60, "gentle": ahead + 360}
    real_redis.hset(f"{settings.REDIS_PREFIX}bucket:one", mapping=kept)

    assert Bucket("one", 60).take(Lane.PERSON) == 0.0


def test_after_that_the_rate_is_halved(real_redis):
    bucket = Bucket("one", 60)
    bucket.slow_down(0.01)
    time.sleep(0.05)

    assert bucket.take(Lane.PERSON) > 1.5


def test_without_redis_calls_go_on_slowly(settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    bucket = Bucket("one", 60)

    waits = [bucket.take(Lane.PERSON) for _ in range(4)]

    assert waits[:2] == [0.0, 0.0]
    assert waits[2] == pytest.approx(4, abs=0.2)


def test_without_redis_slowing_down_holds_all_the_same(settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    Bucket("one", 60).slow_down(20)

    assert Bucket("one", 60).take(Lane.PERSON) == pytest.approx(20, abs=0.5)


def test_the_local_count_refills():
    clock = [100.0]
    bucket = LocalBucket(1.0, now=lambda: clock[0])
    assert [bucket.take(), bucket.take()] == [0.0, 0.0]
    assert bucket.take() > 0
    clock[0] += 4

    assert bucket.take() == 0.0


class Scarce:
    """A bucket that lets go after some waits."""

    def __init__(self, *waits):
        self.waits, self.slowed = list(waits), []

    def take(self, lane):  # noqa: ARG002
        return self.waits.pop(0) if self.waits else 0.0

    def slow_down(self, seconds):
        self.slowed.append(seconds)


def with_bucket(client, bucket):
    return Client(client._credentials, bucket=bucket, deadline_s=3)


def test_a_short_wait_is_waited(client, scripted):
    with_bucket(client, Scarce(0.05, 0.05)).get("/me")

    assert len(scripted.seen) == 1


def test_a_long_wait_is_told_and_nothing_sent(client, scripted):
    with pytest.raises(NotNow) as caught:
        with_bucket(client, Scarce(60.0)).call("POST", "/a", body={})

    assert (caught.value.reason, caught.value.seconds) == ("bucket", 60.0)
    assert scripted.seen == []


def test_a_429_slows_the_bucket_down(client, scripted):
    bucket = Scarce()
    scripted.will(answer(429, {"message": "slow"}, Retry_After="12"))

    with pytest.raises(NotNow):
        with_bucket(client, bucket).get("/me")

    assert bucket.slowed == [12.0]

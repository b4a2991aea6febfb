"""When to look again: pure arithmetic."""

from hypothesis import given
from hypothesis import strategies as st

from apps.operations import timing

SECONDS = st.floats(0, 1e6)


@given(SECONDS, st.lists(SECONDS, max_size=50), st.booleans())
def test_a_wait_is_never_below_the_floor_nor_above_the_ceiling(age, durations, is_watched):
    wait = timing.next_wait(age, durations=durations, is_watched=is_watched)

    ceiling = timing.WATCHED_CEILING_S if is_watched else timing.CEILING_S
    assert timing.FLOOR_S * 0.9 <= wait <= ceiling * 1.1


@given(st.integers(0, 1000), st.none() | st.floats(0, 900))
def test_a_pause_is_what_ovh_told_or_within_bounds(attempts, told):
    pause = timing.pause(attempts, told_s=told)

    assert pause == max(told, timing.FLOOR_S) if told is not None else timing.FLOOR_S <= pause <= 900


def test_what_is_watched_is_asked_for_sooner():
    assert timing.next_wait(600, is_watched=True) < timing.next_wait(600)


def test_before_the_earliest_end_seen_there_is_no_use_in_asking():
    assert timing.next_wait(1, durations=[40, 50, 60]) > 25

"""Lines over time and bars of days, as the server draws them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import translation

from apps.ui import bars, charts

BEGAN = datetime(2026, 11, 16, tzinfo=UTC)


def hours(*values):
    return [(BEGAN + timedelta(hours=number), value) for number, value in enumerate(values)]


def drawn(source, **context):
    return Template("{% load ui %}" + source).render(Context(context))


def test_a_gap_in_a_line_is_a_gap_in_its_drawing_and_in_the_area_below():
    line = charts.draw([("visits", "hits", hours(1, 2, None, 3, 4))]).lines[0]

    assert len(line.paths) == len(line.areas) == 2
    assert line.areas[0].endswith(f"{charts.HEIGHT}Z")


def test_only_the_first_line_has_an_area():
    lines = charts.draw([("a", "", hours(1, 2)), ("b", "", hours(2, 3))]).lines

    assert [bool(line.areas) for line in lines] == [True, False]


def test_each_moment_tells_the_values_of_all_lines():
    moments = charts.draw([("a", "hits", hours(1, 2)), ("b", "hits", hours(30, 40))]).moments

    assert [moment.words.split("\n") for moment in moments] == [
        ["00:00", "a: 1 hits", "b: 30 hits"],
        ["00:58", "a: 2 hits", "b: 40 hits"],
    ]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_numbers_of_a_drawing_have_a_point_in_every_language(language):
    with translation.override(language):
        page = drawn("{% chart drawn %}", drawn=charts.draw([("a", "", hours(*range(100)))]))

    assert 'width="20.8"' in page


def test_nothing_is_drawn_of_nothing():
    assert charts.draw([("a", "", hours(None, None))]) is None


def test_bars_stand_on_each_other_and_fill_the_height_where_most_happened():
    made = bars.draw([("one", [("ok", 3), ("missing", 1)]), ("two", [("ok", 2)]), ("none", [])], "in words")

    first, second, third = made.bars
    assert [(part.kind, part.y, part.height) for part in first.parts] == [("ok", 14.0, 42.0), ("missing", 0.0, 14.0)]
    assert second.parts[0].height == 28.0
    assert third.parts[0].kind == "none"


def test_a_part_is_never_too_thin_to_be_seen():
    parts = bars.draw([("day", [("ok", 5000), ("missing", 1)])], "").bars[0].parts

    assert parts[1].height == bars.LEAST
    assert parts[1].y >= 0


def test_bars_say_themselves_in_words():
    page = drawn("{% bars drawn %}", drawn=bars.draw([("Monday: 2 of 2", [("ok", 2)])], "Every day"))

    assert 'role="img" aria-label="Every day"' in page
    assert "<title>Monday: 2 of 2</title>" in page

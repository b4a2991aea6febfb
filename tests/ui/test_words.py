"""Times and sizes as people say them, in the reader's language and zone."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone, translation

from apps.ui.templatetags import ui

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def half_past_two():
    with time_machine.travel(NOW, tick=False), translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (-3, "0 s"),
        (48, "48 s"),
        (60, "1 min"),
        (72.4, "1 min 12 s"),
        (timedelta(hours=3, minutes=5), "3 h 5 min"),
        (timedelta(days=2), "2 days"),
    ],
)
def test_a_duration_is_said_with_its_two_largest_units(seconds, words):
    assert ui.duration(seconds) == words


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(seconds=50), "1 min ago"),
        (timedelta(minutes=12), "12 min ago"),
        (timedelta(hours=5), "5 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=9), "9 days ago"),
        (timedelta(days=60), "24 Sep 2026"),
    ],
)
def test_a_moment_is_said_as_how_long_ago_it_was(before, words):
    assert f">{words}</time>" in ui.ago(NOW - before)


def test_the_exact_moment_stands_on_hover_in_the_readers_zone():
    with timezone.override("Europe/Paris"):
        said = ui.ago(NOW - timedelta(minutes=12))

    assert 'title="23 November 2026, 15:18:00"' in said
    assert 'datetime="2026-11-23T14:18:00+00:00"' in said


def test_a_moment_of_today_is_exact_to_the_second_and_an_older_one_to_the_minute():
    assert ui.exact(NOW) == "14:30:00"
    assert ui.exact(NOW - timedelta(days=1)) == "22 Nov 2026, 14:30"


def test_what_never_was_is_a_dash():
    assert ui.ago(None) == ui.exact(None) == ui.megabytes(None) == "–"


@pytest.mark.parametrize(
    ("language", "size", "words"),
    [
        ("en", 76, "76 MB"),
        ("en", 1200, "1.2 GB"),
        ("en", 2000, "2 GB"),
        ("en", 1003, "1 GB"),
        ("en", 250_400, "250 GB"),
        ("en", 5_000_000, "5 TB"),
        ("fr", 1200, "1,2 Go"),
    ],
)
def test_a_size_is_said_in_the_readers_units(language, size, words):
    with translation.override(language):
        assert ui.megabytes(size) == words


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/138.0 Safari/537.36 Edg/138.0", "Edge, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "–"),
    ],
)
def test_a_browser_is_called_as_people_call_it(said, words):
    assert ui.browser(said) == words


def test_an_international_domain_is_said_as_people_read_it():
    assert ui.idna("xn--caf-dma.fr") == "café.fr"
    assert ui.idna("xn--not-a-name-.fr") == "xn--not-a-name-.fr"


def test_a_button_that_may_not_be_pressed_says_why_to_everybody():
    said = Template('{% load ui %}{% refused "Delete…" reason "danger" %}').render(
        Context({"reason": "An <admin> can."})
    )

    name = said.split('id="')[1].split('"')[0]
    assert f'popovertarget="{name}" aria-describedby="{name}"' in said
    assert "An &lt;admin&gt; can." in said
    assert 'aria-disabled="true"' in said


def test_a_long_name_breaks_after_its_dots_and_is_still_escaped():
    assert ui.breakable("a.b<c>.fr") == "a.<wbr>b&lt;c&gt;.<wbr>fr"
    assert ui.breakable("localhost") == "localhost"

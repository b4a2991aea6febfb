"""The list of operations when there are very many: how they are counted, paged through and found."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.urls import reverse
from django.utils import timezone

from apps.operations.models import Operation, State
from apps.ui import pagination
from tests.factories import OperationFactory, ServiceFactory

LIST = reverse("operations:index", args=["acme"])


@pytest.fixture
def hosting(team):
    return ServiceFactory(connection__team=team, display_name="bakery.fr")


@pytest.fixture
def listed(viewer, browser_of):
    browser = browser_of(viewer)
    return lambda **asked: browser.get(LIST, asked).content.decode()


def asked_for(hosting, days_ago, **given):
    return OperationFactory(service=hosting, requested_at=timezone.now() - timedelta(days=days_ago), **given)


@pytest.fixture
def three_pages_at_most(hosting, monkeypatch):
    monkeypatch.setattr(pagination, "MOST", 6)
    monkeypatch.setattr(pagination, "PER_PAGE", 2)
    return [asked_for(hosting, days, label=f"no{days}.example.com") for days in range(1, 9)]


def test_no_more_are_counted_than_anybody_pages_through(three_pages_at_most, listed):
    page = listed()

    assert "1 to 2 of more than 6" in page
    assert 'rel="next"' in page


def test_the_last_page_says_how_older_ones_are_found(three_pages_at_most, listed):
    page = listed(page="99")

    assert "5 to 6 of more than 6" in page
    assert "choose an earlier one above" in page
    assert "no6.example.com" in page


def test_days_lead_to_what_is_past_the_last_page(three_pages_at_most, listed):
    day = timezone.localdate() - timedelta(days=7)

    page = listed(to=day.isoformat())

    assert "no7.example.com" in page
    assert "no8.example.com" in page
    assert "no6.example.com" not in page


def test_days_are_counted_with_their_first_and_last(hosting, listed):
    for days in (1, 2, 3):
        asked_for(hosting, days, label=f"no{days}.example.com")
    day = (timezone.localdate() - timedelta(days=2)).isoformat()

    page = listed(**{"from": day, "to": day})

    assert [f"no{days}.example.com" in page for days in (1, 2, 3)] == [False, True, False]


def test_a_list_that_ends_is_counted_whole(hosting, listed, monkeypatch):
    monkeypatch.setattr(pagination, "MOST", 6)
    monkeypatch.setattr(pagination, "PER_PAGE", 2)
    for days in range(6):
        asked_for(hosting, days)

    assert "1 to 2 of 6" in listed()


@pytest.mark.parametrize("few", [500, 0])
def test_a_change_is_found_by_a_part_of_its_object_or_of_its_service(few, hosting, team, listed, monkeypatch):
    monkeypatch.setattr("apps.operations.views.FEW", few)
    other = ServiceFactory(connection=hosting.connection, display_name="garage.fr")
    asked_for(hosting, 1, label="one.example.com")
    asked_for(other, 1, label="cakery.example.com")
    asked_for(other, 1, label="three.example.com")

    page = listed(q="AKERY")

    assert "one.example.com" in page
    assert "cakery.example.com" in page
    assert "three.example.com" not in page


def plan_of(rows):
    """How the database goes about it, were there too many rows to read each."""
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            return rows.explain()
    return rows.explain()


def test_changes_of_one_kind_are_found_by_an_index(viewer):
    found = Operation.objects.visible_to(viewer).filter(action="domains.attach").order_by("-requested_at")[:50]

    plan = plan_of(found)

    assert "(team_id=? AND action=?)" in plan or "operations__team_id_ec28e5_idx" in plan


@pytest.mark.skipif(database.vendor != "postgresql", reason="SQLite weighs otherwise, and has no index of words")
def test_postgresql_finds_the_few_among_very_many_without_reading_each(viewer):
    mine = Operation.objects.visible_to(viewer)

    assert "unfinished_" in plan_of(mine.unfinished().order_by("-requested_at")[:8])
    assert "unsuccessful_of_a_team" in plan_of(mine.filter(state__in=[State.FAILED]).order_by("-requested_at")[:50])
    assert "operations_by_part_of_label" in plan_of(Operation.objects.filter(label__icontains="akery").order_by())

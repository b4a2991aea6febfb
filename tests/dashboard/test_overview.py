"""The overview: what needs somebody, thirty days in pictures, how far a reading is."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone, translation

from apps.dashboard import history, overview, shell
from apps.inventory.models import Service, SyncRun
from apps.operations.models import State
from tests.factories import (
    ConnectionFactory,
    DatabaseFactory,
    DumpFactory,
    OperationFactory,
    ServiceFactory,
)  # fmt: skip

OVERVIEW = reverse("dashboard:index", args=["acme"])


@pytest.fixture
def account(team):
    cache.clear()
    return ConnectionFactory(team=team)


@pytest.fixture
def hosting(account):
    return ServiceFactory(connection=account, display_name="bakery.fr")


def days_ago(days):
    return timezone.now() - timedelta(days=days)


def reading(connection, **given):
    """A reading of an account that is under way."""
    return SyncRun.objects.create(connection=connection, lease_until=timezone.now(), **given)


def test_what_is_broken_stands_above_what_is_to_be_looked_at(hosting, account, viewer):
    ServiceFactory(connection=account, state="maintenance", display_name="garage.fr")
    DatabaseFactory(service=hosting, name="full", user="full", quota_used_mb=300, quota_size_mb=200)

    needs = sorted(overview.needs_of(viewer, late=1), key=lambda need: need.tone != "bad")

    assert [need.tone for need in needs] == ["bad", "warn", "warn"]
    assert needs[0].title == "Database <strong>full</strong> is full and read-only"
    assert needs[1].title == "OVH works on <strong>garage.fr</strong>"


def test_an_expired_service_is_said_to_be_expired_and_what_that_means(hosting, viewer):
    Service.objects.update(problem="expired")

    need = next(overview.needs_of(viewer, late=0))

    assert (need.title, need.tone, need.button) == ("<strong>bakery.fr</strong> has expired", "bad", "See the service")
    assert "until it is renewed" in need.note


def test_a_name_from_ovh_is_text_on_the_overview(account, viewer, client):
    ServiceFactory(connection=account, state="blocked", display_name="<script>alert(1)</script>")
    client.force_login(viewer.user)

    page = client.get(reverse("dashboard:index", args=[viewer.team.slug])).content.decode()

    assert "OVH has blocked <strong>&lt;script&gt;" in page
    assert "<script>alert" not in page


def test_a_day_without_a_backup_of_each_database_shows_those_missed(hosting, viewer):
    first, second = DatabaseFactory.create_batch(2, service=hosting)
    for days in (3, 2, 1):
        DumpFactory(database=first, created_at=days_ago(days))
    DumpFactory(database=second, created_at=days_ago(3))

    drawn = history.count(viewer).backups

    last = [[(part.kind, part.height) for part in bar.parts] for bar in drawn.bars[-4:]]
    assert last == [
        [("ok", 56.0)],
        [("ok", 28.0), ("missing", 28.0)],
        [("ok", 28.0), ("missing", 28.0)],
        [("none", 2.0)],
    ]
    assert drawn.bars[-4].words.endswith(": 2 of 2")
    assert drawn.bars[-2].words.endswith(": 1 of 2")


def test_changes_are_counted_by_day_and_by_their_end(hosting, viewer):
    for state in (State.SUCCEEDED, State.SUCCEEDED, State.FAILED):
        OperationFactory(service=hosting, state=state, finished_at=days_ago(2))

    drawn = history.count(viewer).changes

    assert drawn.summary == "2 done, 1 failed in the last 30 days."
    assert [part.kind for part in drawn.bars[-3].parts] == ["new", "missing"]


def test_the_thirty_days_of_another_team_are_not_counted(hosting, stranger):
    DumpFactory(database=DatabaseFactory(service=hosting), created_at=days_ago(1))
    OperationFactory(service=hosting, state=State.SUCCEEDED, finished_at=days_ago(1))

    assert history.count(stranger) == history.History(None, None)


def test_with_many_databases_the_pictures_follow_the_page(hosting, viewer, browser_of, monkeypatch):
    monkeypatch.setattr("apps.dashboard.views.QUICK", 0)
    DumpFactory(database=DatabaseFactory(service=hosting), created_at=days_ago(1))
    browser = browser_of(viewer)

    page = browser.get(OVERVIEW).content.decode()
    piece = browser.get(reverse("dashboard:history", args=["acme"]), headers={"HX-Request": "true"}).content.decode()

    assert "skeleton" in page
    assert 'hx-trigger="load"' in page
    assert "<rect" in piece
    assert "skeleton" not in browser.get(OVERVIEW).content.decode()  # counted by now


def test_without_scripts_one_link_brings_them(hosting, viewer, browser_of, monkeypatch):
    monkeypatch.setattr("apps.dashboard.views.QUICK", 0)
    DatabaseFactory(service=hosting)

    assert "skeleton" not in browser_of(viewer).get(OVERVIEW, {"history": "1"}).content.decode()


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ([(87, 240)], "Brasserie: 87 of 240 services, about 3 min left"),
        ([(30, 40), (10, 40)], "2 accounts: 40 of 80 services, about 1 min 40 s left"),
        ([(0, None)], "Reading Brasserie…"),
        ([(239, 240)], "Brasserie: 239 of 240 services"),
    ],
)
def test_a_reading_says_how_far_it_is_and_how_long_it_takes(runs, words, team, viewer, rf):
    for number, (done, total) in enumerate(runs):
        account = ConnectionFactory(team=team, name="Brasserie" + " II" * number)
        reading(account, done=done, total=total, started_at=timezone.now() - timedelta(seconds=100))

    assert shell.Shell(rf.get("/"), viewer).sync.words == words


def test_nothing_is_said_of_a_reading_another_team_waits_for(team, stranger, rf):
    reading(ConnectionFactory(team=team))

    assert shell.Shell(rf.get("/"), stranger).sync is None


def test_on_a_phone_each_place_is_in_the_bar_or_in_ones_menu(owner, rf):
    shown = shell.Shell(rf.get("/"), owner)

    reached = [place.key for place in (*shown.phone, *shown.beyond_phone)]

    assert sorted(reached) == sorted(place.key for place in (*shown.places, *shown.more))


def test_a_place_that_would_only_say_no_is_not_shown(operator, viewer, rf):
    places = [[place.key for place in shell.Shell(rf.get("/"), who).more] for who in (operator, viewer)]

    assert ["audit" in keys for keys in places] == [True, False]


def test_what_takes_too_long_leads_to_its_operation_in_words_of_its_own(hosting, viewer):
    begun = timezone.now() - timedelta(days=2)
    OperationFactory(service=hosting, state=State.RUNNING, sent_at=begun, accepted_at=begun)

    with translation.override("fr"):
        need = next(overview.needs_of(viewer, late=0))

    assert need.button == "Voir l’opération"

"""The history as people read it."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import Entry
from apps.audit.services import record
from apps.connections.models import Grant, Health
from apps.dashboard import trail
from apps.operations import registry
from apps.teams.models import Role
from tests.conftest import signed_in
from tests.factories import ConnectionFactory, MembershipFactory, made

pytestmark = pytest.mark.django_db


def listed(member, **asked):
    """(what, on what) of each line the page shows."""
    answer = signed_in(member).get(reverse("dashboard:audit", args=["acme"]), asked)
    return [(line.what, line.entry.target) for line in answer.context["lines"]]


def table(member, **asked):
    answer = signed_in(member).get(reverse("dashboard:audit_csv", args=["acme"]), asked)
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


@pytest.fixture
def told(owner, operator, team):
    record("databases.create.requested", team_id=team.pk, actor=operator.user, address="192.0.2.1", target="shop")
    record("databases.create.succeeded", team_id=team.pk, target="shop")
    record("connections.created", team_id=team.pk, actor=owner.user, target="Bakery")
    record("members.left", team_id=team.pk, actor=operator.user, target="Olga")
    record("sign_in.failed", team_id=team.pk, actor=owner.user, target="o@hostpanel.test")


@pytest.mark.parametrize(
    ("asked", "targets"),
    [
        ({"kind": "work"}, ["shop", "shop"]),
        ({"kind": "connections"}, ["Bakery"]),
        ({"kind": "people"}, ["Olga"]),
        ({"kind": "sign_in"}, ["o@hostpanel.test"]),
        ({"who": "panel"}, ["shop"]),
        ({"q": "bake"}, ["Bakery"]),
        ({"q": "create.succ"}, ["shop"]),
        ({"kind": "nonsense", "who": "nobody", "from": "2026-02-30", "to": "0001-01-01"}, None),
    ],
)
def test_a_filter_keeps_what_it_names(asked, targets, told, owner):
    found = [target for _, target in listed(owner, **asked)]

    assert found == targets if targets is not None else len(found) == 5


def test_a_person_is_found_by_what_they_did(told, owner, operator):
    assert [target for _, target in listed(owner, who=operator.user.pk)] == ["Olga", "shop"]


def test_days_are_those_of_the_reader(owner, team):
    owner.user.time_zone = "Pacific/Auckland"  # 13 hours ahead in November
    owner.user.save()
    late = timezone.now().replace(year=2026, month=11, day=10, hour=12, minute=0)
    Entry(team=team, action="members.left", target="late", at=late).save(force_insert=True)

    assert listed(owner, **{"from": "2026-11-11", "to": "2026-11-11"}) == [("Left the team", "late")]
    assert listed(owner, **{"from": "2026-11-10", "to": "2026-11-10"}) == []


def test_an_operation_is_told_in_words_with_its_outcome(told, owner):
    line = trail.lines(Entry.objects.filter(action="databases.create.succeeded"))[0]

    assert (line.what, line.outcome, line.tone) == (str(registry.get("databases.create").title), "finished", "good")


def test_what_another_release_wrote_is_shown_as_it_stands(team):
    record("wizards.summon.requested", team_id=team.pk)

    assert trail.lines(Entry.objects.all())[0].what == "wizards.summon.requested"


def test_every_state_of_an_account_has_its_words():
    assert {f"connections.{health.value}" for health in Health} <= set(trail.EVENTS)


def test_who_sees_chosen_accounts_reads_of_those_and_of_themselves(team):
    narrow = made(MembershipFactory, team=team, role=Role.OPERATOR, sees_all_accounts=False)
    mine, other = made(ConnectionFactory, team=team), made(ConnectionFactory, team=team)
    Grant.objects.create(member=narrow, connection=mine)
    record("connections.lapsed", team_id=team.pk, account_id=mine.pk, target="mine")
    record("connections.lapsed", team_id=team.pk, account_id=other.pk, target="other")
    record("members.invited", team_id=team.pk, target="somebody")
    record("sign_in.succeeded", team_id=team.pk, actor=narrow.user, target="me")

    assert [target for _, target in listed(narrow)] == ["me", "mine"]
    assert [row["on what"] for row in table(narrow)][:2] == ["mine", "me"]


def test_the_table_holds_what_the_page_shows_and_is_history_itself(told, owner):
    rows = table(owner, kind="work")

    assert [(row["who"], row["what"], row["outcome"], row["address"]) for row in rows] == [
        (rows[0]["who"], "New database", "asked for", "192.0.2.1"),
        ("the panel", "New database", "finished", ""),
    ]
    assert Entry.objects.get(action="audit.exported").details == {"kind": "work"}


def test_the_table_is_in_the_language_of_who_asks(told, owner):
    owner.user.language = "fr"
    owner.user.save()

    assert {row["who"] for row in table(owner, kind="work", who="panel")} == {"le panneau"}


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        (" =1", "' =1"),
        ("\uff1d1", "'\uff1d1"),
        ("a;=1+1", "a;'=1+1"),  # in French, cells end with a semicolon
        ('a;"=1+1', "a;'\"=1+1"),
        ("a\n@x", "a\n'@x"),
        ("a=b; c-d", "a=b; c-d"),
    ],
)
def test_a_spreadsheet_carries_nothing_out(name, written, owner, team):
    record("members.invited", team_id=team.pk, target=name)

    assert table(owner, kind="people")[0]["on what"] == written


def test_a_search_no_database_could_keep_is_exported_all_the_same(owner):
    assert table(owner, q="a\0b") is not None
    assert Entry.objects.get(action="audit.exported").details == {"q": "ab"}


def test_a_fragment_is_only_the_list(told, owner):
    answer = signed_in(owner).get(reverse("dashboard:audit", args=["acme"]), headers={"HX-Request": "true"})

    assert answer.content.decode().strip().startswith('<div class="card" id="trail">')


def test_the_page_of_a_long_history_asks_as_little_as_that_of_a_short_one(owner, team, django_assert_max_num_queries):
    for number in range(120):
        record("members.left", team_id=team.pk, target=str(number))
    browser = signed_in(owner)

    with django_assert_max_num_queries(20):
        browser.get(reverse("dashboard:audit", args=["acme"]), {"page": 2})


def test_an_entry_from_the_last_hour_is_within_today(owner, team):
    record("members.left", team_id=team.pk, target="now")
    yesterday = (timezone.now() - timedelta(days=1)).date().isoformat()

    assert listed(owner, **{"from": yesterday}) == [("Left the team", "now")]

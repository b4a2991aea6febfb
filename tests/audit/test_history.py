"""The history: what is written, what the database refuses, what shows afterwards."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from apps.audit import chain, guards
from apps.audit.chain import Head
from apps.audit.models import Chain, Entry, Link
from apps.audit.services import record
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(team):
    """Five entries of a team, linked."""
    made = [
        record(
            f"domains.attach.{number}", team_id=team.pk, actor=UserFactory(name="Zoé"), address="2001:DB8::1",
            target="é.fr", account_id=4, details={"n": number, "list": ("a", 1.5, None)},
        )
        for number in range(5)
    ]  # fmt: skip
    chain.link_new(team.pk)
    return made


def run(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.fixture
def unguarded():
    """What somebody could do who owns the database."""
    for statement in guards.removal(connection):
        run(statement)


def words(team, **more):
    return " ".join(finding.words for finding in chain.verify(team.pk, **more))


def test_a_history_nobody_touched_is_whole(told, team):
    assert list(chain.verify(team.pk)) == []
    assert list(Link.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4, 5]


def test_linking_twice_links_once(told, team):
    assert chain.link_new(team.pk) == 0
    assert Link.objects.count() == 5


@pytest.mark.parametrize("address", ["", None, "unix:", "no address"])
def test_what_is_no_address_is_left_out(address, team):
    assert record("x.y", team_id=team.pk, address=address).address is None


def test_an_address_in_another_spelling_is_kept_in_one(team):
    assert record("x.y", team_id=team.pk, address="::ffff:192.0.2.7").address == "192.0.2.7"


def test_a_name_too_long_is_cut_not_refused(team):
    person = UserFactory.build(pk=1, name="a" * 240)

    assert len(record("x.y", team_id=team.pk, actor=person).actor_name) == 120


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_entry SET actor_name = 'nobody'",
        "UPDATE audit_entry SET target = ''",
        "DELETE FROM audit_link",
        "UPDATE audit_link SET mark = ''",
    ],
)
def test_the_database_refuses_to_change_the_history(sql, told):
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        run(sql)

    assert Entry.objects.count() == 5


def test_the_database_refuses_to_delete_an_entry(team):
    record("x.y", team_id=team.pk)

    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        run("DELETE FROM audit_entry")


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite's own statement")
def test_sqlite_refuses_to_replace_an_entry(told):
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        run("INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry")


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="PostgreSQL's own statement")
def test_postgresql_refuses_to_empty_the_history():
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        run("TRUNCATE audit_entry, audit_link")


def test_what_is_younger_than_a_year_is_not_deleted_but_what_is_older_may_be(team):
    old = Entry(team=team, at=timezone.now() - guards.LEAST - timedelta(days=1), action="x.y")
    old.save(force_insert=True)
    young = Entry(team=team, at=timezone.now() - guards.LEAST + timedelta(days=1), action="x.y")
    young.save(force_insert=True)

    run("DELETE FROM audit_entry WHERE id = %s", old.pk)
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        run("DELETE FROM audit_entry WHERE id = %s", young.pk)


@pytest.mark.parametrize(
    "change",
    [
        "actor_name = 'nobody'",
        "actor_id = 999",
        "target = 'b.fr'",
        "action = 'domains.detach.0'",
        "address = NULL",
        "account_id = 5",
        "details = '{}'",
        "at = '2020-01-01 00:00:00+00'",
    ],
)
def test_an_altered_entry_shows(change, told, team, unguarded):
    run(f"UPDATE audit_entry SET {change} WHERE id = %s", told[2].pk)  # noqa: S608

    assert "was altered" in words(team)


def test_a_missing_entry_shows(told, team, unguarded):
    run("DELETE FROM audit_link WHERE entry_id = %s", told[2].pk)
    run("DELETE FROM audit_entry WHERE id = %s", told[2].pk)

    assert "1 entries are missing" in words(team)


def test_an_entry_taken_out_of_the_chain_and_numbered_over_shows(told, team, unguarded):
    run("DELETE FROM audit_link WHERE entry_id = %s", told[2].pk)
    run("DELETE FROM audit_entry WHERE id = %s", told[2].pk)
    run("UPDATE audit_link SET number = 3 WHERE number = 4")
    run("UPDATE audit_link SET number = 4 WHERE number = 5")
    run("UPDATE audit_chain SET number = 4")

    assert "does not follow" in words(team)


def test_two_entries_that_changed_places_show(told, team, unguarded):
    run("UPDATE audit_link SET number = 99 WHERE entry_id = %s", told[1].pk)
    run("UPDATE audit_link SET number = 2 WHERE entry_id = %s", told[2].pk)
    run("UPDATE audit_link SET number = 3 WHERE entry_id = %s", told[1].pk)

    assert "does not follow" in words(team)


def test_an_entry_somebody_else_wrote_shows(told, team):
    Entry(team=team, action="backups.restore.requested", actor_name="Inès", proof="0" * 64).save(force_insert=True)
    chain.link_new(team.pk)

    assert "was not written by the panel" in words(team)


def test_an_entry_without_a_proof_shows(told, team):
    Entry(team=team, action="backups.restore.requested").save(force_insert=True)

    assert "has no proof" in words(team)


def test_an_entry_of_another_team_does_not_pass_for_one_of_this(told, team, stranger, unguarded):
    record("x.y", team_id=stranger.team_id)
    run("UPDATE audit_entry SET team_id = %s WHERE team_id = %s", team.pk, stranger.team_id)

    assert "was not written by the panel" in words(team)


def test_an_entry_copied_shows(told, team):
    first = Entry.objects.order_by("pk").first()
    first.pk = None
    first.save(force_insert=True)
    chain.link_new(team.pk)

    assert "twice" in words(team)


def test_a_cut_end_shows(told, team, unguarded):
    run("DELETE FROM audit_link WHERE number > 3")
    run("DELETE FROM audit_entry WHERE id > %s", told[2].pk)

    assert "cut off: the chain had 5" in words(team)


def test_a_cut_end_with_its_head_set_back_shows_against_a_noted_head(told, team, unguarded):
    noted = chain.heads()[0]
    third = Link.objects.get(number=3)
    run("DELETE FROM audit_link WHERE number > 3")
    run("DELETE FROM audit_entry WHERE id > %s", told[2].pk)
    Chain.objects.update(number=3, mark=third.mark)

    assert words(team) == ""
    assert "5 entries had been noted" in words(team, noted=noted)


def test_a_noted_head_in_the_middle_is_found_again(told, team):
    third = Link.objects.get(number=3)

    assert words(team, noted=Head(team.pk, 3, third.mark)) == ""
    assert "written anew" in words(team, noted=Head(team.pk, 3, "0" * 64))


def test_an_entry_whose_process_died_before_it_was_linked_is_linked_later(team):
    record("x.y", team_id=team.pk)
    assert Link.objects.count() == 0

    assert chain.link_all() == 1
    assert words(team) == ""


def test_entries_that_nobody_links_show_after_a_while(team):
    entry = Entry(team=team, action="x.y", at=timezone.now() - timedelta(minutes=11))
    entry.proof = chain.proof_of(entry)
    entry.save(force_insert=True)

    assert "outside the chain" in words(team)


def test_a_lost_seal_key_stops_no_work_and_shows(told, team, settings):
    settings.SEAL_KEYS = ["tL2bqvX6cZ8nQJm9W3e5R7yU1iO0pA4sD6fG8hJ2kL0="]

    assert record("x.y", team_id=team.pk).proof == ""
    assert "cannot be opened" in words(team)


def old_entries(team, number):
    for _ in range(number):
        entry = Entry(team=team, action="x.y", at=timezone.now() - timedelta(days=2000))
        entry.proof = chain.proof_of(entry)
        entry.save(force_insert=True)
    chain.link_new(team.pk)


def test_housekeeping_takes_the_oldest_and_the_rest_is_whole(team):
    old_entries(team, 3)
    record("x.new", team_id=team.pk)
    chain.link_new(team.pk)

    assert chain.cut(team.pk, timezone.now() - timedelta(days=1825)) == 3
    assert list(Entry.objects.values_list("action", flat=True)) == ["x.new"]
    assert words(team) == ""


def test_a_beginning_taken_by_somebody_else_shows(team, unguarded):
    old_entries(team, 3)
    first = Link.objects.get(number=1)
    run("DELETE FROM audit_link WHERE number = 1")
    run("DELETE FROM audit_entry WHERE id = %s", first.pk)
    Chain.objects.update(cut_number=1, cut_mark=first.mark)

    assert "not by the panel's housekeeping" in words(team)


def test_the_command_says_that_all_is_whole(told, team, capsys):
    call_command("audit_verify")

    said = capsys.readouterr().out
    assert "Acme: 5 entries, whole" in said
    assert str(chain.heads()[0]) in said


def test_the_command_fails_when_something_is_wrong(told, team, unguarded):
    run("UPDATE audit_entry SET target = 'b.fr' WHERE id = %s", told[2].pk)

    with pytest.raises(CommandError, match="1 history is not whole"):
        call_command("audit_verify")


def test_the_command_compares_with_a_noted_head(told, team):
    with pytest.raises(CommandError, match="not whole"):
        call_command("audit_verify", noted=[f"{team.pk}:7:{'0' * 64}"])


def test_the_command_notices_a_history_whose_chain_is_gone(told, team, capsys):
    run("DELETE FROM audit_chain")

    with pytest.raises(CommandError, match="not whole"):
        call_command("audit_verify")

    assert "The key of this history is gone" in capsys.readouterr().out


def test_the_command_refuses_a_head_that_is_none(team):
    with pytest.raises(CommandError, match="is no head"):
        call_command("audit_verify", noted=["seven"])

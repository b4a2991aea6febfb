"""The whole panel as a file, and back; and what was under way when the file was written."""

import gzip
import json
import os
import stat
import subprocess
import sys
from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from apps.audit.models import Entry
from apps.connections.client import credentials_of
from apps.connections.models import Connection
from apps.inventory.models import Service
from apps.operations import engine, registry, services, states
from apps.operations.models import Operation, State
from apps.teams.models import Team, User
from apps.upkeep import copying
from hostpanel import environment

ATTACH = {"domain": "new.example.com", "path": "www", "ssl": True, "bypassDNSConfiguration": False}


def run(*command):
    out = StringIO()
    call_command(*command, "--no-progress", stdout=out)
    return out.getvalue()


def empty():
    """A panel of this release with nothing in it, as after `manage.py upgrade`. Triggers would keep the history."""
    with database.cursor() as cursor:
        if database.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            off = [(f'DROP TRIGGER "{name}"', sql) for name, sql in cursor.fetchall()]
        else:
            names = [f'ALTER TABLE "{model._meta.db_table}"' for model in copying.tables()]
            off = [(f"{name} DISABLE TRIGGER USER", f"{name} ENABLE TRIGGER USER") for name in names]
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement, _undo in off:
            cursor.execute(statement)
        for model in reversed(copying.tables()):
            model._base_manager.all().delete()
        for _statement, undo in off:
            cursor.execute(undo)
        if database.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "panel.jsonl.gz"


@pytest.fixture
def asked(service, owner):
    def ask(action="domains.attach", *, target=None, params=None):
        given = {"target": target or {}, "params": params or ATTACH, "member": owner, "key": f"k{timezone.now()}"}
        return services.request(registry.get(action), service=service, **given)

    return ask


def contents():
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in copying.tables()}


@pytest.mark.django_db
def test_everything_comes_back_as_it_was(connection, owner, asked, file, browser_of):
    browser_of(owner)
    asked()
    before = contents()
    assert len(before["operations.Operation"]) == 1
    run("export", file)
    empty()

    said = run("import", file, "--moved")

    assert contents() == before
    assert f"{sum(map(len, before.values()))} rows" in said


@pytest.mark.django_db
def test_the_file_is_its_owners_alone_and_opens_nothing(connection, ovh, asked, file, browser_of, owner):
    session = browser_of(owner).session.session_key
    asked(
        "databases.create", params={"capabilitie": "sqlPerso", "type": "mysql", "user": "u", "password": "Chaos12345"}
    )

    run("export", file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = gzip.decompress(file.read_bytes()).decode()
    for secret in (ovh.account["application_secret"], ovh.account["consumer_key"], "Chaos12345", session):
        assert secret not in text
    assert Connection.objects.get().sealed in text


@pytest.mark.django_db
def test_what_was_sealed_opens_after_the_import(connection, ovh, file):
    run("export", file)
    empty()

    run("import", file)

    assert credentials_of(Connection.objects.get()).consumer_key == ovh.account["consumer_key"]


@pytest.mark.django_db
def test_without_the_seal_key_the_import_says_which_credentials_stay_shut(connection, file, settings):
    run("export", file)
    empty()
    settings.SEAL_KEYS = ["rLwS5Cg0rkR4sJYq0n9b1bJvTnRkB8hZ2oT4c4vP2nU="]

    assert "cannot open Brasserie" in run("import", file)


@pytest.mark.django_db
def test_the_next_row_gets_a_new_number(connection, file):
    run("export", file)
    empty()
    run("import", file)

    User.objects.create_user("new@hostpanel.test", name="New")
    Team.objects.create(name="New", slug="new")


@pytest.mark.django_db
def test_a_panel_with_something_in_it_takes_nothing(connection, file):
    run("export", file)

    with pytest.raises(CommandError, match="import into an empty panel"):
        run("import", file)


@pytest.mark.django_db
def test_a_file_is_not_written_over(connection, file):
    file.write_text("kept")

    with pytest.raises(CommandError, match="cannot be written: File exists"):
        run("export", file)

    assert file.read_text() == "kept"


@pytest.mark.django_db
@pytest.mark.parametrize("end", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_an_export_that_breaks_off_leaves_no_file_behind(connection, file, end):
    def told(_rows):
        raise end

    with pytest.raises(type(end)):
        copying.write(file, told=told)

    assert not file.exists()


@pytest.mark.django_db
def test_a_file_that_is_not_there_is_said_to_be_missing(file):
    with pytest.raises(CommandError, match="cannot be read: No such file or directory"):
        run("import", file)


@pytest.mark.django_db
@pytest.mark.parametrize("harm", ["cut", "changed", "nothing", "other release"])
def test_what_is_not_whole_or_not_of_this_release_is_refused_and_changes_nothing(connection, file, harm):
    run("export", file)
    empty()
    lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    if harm == "cut":
        file.write_bytes(gzip.compress(b"".join(lines[:-3])))
    elif harm == "changed":
        file.write_bytes(gzip.compress(b"".join(lines).replace(b"Brasserie", b"Brasseri3")))
    elif harm == "nothing":
        file.write_bytes(b"")
    else:
        MigrationRecorder(database).record_applied("operations", "0002_of_the_next")

    with pytest.raises(CommandError):
        run("import", file)

    assert not User.objects.exists()


@pytest.mark.django_db
def test_rows_the_end_does_not_count_are_refused(connection, file, monkeypatch):
    run("export", file)
    empty()
    head, counts = copying.examine(file)
    monkeypatch.setattr(copying, "examine", lambda _path: (head, counts | {"teams.team": 7}))

    with pytest.raises(CommandError, match=r"teams.team: the file says 7, 1 arrived"):
        run("import", file)

    assert not Team.objects.exists()


# -- What was under way when the backup was made -------------------------------------------------------------------


def restored(file, since):
    """The panel as it was when the file was written, its workers at work again."""
    empty()
    run("import", file)
    Operation.objects.exclude(sent_at=None).filter(sent_at__gt=since).update(sent_at=since)


def work(ovh, operation, rounds=12):
    operation = Operation.objects.get(pk=operation.pk)
    for _ in range(rounds):
        engine.submit(operation.pk)
        ovh.finish_tasks()
        Operation.objects.filter(pk=operation.pk).exclude(next_at=None).update(next_at=timezone.now())
        engine.poll(operation.connection_id)
        operation.refresh_from_db()
        if operation.is_over:
            break
    return operation


@pytest.mark.django_db
def test_what_ran_last_night_is_found_done_this_morning(asked, ovh, file):
    operation = asked()
    engine.submit(operation.pk)
    run("export", file)
    ovh.finish_tasks()

    restored(file, timezone.now())

    assert work(ovh, operation).state == State.SUCCEEDED
    assert len(ovh.effects("POST", "/attachedDomain")) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("is_finished", [True, False])
def test_what_was_queued_in_the_backup_and_sent_after_it_is_found_and_not_sent_twice(asked, ovh, file, is_finished):
    operation = asked()
    run("export", file)
    engine.submit(operation.pk)
    if is_finished:
        ovh.finish_tasks()

    restored(file, timezone.now())

    assert Operation.objects.get().state == State.UNCONFIRMED
    assert work(ovh, operation).state == State.SUCCEEDED
    assert len(ovh.effects("POST", "/attachedDomain")) == 1


@pytest.mark.django_db
def test_what_was_never_sent_is_sent_once_its_absence_is_proven(asked, ovh, file):
    operation = asked()
    run("export", file)

    restored(file, timezone.now())
    Operation.objects.update(sent_at=timezone.now() - timedelta(hours=8))  # the backup is of last night

    assert work(ovh, operation).state == State.SUCCEEDED
    assert len(ovh.effects("POST", "/attachedDomain")) == 1


@pytest.mark.django_db
def test_what_cannot_be_proven_is_left_to_a_person(asked, ovh, service, file):
    database = service.databases.first()
    dump = service.dumps.filter(database=database, status="created").first()
    operation = asked("backups.restore", target={"name": database.name, "id": dump.ovh_id}, params={"date": "now"})
    run("export", file)

    restored(file, timezone.now())
    Operation.objects.update(sent_at=timezone.now() - timedelta(hours=8))

    over = work(ovh, operation)
    assert (over.state, over.reason) == (State.FAILED, "not_known")
    assert ovh.effects("POST", "/restore") == []


@pytest.mark.django_db
def test_a_panel_that_was_stopped_and_moved_simply_goes_on(asked, ovh, file):
    operation = asked()
    run("export", file)
    empty()

    run("import", file, "--moved")

    assert Operation.objects.get().state == State.QUEUED
    assert work(ovh, operation).state == State.SUCCEEDED


@pytest.mark.django_db
def test_after_a_restore_by_other_means_one_command_says_so(asked):
    operation = asked()
    states.claim_to_send(asked(params=ATTACH | {"domain": "two.example.com"}).pk, now=timezone.now())
    out = StringIO()

    call_command("restored", "2026-11-23T03:00:00+01:00", stdout=out)

    assert "2 changes are looked for" in out.getvalue()
    assert set(Operation.objects.values_list("state", flat=True)) == {"unconfirmed"}
    operation.refresh_from_db()
    assert operation.sent_at.isoformat() == "2026-11-23T02:00:00+00:00"
    assert operation.events.last().kind == "restored"
    with pytest.raises(CommandError, match="is not a moment"):
        call_command("restored", "yesterday")


# -- From one kind of database to the other ------------------------------------------------------------------------


def manage(database_url, folder, *command, stdin=""):
    """One command of a panel of its own."""
    given = {"HOSTPANEL_DATA": str(folder), "DATABASE_URL": database_url}
    ended = subprocess.run(
        [sys.executable, "manage.py", *command], env=os.environ | given, cwd=environment.BASE_DIR, text=True,
        capture_output=True, check=False, input=stdin,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def rows_in(file):
    """The rows of an export; PostgreSQL keeps the names in JSON in an order of its own."""
    lines = gzip.decompress(file.read_bytes()).splitlines()[1:-1]
    return sorted(json.dumps(json.loads(line), sort_keys=True) for line in lines)


SOME_ROWS = """
from tests.factories import *
from apps.audit.services import record
owner = MembershipFactory(role="owner")
for n in range(250):
    operation = OperationFactory(failed=True, finished_at=timezone.now(), requested_by=owner.user, team=owner.team)
    operation.events.create(kind="asked")
OperationFactory(after=operation, sealed="sealed", label="Été à l'Île ☃")
for n in range(5):
    record("teams.invited", team_id=owner.team_id, actor=owner.user, details={"n": n})
"""


WRITTEN_BESIDE = """
import sys, threading, time
from pathlib import Path
from apps.teams.models import Team
from apps.upkeep import copying
Team.objects.create(name="Before", slug="before")
took = []
def write():
    began = time.monotonic()
    Team.objects.create(name="Beside", slug="beside")
    took.append(time.monotonic() - began)
def told(_rows):
    if not took:
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
copied = copying.write(Path(sys.stdin.readline().strip()), told=told)
print("in the file", copied.counts["teams.team"], "in the panel", Team.objects.count(), "quick", took[0] < 5)
"""


@pytest.mark.worker
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_is_written_beside_an_export_neither_waits_nor_is_half_in_it(tmp_path, kind, request):
    url = request.getfixturevalue("postgresql_database") if kind == "postgresql" else ""
    manage(url, tmp_path, "upgrade", "-v0")

    said = manage(url, tmp_path, "shell", "-v0", "-c", WRITTEN_BESIDE, stdin=f"{tmp_path / 'file.gz'}\n")

    assert said == "in the file 1 in the panel 2 quick True\n"


@pytest.mark.worker
def test_from_sqlite_to_postgresql_and_back_nothing_changes(tmp_path, postgresql_database):
    folders = [tmp_path / name for name in ("first", "second", "third")]
    for folder in folders:
        folder.mkdir()
    sqlite, postgresql = "", postgresql_database
    manage(sqlite, folders[0], "upgrade", "-v0")
    manage(sqlite, folders[0], "shell", "-v0", "-c", SOME_ROWS)
    there, back = tmp_path / "there.gz", tmp_path / "back.gz"

    manage(sqlite, folders[0], "export", str(there))
    manage(postgresql, folders[1], "upgrade", "-v0")
    said = manage(postgresql, folders[1], "import", str(there), "--moved")
    manage(postgresql, folders[1], "export", str(back))
    manage(sqlite, folders[2], "upgrade", "-v0")
    manage(sqlite, folders[2], "import", str(back), "--moved")

    assert "rows of" in said
    assert rows_in(there) == rows_in(back)
    assert len(rows_in(there)) > 1000
    third = tmp_path / "third.gz"
    manage(sqlite, folders[2], "export", str(third))
    assert rows_in(third) == rows_in(there)


@pytest.mark.django_db
def test_what_is_left_out_is_named():
    """A new table is copied unless somebody says why not."""
    known = {model._meta.label_lower for model in apps.get_models()}
    assert known | {"auth.group", "auth.permission"} >= copying.LEFT_OUT
    assert {each._meta.label_lower for each in copying.tables()} == known - copying.LEFT_OUT
    assert {Entry, Operation, Service} <= set(copying.tables())


def test_an_export_is_history(owner, file):
    run("export", file)

    assert Entry.objects.get(action="panel.exported").team_id == owner.team_id

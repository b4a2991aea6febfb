"""What is typed on the machine the panel runs on."""

import getpass
import os
import subprocess
import sys
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.audit.models import Entry
from apps.connections.models import Connection, Health
from apps.inventory.models import Service
from apps.operations.models import Operation, State
from hostpanel import environment, pulse
from tests.factories import ConnectionFactory, MembershipFactory, OperationFactory

pytestmark = pytest.mark.django_db


def said(*command):
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def doctor(*arguments):
    out = StringIO()
    status = 0
    try:
        call_command("doctor", *arguments, stdout=out)
    except SystemExit as ended:
        status = ended.code
    return status, out.getvalue()


def test_a_panel_that_is_well_passes(connection, working):
    status, text = doctor()

    assert status == 0, text
    for name in ("keys", "database", "redis", "workers", "clock", "accounts"):
        assert f"ok  {name}" in text
    assert "acme/Brasserie" in text


def test_a_lapsed_key_is_named_with_what_to_do(connection, ovh, working):
    ovh.fault("invalid_credential", times=50)

    status, text = doctor("--only", "accounts")

    assert status == 1
    assert "!!  accounts       acme/Brasserie: OVH no longer accepts the key" in text
    assert "→ Renew the key" in text


def test_without_its_seal_key_a_credential_is_named(connection, settings, working):
    settings.SEAL_KEYS = ["rLwS5Cg0rkR4sJYq0n9b1bJvTnRkB8hZ2oT4c4vP2nU="]

    status, text = doctor("--only", "keys")

    assert status == 1
    assert "cannot open Brasserie" in text
    assert "Put the seal key they were sealed with back" in text


def test_without_redis_it_says_where_to_begin(db):
    status, text = doctor("--offline")

    assert status == 1
    assert "start it, and check REDIS_URL" in text


def test_a_clock_that_is_off_is_said(connection, ovh, working):
    ovh.control("POST", "settings", clock_offset_seconds=90)

    status, text = doctor("--only", "clock")

    assert status == 0
    assert "set it by NTP" in text
    assert doctor("--only", "clock", "--strict")[0] == 2


def test_an_endpoint_the_environment_has_forgotten_is_said(working):
    ConnectionFactory.create(endpoint="forgotten")

    status, text = doctor("--only", "clock")

    assert status == 1
    assert "no longer names forgotten" in text


def test_what_a_person_has_to_decide_is_counted(working):
    OperationFactory.create(failed=True, reason="not_known")

    assert "operations list --undecided" in doctor("--only", "undecided")[1]


def test_only_what_was_asked_for_and_only_what_is_wrong_is_said(working):
    assert doctor("--only", "beat", "--quiet") == (0, "")
    working.hset(pulse._key(), "beat", "1700000000")
    assert doctor("--only", "beat", "--quiet")[0] == 1


def test_wrong_settings_are_one_sentence_and_no_traceback():
    environment = {**os.environ, "HOSTPANEL_MODE": "production", "HOSTPANEL_SECRET_KEY": "short"}

    ended = subprocess.run(
        [sys.executable, "manage.py", "doctor"], env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 1
    assert ended.stderr == "The panel cannot start: HOSTPANEL_SECRET_KEY is too short; take at least 50 characters.\n"


def test_help_says_what_the_exit_status_means():
    environment = {**os.environ}

    ended = subprocess.run(
        [sys.executable, "manage.py", "doctor", "--help"], env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0
    assert "Exit status" in " ".join(ended.stdout.split())


def test_operations_are_listed_and_shown():
    running = OperationFactory.create(running=True, requested_at=timezone.now() - timedelta(hours=3))
    over = OperationFactory.create(failed=True)
    running.events.create(kind="accepted", details={"task": 17})

    listed = said("operations", "list")

    assert str(running.pk)[:8] in listed
    assert "3h" in listed
    assert str(over.pk)[:8] not in listed
    assert str(over.pk)[:8] in said("operations", "list", "--all")
    shown = said("operations", "show", str(running.pk)[:8])
    assert "accepted" in shown
    assert '"task": 17' in shown
    assert "OVH refused it." in said("operations", "show", str(over.pk))


def test_a_list_with_nothing_in_it_says_so_and_a_team_nobody_has_is_named(team, capsys):
    call_command("operations", "list")

    assert capsys.readouterr().err == "None.\n"
    with pytest.raises(CommandError, match="There is no team nobody; there are: acme"):
        said("operations", "list", "--team", "nobody")
    with pytest.raises(CommandError, match="-1 is no number of rows"):
        said("operations", "list", "--limit=-1")


def test_a_restore_from_the_future_is_refused():
    with pytest.raises(CommandError, match="is still to come"):
        call_command("restored", "2999-01-01T03:00:00")


def test_without_its_seal_key_an_account_is_not_read_and_not_said_to_have_lapsed(connection, settings):
    settings.SEAL_KEYS = ["rLwS5Cg0rkR4sJYq0n9b1bJvTnRkB8hZ2oT4c4vP2nU="]

    with pytest.raises(CommandError, match="put the seal key it was sealed with back"):
        said("sync", "--no-progress")

    connection.refresh_from_db()
    assert connection.health == "ok"


def test_what_is_no_id_and_what_is_nobodys_is_said():
    with pytest.raises(CommandError, match="is not the id of an operation"):
        said("operations", "show", "x; drop")
    with pytest.raises(CommandError, match="No operation begins with abc"):
        said("operations", "show", "abc")


@pytest.fixture
def doubtful(service):
    """A rename of which nobody knows whether OVH did it."""
    return OperationFactory.create(
        service=service, action="backups.restore", params={}, state=State.FAILED, reason="not_known", next_at=None,
        target={"name": service.databases.first().name, "id": service.dumps.first().ovh_id},
    )  # fmt: skip


def test_a_member_who_may_settles_and_the_history_says_so(doubtful, owner):
    assert "Settled." in said("operations", "settle", str(doubtful.pk), "--as", owner.user.email, "--happened")

    doubtful.refresh_from_db()
    assert (doubtful.decided, doubtful.decided_by) == ("happened", owner.user)
    assert Entry.objects.filter(action="backups.restore.decided_happened", actor_id=owner.user.pk).exists()


def test_one_asked_for_again_is_a_new_operation(doubtful, owner):
    text = said("operations", "settle", str(doubtful.pk), "--as", owner.user.email, "--again")

    assert str(Operation.objects.exclude(pk=doubtful.pk).get().pk) in text


def test_who_may_not_on_the_page_may_not_here(doubtful, viewer, stranger):
    with pytest.raises(CommandError, match="This needs the role"):
        said("operations", "settle", str(doubtful.pk), "--as", viewer.user.email, "--happened")
    with pytest.raises(CommandError, match="is not a member who sees this operation"):
        said("operations", "settle", str(doubtful.pk), "--as", stranger.user.email, "--happened")
    member = MembershipFactory.create(team=viewer.team, role="owner", sees_all_accounts=False)
    with pytest.raises(CommandError, match="is not a member who sees this operation"):
        said("operations", "settle", str(doubtful.pk), "--as", str(member.user.email), "--happened")

    doubtful.refresh_from_db()
    assert doubtful.decided == ""


def test_what_is_known_cannot_be_settled(owner, service):
    operation = OperationFactory.create(service=service, running=True)

    with pytest.raises(CommandError, match="there is nothing to decide"):
        said("operations", "settle", str(operation.pk), "--as", owner.user.email, "--happened")


def test_an_account_is_read_by_name(connection):
    Service.objects.all().delete()

    text = said("sync", "brasserie", "--no-progress")

    assert Service.objects.exists()
    assert "Brasserie: finished" in text


def test_an_account_nobody_has_is_said_with_those_there_are(connection):
    with pytest.raises(CommandError, match="There is no account nobody; there are: Brasserie"):
        said("sync", "nobody")


def test_an_account_that_cannot_be_read_ends_with_an_error(connection, ovh):
    Connection.objects.filter(pk=connection.pk).update(health=Health.OK)
    ovh.fault("http_500", times=500)

    with pytest.raises(CommandError, match="Not everything could be read"):
        said("sync", "--no-progress")


@pytest.fixture
def typed(monkeypatch):
    """What comes in by a pipe."""
    return lambda text: monkeypatch.setattr("sys.stdin", StringIO(text))


FIRST = ("first_owner", "You@Example.com", "--name", "Your Name", "--team", "Your Agency")


def test_the_first_owner_signs_in_and_owns_a_team(typed, client):
    typed("a long enough phrase\n")

    assert "/t/your-agency/" in said(*FIRST)

    form = {"login": "you@example.com", "password": "a long enough phrase"}
    assert client.post("/auth/login/", form).status_code == 302
    assert client.get("/t/your-agency/").status_code == 200
    assert Entry.objects.get(action="teams.created").actor_name == "Your Name"


@pytest.mark.parametrize(
    ("command", "password", "sentence"),
    [
        (FIRST, "short", "too short"),
        (("first_owner", "nobody", *FIRST[2:]), "a long enough phrase", "is not an e-mail address"),
        ((*FIRST[:-1], "!!"), "a long enough phrase", "needs a name with letters"),
    ],
)
def test_a_first_owner_that_cannot_be_is_said(typed, command, password, sentence):
    typed(password)

    with pytest.raises(CommandError, match=sentence):
        said(*command)


def test_a_first_owner_is_made_once(typed):
    typed("a long enough phrase\n")
    said(*FIRST)
    typed("another long phrase\n")

    with pytest.raises(CommandError, match="There is somebody with the address"):
        said(*FIRST)


def test_a_command_of_a_panel_under_systemd_has_the_environment_of_its_units(tmp_path):
    secrets = tmp_path / "secrets"
    root = environment.BASE_DIR
    subprocess.run([root / "deploy/make-secrets", secrets], check=True, capture_output=True)
    (tmp_path / "hostpanel.env").write_text((root / "deploy/hostpanel.env.example").read_text())
    with (tmp_path / "hostpanel.env").open("a") as file:
        file.write("DATABASE_URL=\nEMAIL_URL=smtp://a:b c&d@localhost:25\n")
    given = {"HOSTPANEL_HOME": str(root), "HOSTPANEL_ETC": str(tmp_path), "HOSTPANEL_DATA": str(tmp_path)}
    user = {"HOSTPANEL_USER": getpass.getuser(), "PATH": os.environ["PATH"]}
    if os.getuid() != 0:
        pytest.skip("setpriv needs root")

    ended = subprocess.run(
        [root / "deploy/manage", "doctor", "--only", "settings"], env=given | user, capture_output=True, text=True,
        check=False,
    )  # fmt: skip

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "settings" in ended.stdout

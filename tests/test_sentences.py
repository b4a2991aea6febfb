"""What a command says when what it needs is not there."""

import errno
import os
import subprocess
import sys

import pytest
import redis
from django.db import OperationalError, ProgrammingError

from hostpanel import environment, sentences

DEAD = "postgresql://nobody@127.0.0.1:1/none"


def full(name=None):
    return OSError(errno.ENOSPC, "No space left on device", name)


@pytest.mark.parametrize(
    ("error", "begins"),
    [
        (OperationalError("connection failed: refused\nIs it running?"), "The database does not answer: start it"),
        (OperationalError('connection failed: FATAL:  database "x" does not exist'), "The database does not answer"),
        (OperationalError("no such table: teams_user"), "The database is older than this release, or empty"),
        (ProgrammingError('relation "teams_user" does not exist\nLINE 1'), "The database is older than this release"),
        (OperationalError("database or disk is full"), "The database has no room left on its disk"),
        (OperationalError("could not extend file: No space left on device"), "The database has no room left"),
        (OperationalError("database is locked"), "Something else holds the database"),
        (redis.ConnectionError("Error 111 connecting"), "Redis does not answer: start it, and check REDIS_URL"),
        (full(), "The disk is full"),
        (
            PermissionError(errno.EACCES, "Permission denied", "/backups/x"),
            "/backups/x cannot be used: Permission denied.",
        ),
    ],
)
def test_what_is_missing_is_said_with_what_to_do(error, begins):
    assert sentences.sentence(error).startswith(begins)


def test_what_nobody_can_explain_is_raised_as_it_is():
    with pytest.raises(ZeroDivisionError):
        sentences.end(ZeroDivisionError())


def test_ctrl_c_is_no_failure_to_explain(capsys):
    with pytest.raises(SystemExit) as ended:
        sentences.end(KeyboardInterrupt())

    assert ended.value.code == 130
    assert "may be run again" in capsys.readouterr().err


@pytest.mark.parametrize("more", [(), ("--traceback",)])
def test_a_command_without_its_database_ends_with_one_sentence(more):
    ended = subprocess.run(
        [sys.executable, "manage.py", "setup_link", *more], env=os.environ | {"DATABASE_URL": DEAD},
        cwd=environment.BASE_DIR, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ended.returncode == 1
    assert ("Traceback" in ended.stderr) == bool(more)
    assert ended.stderr.startswith("The database does not answer") or more

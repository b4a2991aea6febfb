"""What a command says, in one sentence, when what it needs is not there: at night nobody reads a traceback."""

import errno
import sys
from typing import NoReturn

import redis
from django.db import DatabaseError
from kombu.exceptions import OperationalError as BrokerError

INTERRUPTED = 130  # as a shell says it of Ctrl-C
_NO_TABLE = ("no such table", "no such column", "does not exist")
_FULL = ("disk is full", "No space left", "could not extend")


def end(error: BaseException) -> NoReturn:
    """End this process with the sentence for `error`; what has none is raised as it is."""
    if isinstance(error, KeyboardInterrupt):
        print("\nStopped. What was done so far stays; the command may be run again.", file=sys.stderr)  # noqa: T201
        sys.exit(INTERRUPTED)
    said = sentence(error)
    if not said:
        raise error
    sys.exit(f"{said}\n(With --traceback the command shows where it stopped.)")


def sentence(error: BaseException) -> str:
    """What is wrong and what to do about it; empty when nobody can say."""
    if isinstance(error, DatabaseError):
        return _of_database(str(error))
    if isinstance(error, (redis.RedisError, BrokerError)):
        return f"Redis does not answer: start it, and check REDIS_URL. It says: {_first_line(error)}"
    if isinstance(error, OSError):
        is_full = error.errno == errno.ENOSPC
        return "The disk is full: make room, then run the command again." if is_full else _of_file(error)
    return ""


def _of_database(words: str) -> str:
    if any(each in words for each in _FULL):
        return "The database has no room left on its disk: make room, then run the command again."
    if any(each in words for each in _NO_TABLE) and "database " not in words.partition("\n")[0]:
        return "The database is older than this release, or empty: run `manage.py upgrade`."
    if "locked" in words or "lock timeout" in words:
        return "Something else holds the database: look at what runs beside, then run the command again."
    return f"The database does not answer: start it, and check DATABASE_URL. It says: {_first_line(words)}"


def _of_file(error: OSError) -> str:
    return f"{error.filename} cannot be used: {error.strerror}." if error.filename else ""


def _first_line(error: object) -> str:
    return str(error).strip().partition("\n")[0]

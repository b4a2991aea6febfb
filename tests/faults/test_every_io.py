"""A worker dies before its first read, write or call, then before its second, and so on until it lives to its end.

What dying at random misses. The same with a database that fails at each statement, and a worker suspended at each.
"""

import os
import signal
import time
import uuid
from contextlib import suppress
from functools import partial
from itertools import count

import pytest
from django.db import OperationalError
from django.db import connection as database

from apps.operations import engine, registry, services
from tests import actions
from tests.faults import mortal
from tests.faults.mortal import Io
from tests.faults.test_crash_points import POLL, SUBMIT, once_or_asked

KINDS = ["domains.attach", "databases.create", "backups.restore"]


@pytest.fixture
def ask(world, service, owner, ovh):
    """Ask once more for the same kind of change, to something else where it makes something."""

    def asked(key, number):
        target, params = actions.make(key, ovh, service)
        if key == "domains.attach":
            params["domain"] = f"n{number}.example.com"
        elif key == "databases.create":
            params["user"] = f"{service.primary_login}n{number}"
            make_room(ovh.truth(service.name)["databases"])
        return services.request(
            registry.get(key), service=service, target=target, params=params, member=owner, key=uuid.uuid4().hex
        )

    return asked


def make_room(databases):
    """Of databases an offer has few: forget those made by this test."""
    for name in list(databases)[1:]:
        del databases[name]


@pytest.mark.fault(22)
@pytest.mark.parametrize("key", KINDS)
def test_a_sender_killed_before_any_of_its_ios_does_nothing_twice_and_loses_nothing(key, ask, ovh, world, carried_on):
    for nth in count(1):
        before, operation = actions.writes(ovh, key), ask(key, nth)

        died = mortal.died(mortal.run(SUBMIT, str(operation.pk), at=Io(nth), world=world))

        once_or_asked(carried_on(operation), ovh, before=before)
        if not died:
            break
    assert nth > 10, "it has fewer reads and writes than there are"


@pytest.mark.fault(22)
@pytest.mark.parametrize("key", KINDS)
def test_a_poller_killed_before_any_of_its_ios_does_nothing_twice_and_loses_nothing(
    key, ask, ovh, world, carried_on, time_passes
):
    for nth in count(1):
        before, operation = actions.writes(ovh, key), ask(key, nth)
        engine.submit(operation.pk)
        ovh.finish_tasks()
        time_passes(operation, minutes=10)

        died = mortal.died(mortal.run(POLL, operation.connection_id, at=Io(nth), world=world))

        once_or_asked(carried_on(operation), ovh, before=before)
        if not died:
            break
    assert nth > 10, "it has fewer reads and writes than there are"


@pytest.mark.fault(23)
def test_a_sender_suspended_before_any_of_its_ios_sends_nothing_twice(ask, ovh, world, carried_on):
    for nth in count(1):
        before, operation = actions.writes(ovh, "domains.attach"), ask("domains.attach", nth)
        place = Io(nth, is_free=True)
        process = mortal.run(SUBMIT, str(operation.pk), at=place, how=signal.SIGSTOP, world=world, call_s=0.3)
        if not mortal.is_stopped(process):
            break
        try:
            carried_on(operation)
            time.sleep(0.35)
        finally:
            os.kill(process.pid, signal.SIGCONT)

        assert not mortal.died(process)
        once_or_asked(carried_on(operation), ovh, before=before)
    assert nth > 5, "it has fewer reads and writes than there are"


@pytest.mark.fault(28)
@pytest.mark.parametrize("key", KINDS)
@pytest.mark.parametrize("step", ["submit", "poll"])
def test_a_database_that_fails_at_any_statement_leaves_nothing_half(key, step, ask, ovh, carried_on, time_passes):
    for nth in count(1):
        before, operation = actions.writes(ovh, key), ask(key, nth)
        if step == "poll":
            engine.submit(operation.pk)
            ovh.finish_tasks()
            time_passes(operation, minutes=10)

        work = (
            partial(engine.submit, operation.pk) if step == "submit" else partial(engine.poll, operation.connection_id)
        )

        failed = fails_at(nth, work)

        once_or_asked(carried_on(operation), ovh, before=before)
        if not failed:
            break
    assert nth > 8, "it has fewer statements than there are"


def fails_at(nth, work):
    """Do `work` with a database that goes away at the `nth` statement; whether it came to that."""
    seen, failed = count(1), []

    def lost(execute, sql, params, many, context):
        if next(seen) == nth:
            failed.append(sql)
            raise OperationalError
        return execute(sql, params, many, context)

    with database.execute_wrapper(lost), suppress(OperationalError):
        work()
    return bool(failed)

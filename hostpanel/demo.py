"""`python -m hostpanel.demo`: the whole panel on one machine against the sandbox, until Ctrl-C."""

import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from hostpanel import messages
from hostpanel.processes import (
    ROOT,
    CannotStart,
    Group,
    beat_command,
    redis_command,
    refuse_port_in_use,
    wait_for,
    web_command,
    worker_command,
)

BLOCK = """
  ┌────────────────────────────────────────────────────────────────────┐
  │  Hostpanel is ready:  {address:<45}│
  │                                                                    │
  │  Sign in as   owner     owner@hostpanel.test                       │
  │               operator  operator@hostpanel.test                    │
  │               viewer    viewer@hostpanel.test                      │
  │  Password     marelle-demo                                         │
  │                                                                    │
  │  The sandbox that stands for OVH:  {sandbox:<32}│
  │  Ctrl-C ends everything; the data stays. `make demo-reset` begins  │
  │  anew. Logs: {logs:<54}│
  └────────────────────────────────────────────────────────────────────┘
"""


def main() -> int:
    """Start, say so, wait, end. Exit status 1 with one sentence when something keeps it from starting."""
    options = _options()
    is_over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: is_over.set())
    group = Group(environment_of(options), options.data / "logs")
    try:
        _start(group, options)
        print(_block(group, options), flush=True)  # noqa: T201
        while not is_over.wait(1):
            group.refuse_dead()
    except CannotStart as reason:
        print(f"\n  {reason}\n", file=sys.stderr)  # noqa: T201
        return 1
    finally:
        group.stop()
    return 0


def _options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--sandbox-port", type=int, default=8001)
    parser.add_argument("--data", type=Path, default=ROOT / "var")
    parser.add_argument("--speed", type=float, default=1.0, help="how many times faster the sandbox's tasks run")
    parser.add_argument("--record", type=Path, help="write each call the sandbox answers to this file")
    parser.add_argument("--services", action="store_true", help="use DATABASE_URL and REDIS_URL of the environment")
    options = parser.parse_args()
    options.data = options.data.absolute()
    return options


def environment_of(options: Any) -> dict[str, str]:
    """What the processes are told; its keys are made once and kept in the data folder."""
    options.data.mkdir(parents=True, exist_ok=True)
    known = {
        "HOSTPANEL_MODE": "demo",
        "HOSTPANEL_DATA": str(options.data),
        "HOSTPANEL_ALLOWED_HOSTS": "127.0.0.1,localhost",
        "HOSTPANEL_DNS": f"127.0.0.1:{options.sandbox_port}",
        "HOSTPANEL_OVH_ENDPOINTS": f"sandbox=http://127.0.0.1:{options.sandbox_port}/1.0",
        "PYTHONUNBUFFERED": "1",
    }
    dropped = () if options.services else ("DATABASE_URL", "REDIS_URL")
    given = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**given, **_keys(options.data / "keys.json"), **known}


def _keys(file: Path) -> dict[str, str]:
    if not file.exists():
        made = {
            "HOSTPANEL_SECRET_KEY": secrets.token_urlsafe(60),
            "HOSTPANEL_SEAL_KEYS": Fernet.generate_key().decode(),
        }
        file.touch(mode=0o600)
        file.write_text(json.dumps(made), encoding="utf-8")
    keys: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return keys


def _start(group: Group, options: Any) -> None:
    """Each process when what it needs is there."""
    refuse_port_in_use(options.port, "the panel", "PORT")
    refuse_port_in_use(options.sandbox_port, "the sandbox", "SANDBOX_PORT")
    messages.compile_all()
    if not (options.services and os.environ.get("REDIS_URL")):
        group.start("redis", *redis_command(options.data / "redis"))
    group.start("sandbox", *sandbox_command(options))
    manage(group, "migrate", "--no-input", "-v0")
    manage(group, "createcachetable")
    manage(group, "collectstatic", "--no-input", "-v0")
    wait_for(f"http://127.0.0.1:{options.sandbox_port}/sandbox/accounts", seconds=20, group=group)
    manage(group, "seed_demo")
    group.start("worker", *worker_command("worker", "ticks,send,poll", 3))
    group.start("mirror", *worker_command("mirror", "look,mirror", 2))
    group.start("beat", *beat_command(options.data))
    group.start("web", *web_command(options.port))
    wait_for(f"http://127.0.0.1:{options.port}/health/live", seconds=30, group=group)


def sandbox_command(options: Any) -> list[str]:
    """The sandbox with the demo's world, kept in the data folder."""
    command = [sys.executable, "-m", "apps.sandbox", "--port", str(options.sandbox_port), "--world", "demo"]
    command += ["--state", str(options.data / "sandbox.json"), "--speed", str(options.speed)]
    return [*command, "--record", str(options.record)] if options.record else command


def manage(group: Group, *command: str) -> None:
    """One of Django's commands, to its end."""
    done = subprocess.run(  # noqa: S603  # our own commands
        [sys.executable, "manage.py", *command], cwd=ROOT, env=dict(group.environment), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        msg = f"`manage.py {command[0]}` failed: {last[0]}"
        raise CannotStart(msg)


def _block(group: Group, options: Any) -> str:
    return BLOCK.format(
        address=f"http://127.0.0.1:{options.port}/",
        sandbox=f"http://127.0.0.1:{options.sandbox_port}/",
        logs=os.path.relpath(group.logs),
    )


if __name__ == "__main__":
    sys.exit(main())

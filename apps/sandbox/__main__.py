"""`python -m apps.sandbox`: a simulated OVH API, until Ctrl-C or SIGTERM."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from apps.sandbox.server import serve


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--state", type=Path, help="the file everything is kept in, so that a restart goes on")
    parser.add_argument("--record", type=Path, help="a file each call is added to, as a JSON line")
    parser.add_argument("--speed", type=float, help="how many times faster tasks run")
    parser.add_argument("--world", default="demo", choices=["demo", "small", "empty"])


def run(host: str, port: int, state: Path | None, record: Path | None, speed: float | None, world: str) -> None:
    """Serve until a signal ends it."""
    running = serve(world=world, host=host, port=port, state=state, record=record, speed=speed)
    sys.stdout.write(f"The sandbox answers at {running.url}/1.0\n")
    sys.stdout.flush()
    is_over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: is_over.set())
    is_over.wait()
    running.stop()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    add_arguments(arguments)
    run(**vars(arguments.parse_args()))

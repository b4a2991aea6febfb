"""A demo to look at or to measure, and how one gets into it."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = "/usr/bin/chromium"


@contextmanager
def panel(url: str | None, speed: float = 1) -> Iterator[str]:
    """The address of a demo; one of our own when none is given."""
    if url:
        yield url
        return
    port, sandbox_port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as data:
        process = subprocess.Popen(
            [sys.executable, "-m", "hostpanel.demo", "--port", str(port), "--sandbox-port", str(sandbox_port),
             "--data", data, "--speed", str(speed)], cwd=ROOT, start_new_session=True,
        )  # fmt: skip
        with _ended(process):
            yield _live(port)


@contextmanager
def new_panel() -> Iterator[str]:
    """The address of a panel nobody has set up yet."""
    port = free_port()
    steps = f"$0 manage.py migrate -v0 && $0 manage.py createcachetable && exec $0 manage.py runserver {port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.environment", "sh", "-c", f"{steps} --noreload --insecure", sys.executable],
        cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with _ended(process):
        yield _live(port)


@contextmanager
def _ended(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """What `process` has started ends with it, whatever happens inside."""
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def _live(port: int) -> str:
    """The address of the panel at that port, once it answers."""
    wait_until_ready(f"http://127.0.0.1:{port}/health/live")
    return f"http://127.0.0.1:{port}"


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(url: str) -> None:
    """Until the panel answers; at most two minutes."""
    for _ in range(600):
        try:
            with urlopen(url, timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    sys.exit("The demo did not start.")


def sign_in(page: Page, url: str, who: str) -> None:
    """As one of the demo's people."""
    page.goto(f"{url}/auth/login/")
    page.fill("[name=login]", f"{who}@hostpanel.test")
    page.fill("[name=password]", "marelle-demo")
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/t/**")

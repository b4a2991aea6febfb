"""The whole panel as a user starts it: real processes, a real browser. Each process of a run has a panel of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError
from uuid import uuid4

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
SPEED = "8"


@pytest.fixture(scope="session")
def browser_type_launch_args():
    if not Path(CHROMIUM).exists():
        sentence = "Chromium is not installed; on Debian and Ubuntu: apt install chromium"
        if os.environ.get("HOSTPANEL_REQUIRE_BROWSER"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox"]}


@pytest.fixture
def page(browser):
    """A window of its own, in English."""
    context = browser.new_context(locale="en")
    yield context.new_page()
    context.close()


class Panel:
    """A demo that runs: its address, its sandbox, where its calls are recorded."""

    def __init__(self, data):
        self.data = data
        self.port, self.sandbox_port = _free_port(), _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.record = data / "calls.jsonl"

    def control(self, verb, name, **given):
        body = json.dumps(given).encode() if given else None
        url = f"http://127.0.0.1:{self.sandbox_port}/sandbox/{name}"
        with urllib.request.urlopen(urllib.request.Request(url, body, method=verb)) as answer:
            return json.load(answer)

    def sign_in(self, page, who="owner"):
        page.goto(f"{self.url}/auth/login/")
        page.fill("[name=login]", f"{who}@hostpanel.test")
        page.fill("[name=password]", "marelle-demo")
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/t/marelle/")


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def panel():
    """`python -m hostpanel.demo` in a folder of its own; on a database of its own where DATABASE_URL is set."""
    data = Path(tempfile.mkdtemp(prefix="hostpanel-panel-"))
    running = Panel(data)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HOSTPANEL_")}
    command = [
        sys.executable, "-m", "hostpanel.demo", "--port", str(running.port), "--data", str(data), "--speed", SPEED,
        "--sandbox-port", str(running.sandbox_port), "--record", str(running.record),
    ]  # fmt: skip
    url = os.environ.get("DATABASE_URL")
    name = f"hostpanel_panel_{uuid4().hex[:8]}"
    if url:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{name}"')
        environment |= {"DATABASE_URL": f"{url.rpartition('/')[0]}/{name}"}
        command.append("--services")
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    _wait_until_ready(running.url, process)
    running.control("POST", "settings", cancel_percent=0)  # the demo's OVH cancels a task now and then
    yield running
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(30)
    if url:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    shutil.rmtree(data, ignore_errors=True)


def _wait_until_ready(url, process):
    ends = time.monotonic() + 120
    while time.monotonic() < ends:
        assert process.poll() is None, "the demo ended by itself"
        try:
            with urllib.request.urlopen(f"{url}/health/ready", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    pytest.fail("the demo was not ready in two minutes")

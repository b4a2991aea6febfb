"""A whole panel of real processes, for what cannot be seen in one: chaos, figures, and the tests of faults.

The sandbox or another stand-in for OVH's API, Redis, workers, beat and web servers, each a process of its own that can
be killed, suspended and started again; its pages used as a person does.
"""

import argparse
import json
import os
import re
import signal
import sys
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

from urllib3.filepost import encode_multipart_formdata

from hostpanel import demo
from hostpanel.processes import Group, beat_command, redis_command, wait_for, web_command, worker_command
from scripts.demo import free_port

ALL_QUEUES = "ticks,send,poll,look,mirror"
FORM = "application/x-www-form-urlencoded"
OWNER, PASSWORD = "owner@hostpanel.test", "marelle-demo"


def end_when_told() -> None:
    """On SIGTERM end as an error does, so that what was started is stopped."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


class House:
    """The processes of one panel in `folder`.

    `services`: on DATABASE_URL and REDIS_URL of the environment. `CHAOS_API` in the environment: the address of another
    implementation of the API, with the sandbox's controls under `/sandbox/`.
    """

    def __init__(self, folder: Path, *, speed: float = 1.0, world: str = "demo", services: bool = False) -> None:
        self.folder, self.world = folder, world
        self.port, self.api_port = free_port(), free_port()
        self.options = argparse.Namespace(
            data=folder, port=self.port, sandbox_port=self.api_port, speed=speed, record=None, services=services
        )
        self.environment = demo.environment_of(self.options)
        self.has_own_redis = not (services and os.environ.get("REDIS_URL"))
        self.group = Group(self.environment, folder / "logs")
        self.api = os.environ.get("CHAOS_API") or f"http://127.0.0.1:{self.api_port}"
        self.url = f"http://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """The stand-in for OVH, Redis, and a database with its tables."""
        if os.environ.get("CHAOS_API"):
            self.environment["HOSTPANEL_OVH_ENDPOINTS"] = f"sandbox={self.api}/1.0"
        else:
            self.start_sandbox()
        self.start_redis()
        for command in (["migrate", "--no-input", "-v0"], ["createcachetable"], ["collectstatic", "--no-input", "-v0"]):
            demo.manage(self.group, *command)
        self.wait_for_api()

    def start_demo(self) -> None:
        """All of it, with the demo's team and accounts, two workers for everything, beat and the web."""
        self.prepare()
        demo.manage(self.group, "seed_demo")
        for name in ("worker-1", "worker-2"):
            self.start_worker(name)
        self.start_beat()
        self.start_web()

    def start_sandbox(self) -> None:
        """The sandbox; its state is kept in the folder."""
        command = demo.sandbox_command(self.options)
        command[command.index("--world") + 1] = self.world
        self.group.start("sandbox", *command)

    def wait_for_api(self) -> None:
        """Until OVH's stand-in answers."""
        wait_for(f"{self.api}/sandbox/accounts", seconds=30, group=self.group)

    def start_redis(self) -> None:
        """A Redis that remembers nothing, as after a restart."""
        if self.has_own_redis:
            self.group.start("redis", *redis_command(self.folder / "redis"))

    def start_worker(self, name: str, queues: str = ALL_QUEUES, concurrency: int = 2) -> None:
        """A Celery worker."""
        self.group.start(name, *worker_command(name, queues, concurrency))

    def start_beat(self, name: str = "beat") -> None:
        """The clock that makes the ticks; each has a folder of its own."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        self.group.start(name, *beat_command(folder))

    def start_web(self) -> None:
        """The web server; waits until it answers."""
        self.group.start("web", *web_command(self.port))
        wait_for(f"{self.url}/health/live", seconds=30, group=self.group)

    def start_again(self, name: str) -> None:
        """Start what has been killed."""
        {"sandbox": self.start_sandbox, "redis": self.start_redis, "beat": self.start_beat, "web": self.start_web}.get(
            name, lambda: self.start_worker(name)
        )()

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to one of them and all it has started."""
        os.killpg(self.group.running[name].pid, number)

    def control(self, verb: str, name: str, **given: Any) -> Any:
        """One of the controls of OVH's stand-in."""
        request = Request(f"{self.api}/sandbox/{name}", json.dumps(given).encode() if given else None, method=verb)
        with urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def use_database(self) -> None:
        """The same database in this process, to see what the panel has. For scripts: once a process."""
        os.environ.update(self.environment)
        import django

        django.setup()


class Visitor:
    """A person with a browser, without the browser."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def sign_in(self, email: str = OWNER, password: str = PASSWORD) -> None:
        """As the demo's owner, unless told otherwise."""
        self.post("/auth/login/", {"login": email, "password": password})

    def get(self, path: str) -> tuple[int, str]:
        """(status, text) of a page."""
        try:
            with self.opener.open(self.url + path, timeout=30) as answer:
                return int(answer.status), str(answer.read().decode())
        except HTTPError as refused:
            return refused.code, refused.read().decode(errors="replace")

    def post(self, path: str, form: dict[str, Any], files: dict[str, tuple[str, bytes]] | None = None) -> int:
        """Send the form of that page, with `files` (field → name and content) if there are any.

        The status where it led to. Raises OSError when nobody answers.
        """
        _status, page = self.get(path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        given = {"csrfmiddlewaretoken": token[1] if token else "", **form}
        body, kind = encode_multipart_formdata({**given, **files}) if files else (urlencode(given).encode(), FORM)
        request = Request(self.url + path, body, {"Referer": self.url + path, "Content-Type": kind})
        try:
            with self.opener.open(request, timeout=30) as answer:
                return int(answer.status)
        except HTTPError as refused:
            return refused.code

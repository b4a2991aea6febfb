"""The services of docker-compose.yml as plain processes: the same commands, the same environment, no containers.

Only addresses and folders are others; what a container would not be given, these are not given either.
"""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from email.message import Message
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg
import yaml

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = ROOT / "docker-compose.yml"
DOMAIN = "panel.example.com"
PROGRAMS = ("python", "gunicorn", "celery")


def services() -> dict[str, Any]:
    """The compose file, as it is read."""
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Deployment:
    """Starts services of the compose file on this machine. `server`: a PostgreSQL address to make a database on."""

    def __init__(self, folder: Path, server: str) -> None:
        self.folder, self.server = folder, server
        self.services = services()
        self.redis_port, self.sandbox_port = free_port(), free_port()
        self.database = f"hostpanel_deployment_{os.getpid()}"
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.visitor: Visitor | None = None
        self.ports: dict[str, int] = {}

    def prepare(self) -> None:
        """What is there before the first service: a database, secrets, the sandbox, the files of the image."""
        for statement in (f"DROP DATABASE IF EXISTS {self.database}", f"CREATE DATABASE {self.database}"):
            self._on_server(statement)
        subprocess.run([ROOT / "deploy/make-secrets", self.folder / "secrets"], check=True, stdout=subprocess.DEVNULL)
        self._start("sandbox", [
            sys.executable, "-m", "apps.sandbox", "--port", str(self.sandbox_port), "--world", "small", "--speed", "20",
        ], self._plain())  # fmt: skip
        (redis_,) = [self.services["redis"]["command"]]
        line = redis_[2].replace("$$", "$").replace("/run/secrets", str(self.folder / "secrets"))
        line = line.replace("exec redis-server -", f"exec redis-server --port {self.redis_port} --bind 127.0.0.1 -")
        self._start("redis", [redis_[0], redis_[1], line], self._plain())
        self.run(["python", "manage.py", "collectstatic", "--no-input", "-v0"])

    def start(self, service: str, name: str = "") -> "subprocess.Popen[bytes]":
        """One more of `service`."""
        name = name or service
        command = self._here(name, self.services[service]["command"])
        return self._start(name, command, self.environment(service))

    def health(self, service: str, name: str = "") -> tuple[int, str]:
        """The health check of the compose file, as docker would run it: its exit status."""
        test = self._here(name or service, self.services[service]["healthcheck"]["test"][1:])
        if self.services[service]["healthcheck"]["test"][0] == "CMD-SHELL":
            test = ["sh", "-c", f"{Path(sys.executable).parent}/{test[0]}"]
        ended = subprocess.run(
            test, env=self.environment(service) | {"HOSTNAME": socket.gethostname()}, cwd=ROOT, capture_output=True,
            text=True, check=False, timeout=60,
        )  # fmt: skip
        return ended.returncode, ended.stdout + ended.stderr

    def run(self, command: list[str], service: str = "web", stdin: str | None = None, **more: str) -> str:
        """A command to its end, in the environment of a service and with `more`; its output."""
        ended = subprocess.run(
            self._here(service, command), env=self.environment(service) | more, cwd=ROOT, capture_output=True,
            text=True, check=False, input=stdin,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def environment(self, service: str) -> dict[str, str]:
        """What the compose file gives it, with addresses and folders of this machine, and nothing else."""
        given = {name: self._value(value) for name, value in self.services[service]["environment"].items()}
        url = urlsplit(self.server)
        given["DATABASE_URL"] = url._replace(path=f"/{self.database}").geturl()
        if url.password:
            given.pop("DATABASE_PASSWORD_FILE")
        given["REDIS_URL"] = given["REDIS_URL"].replace("redis:6379", f"127.0.0.1:{self.redis_port}")
        mine = {
            "HOSTPANEL_DATA": str(self.folder),
            "HOSTPANEL_OVH_ENDPOINTS": f"sandbox=http://127.0.0.1:{self.sandbox_port}/1.0",
            "HOSTPANEL_PROBE": "off",
        }
        return self._plain() | given | mine

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the panel's database."""
        url = urlsplit(self.server)._replace(path=f"/{self.database}").geturl()
        with psycopg.connect(url) as connection:
            return connection.execute(query).fetchall()

    def sandbox(self, name: str) -> Any:
        """One of the sandbox's controls."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.sandbox_port, timeout=10)) as connection:
            connection.request("GET", f"/sandbox/{name}")
            return json.load(connection.getresponse())

    def terminate(self, names: list[str], within_s: float) -> dict[str, tuple[int, float]]:
        """SIGTERM to all of them at once: {name: (exit status, seconds it took)}."""
        began = time.monotonic()
        for name in names:
            self.running[name].send_signal(signal.SIGTERM)
        ended = {}
        for name in names:
            status = self.running[name].wait(max(within_s - (time.monotonic() - began), 0.1))
            ended[name] = (status, time.monotonic() - began)
            del self.running[name]
        return ended

    def stop(self) -> None:
        """End what is left, and remove the database."""
        for process in reversed(self.running.values()):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # a shell alone would leave its Redis behind
            process.wait()
        self._on_server(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def _start(self, name: str, command: list[str], environment: dict[str, str]) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        return self.running[name]

    def _here(self, name: str, command: list[str]) -> list[str]:
        """A command of the compose file with this machine's programs, ports and folders."""
        port = str(self.ports.setdefault(name, free_port()))
        changed = [
            part.replace("0.0.0.0:8000", f"127.0.0.1:{port}")
            .replace("127.0.0.1:8000/", f"127.0.0.1:{port}/")
            .replace("@%h", f"@%h-{name}")
            .replace("@$$HOSTNAME", f"@$HOSTNAME-{name}")
            for part in command
        ]
        scratch = "/tmp/"  # noqa: S108  # what the container has there
        changed = [part.replace(scratch, f"{self.folder}/", part.startswith(scratch + "beat")) for part in changed]
        if changed[0] in PROGRAMS:
            changed[0] = str(Path(sys.executable).parent / changed[0])
        return changed

    def _value(self, text: str) -> str:
        text = re.sub(r"\$\{HOSTPANEL_DOMAIN[^}]*\}", DOMAIN, text)
        text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)
        return text.replace("/run/secrets", str(self.folder / "secrets"))

    def _plain(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "PYTHONUNBUFFERED": "1", "LANG": "C.UTF-8"}

    def _on_server(self, statement: str) -> None:
        url = urlsplit(self.server)._replace(path="/postgres").geturl()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)


class Visitor:
    """A browser behind the proxy: it speaks to a web process as Caddy would."""

    def __init__(self, ports: list[int]) -> None:
        self.ports, self.asked = ports, 0
        self.cookies: dict[str, str] = {}
        self.headers: dict[str, str] = {}

    def ask(self, method: str, path: str, form: dict[str, Any] | None = None) -> tuple[int, str, Message]:
        """(status, text, headers); each request goes to the next web process."""
        self.asked += 1
        body = urlencode(form) if form is not None else None
        headers = {
            "Host": DOMAIN, "X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https",
            "Referer": f"https://{DOMAIN}{path}", "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }  # fmt: skip
        port = self.ports[self.asked % len(self.ports)]
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            connection.request(method, path, body, headers | self.headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        for value in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(value).items()}
        return answer.status, text, answer.headers

    def post(self, path: str, form: dict[str, Any], *, page: str | None = None) -> tuple[int, str, Message]:
        """Fill a form in, as the page at `page` has it."""
        _status, text, _headers = self.ask("GET", page or path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
        return self.ask("POST", path, {"csrfmiddlewaretoken": token[1] if token else "", **form})

    def sign_in(self, email: str, password: str) -> int:
        return self.post("/auth/login/", {"login": email, "password": password})[0]


def docker() -> str:
    """The docker program that knows compose; empty when there is none."""
    program = shutil.which("docker")
    if not program:
        return ""
    said = subprocess.run([program, "compose", "version"], capture_output=True, check=False)
    return program if said.returncode == 0 else ""

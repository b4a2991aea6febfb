"""What is deployed: the compose file, the units, and that what they start works together."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
import uuid
from pathlib import Path

import pytest
import yaml

from hostpanel import environment
from tests.deployment import COMPOSE, ROOT, Deployment, Visitor, docker, services

UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))
OURS = ("migrate", "web", "worker", "mirror", "beat")
PASSWORD = "a-password-of-the-tests"
SETUP = """
import json, sys
from apps.connections.models import Connection
from apps.connections.services import Asking, create, look
from apps.ovhapi.client import Credentials
from apps.teams.models import Membership, Role, Team, User
account, password = json.loads(sys.stdin.readline())
user = User.objects.create_user("owner@panel.example.com", password, name="Olive Owner")
team = Team.objects.create(name="Acme", slug="acme")
owner = Membership.objects.create(team=team, user=user, role=Role.OWNER)
names = ("application_key", "application_secret", "consumer_key")
credentials = Credentials(endpoint="sandbox", **{name: account[name] for name in names})
made = create(Asking(member=owner), name="Brasserie", credentials=credentials, verified=look(credentials))
Connection.objects.filter(pk=made.pk).update(rate_per_minute=1200)
"""


@pytest.mark.parametrize(
    ("file", "kind"), [(COMPOSE, "compose-spec"), (ROOT / ".github/workflows/ci.yml", "github-workflows")]
)
def test_what_others_read_is_as_they_read_it(file, kind):
    program = Path(sys.executable).parent / "check-jsonschema"

    ended = subprocess.run(
        [program, "--builtin-schema", f"vendor.{kind}", file], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stdout


def test_docker_takes_it():
    if not docker():
        pytest.skip("docker compose is not installed")

    ended = subprocess.run(
        [docker(), "compose", "-f", COMPOSE, "config", "--quiet"],
        env=os.environ | {"HOSTPANEL_DOMAIN": "panel.example.com"}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("name", OURS)
def test_the_panels_own_services_are_shut_in(name):
    service = services()[name]

    assert int(service["stop_grace_period"].removesuffix("s")) > 60
    assert not any("password" in str(value).lower() for value in service["environment"].values() if ":" in str(value))


@pytest.mark.parametrize("name", [*OURS, "db", "redis", "proxy"])
def test_every_service_comes_back_by_itself_and_names_its_image(name):
    service = services()[name]

    assert service["restart"].startswith("on-failure" if name == "migrate" else "unless-stopped")
    assert name in ("migrate", "proxy") or service["healthcheck"]["test"]


def test_every_secret_of_the_compose_file_is_made_by_the_script(tmp_path):
    made = subprocess.run([ROOT / "deploy/make-secrets", tmp_path / "s"], capture_output=True, text=True, check=True)
    again = subprocess.run([ROOT / "deploy/make-secrets", tmp_path / "s"], capture_output=True, text=True, check=True)

    named = {Path(each["file"]).name for each in yaml.safe_load(COMPOSE.read_text())["secrets"].values()}
    assert {each.name for each in (tmp_path / "s").iterdir()} == named
    assert made.stdout.count("made") == again.stdout.count("kept") == len(named)
    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", [*OURS, "db", "redis", "proxy"])
def test_no_service_can_take_the_machine_down(name):
    service = services()[name]

    assert service["logging"]["options"]["max-size"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "latest" not in service["image"]
    # PostgreSQL takes what the machine can spare; migrations come once.
    assert name in {"db", "migrate"} or service["mem_limit"]


def test_nothing_but_the_proxy_runs_as_root():
    """The proxy opens ports 80 and 443; the panel's own user is the image's."""
    roots = {
        name for name, each in services().items() if not each.get("user") and not each["image"].startswith("hostpanel")
    }

    assert roots == {"proxy"}
    assert "\nUSER 10001:10001\n" in (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_one_the_panel_reads(name):
    known = Path(environment.__file__).read_text()

    for variable in services()[name]["environment"]:
        assert f'"{variable.removesuffix("_FILE")}"' in known


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_the_same_command_as_the_compose_file(unit):
    (line,) = re.findall(r"^ExecStart=/opt/hostpanel/\.venv/bin/(.*)$", unit.read_text(), re.MULTILINE)
    service = re.sub(r"^hostpanel-|@?\.service$", "", unit.name)

    def bare(words):
        """Without what may differ: where it listens, where beat keeps its file, the number of the worker."""
        return [word for word in words if not re.match(r"^[\d.]+:8000$|.*beat-schedule$|^\w+@%", word)]

    told = [word.replace("%i@%%h", "@%h") for word in shlex.split(line)]
    assert bare(told) == bare(services()[service]["command"])


def test_systemd_takes_the_units(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed")
    for unit in [*UNITS, ROOT / "deploy/systemd/hostpanel.target"]:
        text = unit.read_text().replace("/opt/hostpanel/.venv/bin", str(Path(sys.executable).parent))
        text = re.sub(r"^(User|Group)=hostpanel$", r"\1=root", text, flags=re.MULTILINE)
        (tmp_path / unit.name).write_text(text.replace("/opt/hostpanel", str(ROOT)))
    names = ["hostpanel.target", *(unit.name.replace("@.", "@1.") for unit in UNITS)]

    ended = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *(tmp_path / name for name in names)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_image_holds_what_runs():
    copied = set(re.findall(r"^COPY (?!--from)(.+?) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    paths = {path for line in copied for path in line.split()}
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert paths == let_in
    assert all((ROOT / path).exists() for path in paths)


def test_the_files_of_the_image_are_collected_as_it_says(tmp_path):
    """The line of the Dockerfile, without a container."""
    (line,) = re.findall(r"(HOSTPANEL_MODE=\S+ .*?) \\\n\s+/venv/bin/python (manage.py collectstatic [^\n]*?) \\\n",
                         (ROOT / "Dockerfile").read_text(), re.DOTALL)  # fmt: skip
    given = dict(part.split("=", 1) for part in line[0].split())
    plain = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "HOSTPANEL_DATA": str(tmp_path)}

    ended = subprocess.run(
        [sys.executable, *line[1].split()], env=plain | given, cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "static/staticfiles.json").exists()


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    """Two web processes, two workers, a mirror worker and beat, on PostgreSQL and a Redis with a password."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgresql") or not shutil.which("redis-server"):
        pytest.skip("needs PostgreSQL in DATABASE_URL and redis-server: make test-services")
    made = Deployment(tmp_path_factory.mktemp("deployment"), server)
    try:
        made.prepare()
        assert made.start("migrate").wait(120) == 0, made.log("migrate")
        start(made)
        made.visitor = Visitor([made.ports["web-1"], made.ports["web-2"]])
        until(lambda: is_ready(made), 90, lambda: made.visitor.ask("GET", "/health/ready")[1])
        account = made.sandbox("accounts")[0]
        made.run(["python", "manage.py", "shell", "-v0", "-c", SETUP], stdin=json.dumps([account, PASSWORD]))
        assert "finished" in made.run(["python", "manage.py", "sync", "--no-progress"])
        assert made.visitor.sign_in("owner@panel.example.com", PASSWORD) == 302
        yield made
    finally:
        made.stop()


RUNNING = {
    "web-1": "web",
    "web-2": "web",
    "worker-1": "worker",
    "worker-2": "worker",
    "mirror-1": "mirror",
    "beat": "beat",
}


def start(made):
    for name, service in RUNNING.items():
        made.start(service, name)


def is_ready(made):
    try:
        return made.visitor.ask("GET", "/health/ready")[0] == 200
    except OSError:
        return False


def ask(made, address, **form):
    """A change, asked for as a person does it; over one web process after the other."""
    service = made.sandbox("accounts")[0]["services"][made.visitor.asked % 2]
    key = uuid.uuid4().hex
    assert made.visitor.post(f"/t/acme/services/{service}/{address}", {"key": key, **form})[0] == 302
    return key


def attach(made):
    return ask(made, "domains/attach/", domain=f"new-{uuid.uuid4().hex[:8]}.example.com", path="www", ssl="on")


def states_of(made, keys):
    return {row[0] for row in made.sql("SELECT state, key FROM operations_operation") if row[1] in keys}


def until_done(made, keys):
    until(lambda: states_of(made, keys) == {"succeeded"}, 90, lambda: str(states_of(made, keys)))


def until(is_so, seconds, what):
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, what() if callable(what) else what
        time.sleep(0.25)


@pytest.mark.worker
@pytest.mark.xdist_group("deployment")
class TestDeployed:
    """Whatever one of them stops, it starts again."""

    @pytest.mark.parametrize(
        ("service", "name"), [("web", "web-1"), ("worker", "worker-2"), ("mirror", "mirror-1"), ("beat", "beat")]
    )
    def test_the_health_checks_pass(self, deployed, service, name):
        status, said = deployed.health(service, name)

        assert status == 0, said

    def test_changes_go_through_over_both_web_processes(self, deployed):
        keys = [ask(deployed, "rename/", displayName="Renamed"), attach(deployed), attach(deployed), attach(deployed)]

        until_done(deployed, keys)

        assert {effect["method"] for effect in deployed.sandbox("effects")} >= {"PUT", "POST"}

    def test_the_doctor_finds_nothing_wrong(self, deployed):
        said = deployed.run(["python", "manage.py", "doctor"])

        assert "!!" not in said
        assert "acme/Brasserie" in said

    def test_the_figures_agree_whichever_process_is_asked(self, deployed):
        until_done(deployed, [attach(deployed)])
        token = (deployed.folder / "secrets/metrics_token").read_text()

        def figures(name):
            url = f"http://127.0.0.1:{deployed.ports[name]}/metrics"
            request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
            with urllib.request.urlopen(request) as answer:
                text = answer.read().decode()
            return sorted(line for line in text.splitlines() if line.startswith("hostpanel_operations_finished_total"))

        assert figures("web-1") == figures("web-2")
        assert any('state="succeeded"' in line for line in figures("web-1"))

    def test_logs_are_json_and_hold_the_request_that_asked(self, deployed):
        keys = [attach(deployed) for _ in range(4)]
        until_done(deployed, keys)

        lines = [json.loads(line) for line in (deployed.log("web-1") + deployed.log("web-2")).splitlines()]
        asked = {line["request_id"] for line in lines if line["event"] == "operation asked for"}
        worked = deployed.log("worker-1") + deployed.log("worker-2")
        calls = [json.loads(line) for line in worked.splitlines() if '"ovh call"' in line]
        assert len(asked) >= 4
        assert {line.get("request_id") for line in calls} & asked
        assert all(line["operation"] and line["query_id"] for line in calls if line["method"] != "GET")
        assert PASSWORD not in worked + deployed.log("web-1") + deployed.log("web-2")

    @pytest.mark.parametrize(
        ("names", "check", "todo"),
        [
            (["beat"], "beat", "start `celery -A hostpanel beat`"),
            (["worker-1", "worker-2"], "workers", "no worker does them"),
        ],
    )
    def test_who_goes_deaf_is_seen_within_half_a_minute_and_so_is_their_return(self, deployed, names, check, todo):
        visitor = Visitor([deployed.ports["web-1"]])

        def seen():
            return json.loads(visitor.ask("GET", "/health/ready")[1])["checks"][check]

        until(lambda: seen()["ok"], 30, lambda: str(seen()))
        for name in names:
            os.killpg(deployed.running[name].pid, signal.SIGSTOP)
        try:
            until(lambda: not seen()["ok"], 30, "nobody saw it")
            assert todo in seen()["todo"]
        finally:
            for name in names:
                os.killpg(deployed.running[name].pid, signal.SIGCONT)
        until(lambda: seen()["ok"], 30, lambda: str(seen()))

    def test_a_redis_that_is_gone_is_said_and_pages_still_answer(self, deployed):
        visitor = deployed.visitor
        redis = deployed.running["redis"]
        os.killpg(redis.pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            status, text, _headers = visitor.ask("GET", "/health/ready")
            assert status == 503
            assert "check REDIS_URL" in json.loads(text)["checks"]["redis"]["todo"]
            assert visitor.ask("GET", "/t/acme/")[0] == 200
            assert visitor.ask("GET", "/health/live")[0] == 200
            assert time.monotonic() - began < 10
        finally:
            os.killpg(redis.pid, signal.SIGCONT)
        until(lambda: visitor.ask("GET", "/health/ready")[0] == 200, 60, lambda: visitor.ask("GET", "/health/ready")[1])

    def test_all_end_in_time_leave_nothing_half_sent_and_go_on_after_a_start(self, deployed):
        keys = [attach(deployed) for _ in range(6)]

        ended = deployed.terminate(RUNNING, within_s=60)

        assert all(status == 0 for status, _took in ended.values()), ended
        assert max(took for _status, took in ended.values()) < 60
        assert "sending" not in states_of(deployed, keys)
        start(deployed)
        until_done(deployed, keys)
        until(lambda: is_ready(deployed), 60, lambda: deployed.visitor.ask("GET", "/health/ready")[1])

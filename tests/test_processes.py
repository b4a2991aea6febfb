"""Starting the panel: what keeps it from starting is said in one sentence, and everything ends together."""

import os
import socket
import subprocess
import sys
import time

import pytest

from hostpanel.processes import CannotStart, Group, redis_command, refuse_port_in_use, wait_for


@pytest.fixture
def group(tmp_path):
    made = Group(dict(os.environ), tmp_path / "logs")
    yield made
    made.stop()


def test_a_port_in_use_is_said_with_the_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(CannotStart, match=f"Port {port} for the panel is in use; choose another: make demo PORT="):
            refuse_port_in_use(port, "the panel", "PORT")


def test_a_process_that_ends_by_itself_is_named_with_its_log(group):
    group.start("web", sys.executable, "-c", "print('last words')")

    with pytest.raises(CannotStart, match=r"web ended by itself; its last words are in .*web\.log"):
        wait_for("http://127.0.0.1:9/", seconds=10, group=group)

    assert (group.logs / "web.log").read_text() == "last words\n"


CHILD = "import time; time.sleep(60)"
PARENT = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}])
print(child.pid, flush=True)
time.sleep(60)
"""


def test_all_end_together_with_what_they_started(group):
    group.start("parent", sys.executable, "-c", PARENT)
    log = group.logs / "parent.log"
    while not log.read_text().strip():
        time.sleep(0.05)
    child = int(log.read_text())
    assert is_running(child)

    group.stop()

    assert not is_running(child)


def is_running(pid):
    """Whether a process is there and not merely unburied."""
    said = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(said.strip()) and not said.startswith("Z")


def test_redis_listens_on_a_socket_nobody_else_can_open(tmp_path):
    command = redis_command(tmp_path / "redis")

    assert command[command.index("--port") + 1] == "0"
    assert (tmp_path / "redis").stat().st_mode & 0o777 == 0o700

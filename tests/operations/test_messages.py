"""Messages to workers: ids only, names that stay, no long countdown."""

import inspect
import re
from pathlib import Path

import pytest
from celery import current_app

ROOT = Path(__file__).parents[2]
NAMES = {
    "connections.check", "connections.check_due", "inventory.refresh_service", "inventory.sync", "inventory.sync_due",
    "operations.poll", "operations.submit", "operations.tick",
}  # fmt: skip


def ours():
    current_app.loader.import_default_modules()
    return {name: task for name, task in current_app.tasks.items() if not name.startswith("celery.")}


@pytest.mark.fault(35)
def test_the_names_an_older_release_sends_are_known():
    assert ours().keys() >= NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_task_takes_ids_alone(name):
    parameters = inspect.signature(ours()[name].run).parameters.values()

    assert all(parameter.annotation in (int, str) and parameter.name.endswith("_id") for parameter in parameters)


def test_no_task_waits_inside_the_broker():
    sources = [path.read_text() for room in ("apps", "hostpanel") for path in (ROOT / room).rglob("*.py")]

    assert not [source for source in sources if re.search(r"countdown=|\beta=|\.retry\(|apply_async", source)]

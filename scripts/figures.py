"""Measure what running the panel takes, on PostgreSQL and Redis: `python -m scripts.figures postgresql://… [--rows N]`.

The services of docker-compose.yml run as plain processes. Prints one JSON object, also when it is
broken off. Nothing else should run beside it.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.deployment import Deployment, Visitor
from tests.upkeep.test_deployment import PASSWORD, SETUP

SERVICES = [("web", "web"), ("worker", "worker"), ("mirror", "mirror"), ("beat", "beat")]
IDLE_S = 30
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
TIMES = 30
FILL = """
INSERT INTO operations_operation (id, team_id, connection_id, service_id, action, target, label, params, sealed, key,
    conflict_key, is_held, state, requested_by_id, is_panels, requested_at, sent_at, accepted_at, finished_at, next_at,
    epoch, attempts, looks, task_id, task_status, query_id, waiting, reason, ovh_message, decided, result, version,
    changed_at)
SELECT gen_random_uuid(), {team}, {connection}, s.ids[1 + n % array_length(s.ids, 1)],
    (ARRAY['databases.create', 'domains.attach', 'backups.create', 'hostings.rename', 'ftpusers.password'])[1 + n % 5],
    '{{"name": "shop.mysql.db"}}', 'site' || n % 5000 || '.example.com',
    '{{"domain": "site.example.com", "path": "www"}}',
    '', 'figures-' || n, '', false, CASE WHEN n % 25 = 0 THEN 'failed' ELSE 'succeeded' END, {user}, false,
    t.at, t.at, t.at, t.at + interval '1 minute', NULL, 1, 1, 0, n, 'done', 'EU.ext-4.6560a1b2.12345.abcdef', '',
    CASE WHEN n % 25 = 0 THEN 'refused' ELSE '' END, '', '', '{{}}', 5, t.at
FROM generate_series(1, {rows}) n,
    LATERAL (SELECT now() - n * interval '700 days' / {rows} AS at) t,
    (SELECT array_agg(id) AS ids FROM inventory_service) s
"""
STEPS = """
INSERT INTO operations_event (operation_id, at, kind, details)
SELECT id, requested_at + k * interval '10 seconds', (ARRAY['asked', 'sending', 'accepted', 'checked'])[k], '{}'
FROM operations_operation, generate_series(1, 4) k ORDER BY requested_at, k
"""
SIZES = """
SELECT relname, pg_total_relation_size(oid), pg_indexes_size(oid) FROM pg_class
WHERE relkind = 'r' AND relname IN ('operations_operation', 'operations_event', 'audit_entry', 'inventory_service')
"""


def main() -> None:
    """All of it, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server", help="a PostgreSQL address; a database of its own is made there and dropped")
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hostpanel-figures-") as folder:
        deployed = Deployment(Path(folder), options.server)
        found: dict[str, Any] = {}
        try:
            deployed.prepare()
            _measure(deployed, options.rows, found)
        finally:
            print(json.dumps(found, indent=1))  # what is known when it is broken off, too
            deployed.stop()


def _measure(deployed: Deployment, rows: int, found: dict[str, Any]) -> None:
    found |= {"machine": f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", "rows": rows}
    began = time.monotonic()
    deployed.start("migrate").wait(300)
    found["migrate_s"] = round(time.monotonic() - began, 1)
    found["start_s"] = _start(deployed)
    account = deployed.sandbox("accounts")[0]
    deployed.run(["python", "manage.py", "shell", "-v0", "-c", SETUP], stdin=json.dumps([account, PASSWORD]))
    deployed.run(["python", "manage.py", "sync", "--no-progress"])
    found["idle"] = _at_work(deployed, lambda: time.sleep(IDLE_S))
    found["empty_database_mb"] = _megabytes(deployed.sql(_size(deployed))[0][0])
    found["fill_s"] = _fill(deployed, rows)
    found["database_mb"] = _megabytes(deployed.sql(_size(deployed))[0][0])
    found["tables_mb"] = {name: [_megabytes(all_), _megabytes(index)] for name, all_, index in deployed.sql(SIZES)}
    found["busy"] = _at_work(deployed, lambda: found.update(pages_ms=_pages(deployed)))
    found["commands_s"] = _commands(deployed)
    found["load_at_the_end"] = round(os.getloadavg()[0], 1)


def _start(deployed: Deployment) -> dict[str, float]:
    """Seconds from the start of each process to its first sign of work."""
    took = {}
    for service, name in SERVICES:
        began = time.monotonic()
        deployed.start(service, name)
        while not _is_up(deployed, service, name):
            time.sleep(0.05)
        if service != "beat":  # it says nothing until its first tick
            took[name] = round(time.monotonic() - began, 1)
    return took


def _is_up(deployed: Deployment, service: str, name: str) -> bool:
    if service == "web":
        with suppress(OSError):
            return bool(Visitor([deployed.ports[name]]).ask("GET", "/health/live")[0] == 200)
        return False
    return service == "beat" or " ready." in deployed.log(name)


def _at_work(deployed: Deployment, work: Callable[[], Any]) -> dict[str, dict[str, float]]:
    """What each service holds after `work`, and how much of a core it took meanwhile, in per cent."""
    names = [*(name for _service, name in SERVICES), "redis"]
    leaders = {name: deployed.running[name].pid for name in names}
    before, began = {name: _cpu_s(leader) for name, leader in leaders.items()}, time.monotonic()
    work()
    took = time.monotonic() - began
    return {
        name: {**_memory(leader), "cpu_percent": round((_cpu_s(leader) - before[name]) / took * 100, 1)}
        for name, leader in leaders.items()
    }


def _cpu_s(leader: int) -> float:
    """Seconds of processor a process and all it started have had."""
    ticks = 0
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):
            seen = (each / "stat").read_text().rpartition(")")[2].split()
            ticks += int(seen[11]) + int(seen[12]) if int(seen[2]) == leader else 0
    return ticks / TICKS_A_SECOND


def _memory(leader: int) -> dict[str, float]:
    """Of a process and all it started: proportional set size, what it would free by ending."""
    pss = rss = count = 0
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):
            if int((each / "stat").read_text().rpartition(")")[2].split()[2]) != leader:
                continue
            lines = (each / "smaps_rollup").read_text().splitlines()[1:]
            kept = {line.split(":")[0]: int(line.split()[1]) for line in lines}
            pss, rss, count = pss + kept["Pss"], rss + kept["Rss"], count + 1
    return {"processes": count, "pss_mb": round(pss / 1024), "rss_mb": round(rss / 1024)}


def _fill(deployed: Deployment, rows: int) -> float:
    import psycopg

    team, connection, user = deployed.sql(
        "SELECT c.team_id, c.id, m.user_id FROM connections_connection c JOIN teams_membership m USING (team_id)"
    )[0]
    began = time.monotonic()
    url = deployed.environment("web")["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as database:
        database.execute(FILL.format(team=team, connection=connection, user=user, rows=rows))
        database.execute(STEPS)
        database.execute("VACUUM ANALYZE")
    took = round(time.monotonic() - began)
    # What housekeeping does each night: count the days that are over.
    deployed.run(["python", "manage.py", "housekeeping", "--no-progress"], HOSTPANEL_KEEP_EVENTS_DAYS="800")
    return took


def _pages(deployed: Deployment) -> dict[str, list[float]]:
    """Median and slowest of several: milliseconds until the whole page is here."""
    visitor = Visitor([deployed.ports["web"]])
    visitor.sign_in("owner@panel.example.com", PASSWORD)
    one = str(deployed.sql("SELECT id FROM operations_operation ORDER BY requested_at LIMIT 1")[0][0])
    token = (deployed.folder / "secrets/metrics_token").read_text()
    team = "/t/acme/"
    addresses = {
        "operations": f"{team}operations/", "operations, failed": f"{team}operations/?state=failed",
        "operations, page 100": f"{team}operations/?page=100",
        "operations, last page": f"{team}operations/?page=999999",
        "operations, of one kind": f"{team}operations/?action=databases.create",
        "operations, searched": f"{team}operations/?q=site77",
        "operations, found nothing": f"{team}operations/?q=nowhere", "one operation": f"{team}operations/{one}/",
        "overview": team, "services": f"{team}services/", "ready": "/health/ready", "live": "/health/live",
    }  # fmt: skip
    found = {name: _timed(visitor, address) for name, address in addresses.items()}
    visitor.headers = {"Authorization": f"Bearer {token}"}
    return found | {"metrics": _timed(visitor, "/metrics")}


def _timed(visitor: Visitor, address: str) -> list[float]:
    took = []
    status = 0
    for _ in range(TIMES):
        began = time.monotonic()
        status = visitor.ask("GET", address)[0]
        took.append((time.monotonic() - began) * 1000)
    return [round(statistics.median(took), 1), round(max(took), 1), status]


def _commands(deployed: Deployment) -> dict[str, Any]:
    found: dict[str, Any] = {}
    began = time.monotonic()
    deployed.run(["python", "manage.py", "doctor"])
    found["doctor"] = round(time.monotonic() - began, 1)
    began = time.monotonic()
    file = deployed.folder / "export.gz"
    said = deployed.run(["python", "manage.py", "export", str(file), "--no-progress"])
    took = round(time.monotonic() - began)
    found["export"] = [took, said.strip().split(" rows")[0], _megabytes(file.stat().st_size)]
    keep = {"HOSTPANEL_KEEP_OPERATIONS_DAYS": "600", "HOSTPANEL_KEEP_EVENTS_DAYS": "600"}
    began = time.monotonic()
    said = deployed.run(["python", "manage.py", "housekeeping", "--no-progress", "--seconds", "60"], **keep)
    found["housekeeping"] = [round(time.monotonic() - began), said.split("\n")[:2]]
    return found


def _size(deployed: Deployment) -> str:
    return f"SELECT pg_database_size('{deployed.database}')"


def _megabytes(size: int) -> float:
    return round(size / 2**20, 1)


if __name__ == "__main__":
    main()

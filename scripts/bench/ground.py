"""What the figures stand on: a house, its database in this process, accounts with services and databases."""

import logging
import os
import resource
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

from scripts.house import House

LIFTED = 60_000


@contextmanager
def database_of_its_own() -> Iterator[bool]:
    """On the PostgreSQL server of DATABASE_URL, if there is one: whether there is."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield False
        return
    name = f"hostpanel_bench_{os.getpid()}"
    _on(server, f"CREATE DATABASE {name}")
    try:
        os.environ["DATABASE_URL"] = urlsplit(server)._replace(path=f"/{name}").geturl()
        yield True
    finally:
        _on(server, f"DROP DATABASE {name} WITH (FORCE)")


def _on(server: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


@contextmanager
def house(*, world: str = "empty", speed: float = 1.0, services: bool = False) -> Iterator[House]:
    """A house without workers yet, its database in this process."""
    with tempfile.TemporaryDirectory(prefix="hostpanel-bench-") as folder:
        made = House(Path(folder), world=world, speed=speed, services=services)
        try:
            made.prepare()
            made.use_database()
            logging.getLogger("apps").setLevel(logging.WARNING)
            yield made
        finally:
            made.group.stop()


def team() -> Any:
    """A team with an owner; the owner."""
    from apps.teams.models import Membership, Role, Team, User

    user = User.objects.create_user("bench@hostpanel.test", name="Bench")
    return Membership.objects.create(team=Team.objects.create(name="Bench", slug="bench"), user=user, role=Role.OWNER)


def accounts(made: House, owner: Any, count: int, *, services: int, databases: int) -> list[Any]:
    """Accounts at the sandbox, their services and databases mirrored; read lately, so that no reading begins."""
    return [_account(made, owner, services, databases) for _ in range(count)]


def _account(made: House, owner: Any, services: int, databases: int) -> Any:
    from django.utils import timezone

    from apps.connections import services as connecting
    from apps.connections.services import Asking
    from apps.inventory.models import Database, Service, SyncRun
    from apps.ovhapi.client import Client, Credentials, path_of

    account = made.control("POST", "accounts", services=services, databases_each=databases)
    names = ("application_key", "application_secret", "consumer_key")
    credentials = Credentials(endpoint="sandbox", **{name: account[name] for name in names})
    verified = connecting.look(credentials)
    connection = connecting.create(
        Asking(member=owner), name=account["nichandle"], credentials=credentials, verified=verified
    )
    now = timezone.now()
    SyncRun.objects.filter(connection=connection).delete()
    run = {"state": SyncRun.State.FINISHED, "lease_until": now, "finished_at": now, "total": services}
    SyncRun.objects.create(connection=connection, **run)
    rows = [Service(connection=connection, name=name, refreshed_at=now) for name in account["services"]]
    Service.objects.bulk_create(rows)
    client = Client(credentials)
    Database.objects.bulk_create(
        Database(service=row, name=name, refreshed_at=now)
        for row in rows
        for name in client.get(path_of("/hosting/web/{service}/database", service=row.name))
    )
    return connection


def databases(made: list[Any]) -> list[Any]:
    """The databases of these accounts, those of one hosting not beside each other."""
    from apps.inventory.models import Database

    rows = Database.objects.filter(service__connection__in=made).select_related("service__connection")
    return list(rows.order_by("name", "pk"))


def ask_for_dumps(owner: Any, databases: list[Any]) -> list[Any]:
    """A dump of each of these databases, asked for as a page does it."""
    from apps.operations import registry, services

    action = registry.get("backups.create")
    given = {"date": "now", "sendEmail": False}
    return [
        services.request(
            action, service=each.service, target={"name": each.name}, params=given, member=owner, key=uuid.uuid4().hex
        )
        for each in databases
    ]


def rate(connections: list[Any], calls_a_minute: int) -> None:
    """So many calls each of these accounts may make from now on."""
    from apps.connections.models import Connection

    Connection.objects.filter(pk__in=[each.pk for each in connections]).update(rate_per_minute=calls_a_minute)


def wait_until(is_so: Callable[[], bool], *, seconds: float, every: float = 0.2) -> bool:
    """Whether it came to be so in time."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if is_so():
            return True
        time.sleep(every)
    return is_so()


def spread(values: list[float]) -> dict[str, float]:
    """Median and 99th percentile."""
    if not values:
        return {"count": 0}
    high = quantiles(values, n=100)[98] if len(values) > 1 else values[0]
    return {"count": len(values), "median": round(median(values), 3), "p99": round(high, 3)}


def cpu_seconds(process_group: int) -> float:
    """Seconds of processor all processes of a group have used so far."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == process_group:
            ticks += sum(int(each) for each in fields[11:15])
    return ticks / 100


def memory_mb(process_group: int) -> float:
    """Memory of all processes of a group that is theirs alone or their share, in MB."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            is_mine = int(stat.read_text().rpartition(")")[2].split()[2]) == process_group
            rolled = (stat.parent / "smaps_rollup").read_text() if is_mine else ""
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in rolled.splitlines() if line.startswith("Pss:"))
    return round(total / 1024, 1)


def own_cpu_seconds() -> float:
    """Seconds of processor this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime

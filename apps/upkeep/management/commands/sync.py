"""`manage.py sync`: read accounts from OVH now, and watch it."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from tqdm import tqdm

from apps.connections.client import credentials_of
from apps.connections.models import Connection
from apps.inventory import sync
from apps.inventory.models import SyncRun
from apps.sealing import box

# Somebody else may be reading the slice; look again after a moment.
PAUSE_S = 0.2


class Command(BaseCommand):
    """Read whole accounts, slice by slice, together with the workers if there are any."""

    help = (
        "Read accounts from OVH into the mirror, with a progress bar. Exit status 1 when one could not be read whole."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which accounts; all of them when none is named."""
        parser.add_argument("accounts", nargs="*", help="names, nic handles or numbers; all when none is given")
        parser.add_argument("--no-progress", action="store_true", help="no bars: only the last line of each")

    def handle(self, **options: Any) -> None:
        """One account after the other."""
        runs = [self._read(each, quiet=options["no_progress"]) for each in _chosen(options["accounts"])]
        if any(run.state != SyncRun.State.FINISHED for run in runs):
            msg = "Not everything could be read; the lines above say what."
            raise CommandError(msg)

    def _read(self, connection: Connection, *, quiet: bool) -> SyncRun:
        _refuse_shut(connection)
        run = sync.ask_for_sync(connection)
        with tqdm(desc=connection.name, unit=" services", disable=quiet or None) as bar:
            while run.state == SyncRun.State.RUNNING:
                sync.go_on(run.pk, slice_s=1.0)
                before = run.done
                run.refresh_from_db()
                bar.total = run.total
                bar.update(run.done - before)
                if run.done == before and run.state == SyncRun.State.RUNNING:
                    time.sleep(PAUSE_S)
        gaps = f", {len(run.missed)} left out" if run.missed else ""
        self.stdout.write(
            f"{connection.name}: {run.state}, {run.done} of {run.total or 0} services{gaps} {run.message}"
        )
        for missed in run.missed:
            self.stdout.write(f"  {missed['service']}: {missed['why']}")
        return run


def _refuse_shut(connection: Connection) -> None:
    """Else OVH would be asked without a key, and the account said to have lapsed."""
    try:
        credentials_of(connection)
    except box.CannotOpen:
        msg = (
            f"The key of {connection.name} cannot be opened: put the seal key it was sealed with back into "
            "HOSTPANEL_SEAL_KEYS, or renew it on the page of the account."
        )
        raise CommandError(msg) from None


def _chosen(names: list[str]) -> list[Connection]:
    """The accounts of these names; CommandError for one nobody has."""
    accounts = Connection.objects.connected().order_by("team__slug", "name")
    if not names:
        return list(accounts)
    chosen: list[Connection] = []
    for name in names:
        called = Q(name__iexact=name) | Q(nichandle__iexact=name)
        found = list(accounts.filter(called | Q(pk=int(name)) if name.isdigit() else called))
        if not found:
            known = ", ".join(accounts.values_list("name", flat=True)) or "none is connected"
            msg = f"There is no account {name}; there are: {known}."
            raise CommandError(msg)
        chosen += found
    return chosen

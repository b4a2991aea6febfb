"""The strip: thirty days of backups of a database as thirty bars."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.inventory.models import Database, Dump

DAYS = 30
# OVH's nightly dumps come once a day, not always at the same hour.
FRESH = timedelta(hours=26)


@dataclass(frozen=True)
class Day:
    """One bar. `state`: ok, missing, new (one is being made) or none (the database was not there yet)."""

    date: date
    state: str
    words: str


def with_strips(databases: Iterable[Database]) -> list[Database]:
    """The databases, annotated with `last_dump_at`, each with `strip`, `is_late` and `days_without`. One query for all.

    `strip`: the last thirty days, oldest first. `is_late`: there is no backup as fresh as every night makes one.
    `days_without`: whole days since the last backup, 0 where there never was one.
    """
    rows = list(databases)
    today = timezone.localdate()
    since = today - timedelta(days=DAYS - 1)
    states: dict[int, dict[date, str]] = defaultdict(dict)
    dumps = Dump.objects.filter(database__in=[row.pk for row in rows], gone_at=None, created_at__date__gte=since)
    for database_id, created_at, status in dumps.values_list("database_id", "created_at", "status"):
        day = timezone.localdate(created_at)
        if states[database_id].get(day) != "ok":
            states[database_id][day] = "ok" if status == "created" else "new"
    legend, fresh_since = _legend(today), timezone.now() - FRESH
    for row in rows:
        last: datetime | None = row.last_dump_at  # type: ignore[attr-defined]  # annotated by whoever asks
        row.is_late = last is None or last < fresh_since  # type: ignore[attr-defined]  # read by the template
        row.days_without = (timezone.now() - last).days if last else 0  # type: ignore[attr-defined]  # the same
        row.strip = _strip(states[row.pk], legend, today)  # type: ignore[attr-defined]  # read by the template
    return rows


Legend = dict[date, dict[str, Day]]


def _legend(today: date) -> Legend:
    """Each day in each state, oldest first: made once, for a list has as many strips as rows."""
    words = {"ok": _("backed up"), "new": _("being backed up"), "missing": _("no backup"), "none": _("not there yet")}
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    names = {day: date_format(day, _("j M")) for day in days}
    return {day: {state: Day(day, state, f"{names[day]}: {what}") for state, what in words.items()} for day in days}


def _strip(states: dict[date, str], legend: Legend, today: date) -> list[Day]:
    first = min(states, default=today)
    # OVH's nightly dump of today may still be to come.
    return [each[states.get(day, "none" if day < first or day == today else "missing")] for day, each in legend.items()]

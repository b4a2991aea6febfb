"""Counts of finished operations, which outlive the operations themselves."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, Max, Min, Sum

from apps.operations.models import OVER, Operation
from apps.upkeep.models import Tally

DAY = timedelta(days=1)
# A transaction that began before midnight may commit after it.
SLACK = timedelta(minutes=10)


def counted_until() -> date | None:
    """The last day all of which is in the tallies; None when there is none."""
    found: date | None = Tally.objects.aggregate(last=Max("day"))["last"]
    return found


def count_days(now: datetime) -> int:
    """Count each whole day that is not counted yet; returns how many days. Harmless twice."""
    last = counted_until()
    first = last + DAY if last else _first_day()
    end = (now - SLACK).astimezone(UTC).date()
    days = 0
    while first is not None and first < end:
        _count(first)
        first, days = first + DAY, days + 1
    return days


def totals() -> Counter[tuple[str, str]]:
    """{(action, state): how many have ever ended so}: only ever grows, whatever housekeeping removes."""
    found: Counter[tuple[str, str]] = Counter()
    for action, state, number in Tally.objects.values_list("action", "state").annotate(Sum("count")).order_by():
        found[action, state] += number
    last = counted_until()
    rows = Operation.objects.filter(state__in=OVER)
    fresh = rows.filter(finished_at__gte=_midnight(last + DAY)) if last else rows
    for action, state, number in fresh.values_list("action", "state").annotate(Count("pk")).order_by():
        found[action, state] += number
    return found


def _first_day() -> date | None:
    first = Operation.objects.filter(state__in=OVER).aggregate(first=Min("finished_at"))["first"]
    return first.astimezone(UTC).date() if first else None


def _count(day: date) -> None:
    """One day; a day on which nothing ended leaves a row of nothing, so that it is known to be counted."""
    ended = Operation.objects.filter(finished_at__gte=_midnight(day), finished_at__lt=_midnight(day + DAY))
    rows = [
        Tally(day=day, action=action, state=state, count=number)
        for action, state, number in ended.values_list("action", "state").annotate(Count("pk")).order_by()
    ]
    with transaction.atomic():
        Tally.objects.bulk_create(rows or [Tally(day=day, action="", state="", count=0)], ignore_conflicts=True)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)

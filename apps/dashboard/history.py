"""Thirty days in pictures: how many databases were backed up each day, and what became of the changes."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.cache import cache
from django.db.models import Count, Min
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.inventory.models import Dump, Service
from apps.operations.models import Operation, State
from apps.teams.models import Membership
from apps.ui import bars

DAYS = 30
# Counting the dumps of thousands of databases takes a second, and so do a month's changes; dumps come once a night, and
# what ended before today does not change.
KEPT_S = 600

# {(day, state): how many changes ended so}
Ended = dict[tuple[date, str], int]


@dataclass(frozen=True)
class History:
    """What `dashboard/_history.html` draws; None where there is nothing to draw."""

    backups: bars.Bars | None
    changes: bars.Bars | None


def of(member: Membership) -> History | None:
    """The thirty days, if they have been counted lately; None when somebody has to wait for them."""
    counted = cache.get(_key(member))
    return _drawn(member, *counted) if counted else None


def count(member: Membership) -> History:
    """The thirty days, counted anew. Costs a pass over the dumps of all databases and the changes the member sees."""
    days = _days()
    services = Service.objects.visible_to(member)
    dumps = Dump.objects.filter(
        service__in=services, status="created", gone_at=None, database__gone_at=None, created_at__gte=_midnight(days[0])
    )
    done = dict(
        dumps.annotate(day=TruncDate("created_at"))
        .values_list("day")
        .annotate(n=Count("database", distinct=True))
        .order_by()
    )
    first = Counter(
        timezone.localdate(at)
        for at in dumps.values("database").annotate(at=Min("created_at")).values_list("at", flat=True)
    )
    counted = (done, dict(first), _ended(member, days[0], days[-1]))
    cache.set(_key(member), counted, KEPT_S)
    return _drawn(member, *counted)


def _drawn(member: Membership, done: dict[date, int], first: dict[date, int], ended: Ended) -> History:
    today = timezone.localdate()
    return History(_backups(done, first), _changes({**ended, **_ended(member, today, today + timedelta(days=1))}))


def _ended(member: Membership, since: date, until: date) -> Ended:
    """Changes that ended from `since` to the day before `until`."""
    over = Operation.objects.visible_to(member).filter(
        finished_at__gte=_midnight(since), finished_at__lt=_midnight(until), state__in=[State.SUCCEEDED, State.FAILED]
    )
    days = over.annotate(day=TruncDate("finished_at")).values_list("day", "state")
    return {(day, state): n for day, state, n in days.annotate(n=Count("pk")).order_by()}


def _key(member: Membership) -> str:
    return f"thirty_days:{member.pk}:{timezone.localdate():%Y%m%d}"


def _days() -> list[date]:
    today = timezone.localdate()
    return [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def _backups(done: dict[date, int], first: dict[date, int]) -> bars.Bars | None:
    """A bar for each day: databases backed up, and those that were there already and were not."""
    if not done:
        return None
    known, drawn, today = 0, [], timezone.localdate()
    for day in _days():
        known += first.get(day, 0)
        backed = done.get(day, 0)
        # The nightly dumps of today may still be to come.
        missed = 0 if day == today else max(known - backed, 0)
        words = _("%(day)s: %(done)s of %(all)s") % {
            "day": date_format(day, "j F"), "done": number_format(backed), "all": number_format(known)
        }  # fmt: skip
        drawn.append((words, [("ok", backed), ("missing", missed)]))
    whole = sum(1 for _words, parts in drawn[:-1] if parts[1][1] == 0)
    summary = ngettext(
        "On %(n)s of the last %(days)s days every database was backed up.",
        "On %(n)s of the last %(days)s days every database was backed up.",
        whole,
    ) % {"n": whole, "days": DAYS - 1}
    return bars.draw(drawn, summary)


def _changes(counted: Ended) -> bars.Bars | None:
    """A bar for each day: changes that succeeded, and that failed."""
    if not counted:
        return None
    drawn = []
    for day in _days():
        good, bad = counted.get((day, State.SUCCEEDED), 0), counted.get((day, State.FAILED), 0)
        words = _("%(day)s: %(done)s done, %(failed)s failed") % {
            "day": date_format(day, "j F"), "done": number_format(good), "failed": number_format(bad)
        }  # fmt: skip
        drawn.append((words, [("new", good), ("missing", bad)]))
    done = sum(n for (_day, state), n in counted.items() if state == State.SUCCEEDED)
    failed = sum(counted.values()) - done
    summary = _("%(done)s done, %(failed)s failed in the last %(days)s days.") % {
        "done": number_format(done), "failed": number_format(failed), "days": DAYS
    }  # fmt: skip
    return bars.draw(drawn, summary)

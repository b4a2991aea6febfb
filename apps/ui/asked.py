"""What an address asks for, made safe to search with."""

from datetime import datetime, time, timedelta

from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date

LONGEST = 100


def clean(text: str, longest: int = LONGEST) -> str:
    """`text` without what surrounds it, without NUL, which PostgreSQL refuses, and at most `longest` characters."""
    return text.replace("\0", "").strip()[:longest]


def text_of(request: HttpRequest, name: str = "q") -> str:
    """The text of that name in the address."""
    return clean(request.GET.get(name, ""))


def within_days(asked: QueryDict, column: str) -> Q:
    """`column` within the days `from` and `to` of the address, both included; what makes no sense is left out."""
    since, until = _day(asked.get("from", "")), _day(asked.get("to", ""))
    wanted = Q(**{f"{column}__gte": since}) if since else Q()
    return wanted & Q(**{f"{column}__lt": until + timedelta(days=1)}) if until else wanted


def _day(text: str) -> datetime | None:
    """The beginning of a day where the reader is."""
    try:
        day = parse_date(text)
    except ValueError:
        return None
    # Near the ends of the calendar another zone would fall off it.
    if day is None or not 1970 <= day.year <= 9000:  # noqa: PLR2004
        return None
    return timezone.make_aware(datetime.combine(day, time.min))

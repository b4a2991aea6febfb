"""What templates need that is no business word: time, sizes, meters, tracks, fields."""

import re
import uuid
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, RadioSelect, Select
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.ui.bars import Bars
from apps.ui.charts import Chart

register = template.Library()
MINUTE, HOUR, DAY = 60, 3600, 86400
# From ten on a size is said without its fraction.
TENS = 10
# Many browsers call themselves others too: the first that fits is meant.
BROWSERS = (("Edge", "Edg"), ("Opera", "OPR/"), ("Firefox", "Firefox/"), ("Chrome", "Chrome/"), ("Safari", "Safari/"))
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("macOS", "Macintosh"),
    ("Linux", "Linux"),
)  # fmt: skip
ENGINES = {"mysql": "MySQL", "mariadb": "MariaDB", "postgresql": "PostgreSQL", "redis": "Redis", "mongodb": "MongoDB"}


@register.filter
def duration(value: float | timedelta | None) -> str:
    """Seconds or a timedelta as people say it: "48 s", "1 min 12 s", "3 h 5 min", "2 days"."""
    if value is None:
        return ""
    seconds = round(value.total_seconds() if isinstance(value, timedelta) else value)
    minutes, rest = divmod(max(seconds, 0), MINUTE)
    hours, minutes_left = divmod(minutes, 60)
    if hours >= 48:  # noqa: PLR2004
        return _("%(days)s days") % {"days": hours // 24}
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes_left}
    if minutes and not rest:
        return _("%(minutes)s min") % {"minutes": minutes}
    if minutes:
        return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": rest}
    return _("%(seconds)s s") % {"seconds": rest}


@register.filter
def exact(at: datetime | None) -> str:
    """The moment in the viewer's zone, to the second only where it was today."""
    if at is None:
        return "–"
    local = timezone.localtime(at)
    is_today = local.date() == timezone.localdate()
    return date_format(local, "H:i:s") if is_today else day_and_time(local)


@register.filter
def day(at: date | None) -> str:
    """The day in short, as the language writes it: "23 Nov 2026", "23 nov. 2026"."""
    if at is None:
        return "–"
    # Translators: a date in Django's letters, such as "23 Nov 2026"
    return date_format(timezone.localtime(at) if isinstance(at, datetime) else at, _("j M Y"))


@register.filter
def day_and_time(at: datetime | None) -> str:
    """The same with hours and minutes."""
    return f"{day(at)}, {date_format(timezone.localtime(at), 'H:i')}" if at else "–"


@register.filter
def figure(number: float | None) -> str:
    """A count with its thousands apart, as the language does it: "1,306"."""
    return "" if number is None else number_format(number, force_grouping=True)


@register.filter
def ago(at: datetime | None) -> SafeString | str:
    """The moment as people say it ("12 min ago"), the exact one on hover."""
    if at is None:
        return "–"
    words = _ago_words(at)
    whole = date_format(timezone.localtime(at), "j F Y, H:i:s")
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), whole, words)


def _ago_words(at: datetime) -> str:
    seconds = (timezone.now() - at).total_seconds()
    if seconds < 45:  # noqa: PLR2004
        return _("just now")
    if seconds < HOUR:
        minutes = max(round(seconds / MINUTE), 1)
        return ngettext("%(n)s min ago", "%(n)s min ago", minutes) % {"n": minutes}
    if seconds < DAY:
        hours = round(seconds / HOUR)
        return ngettext("%(n)s h ago", "%(n)s h ago", hours) % {"n": hours}
    days = round(seconds / DAY)
    if days < 30:  # noqa: PLR2004
        return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days}
    return day(at)


@register.filter
def megabytes(value: float | None) -> str:
    """A size in MB as people say it: "76 MB", "1.2 GB", "5 TB"."""
    if value is None:
        return "–"
    if value >= 1_000_000:  # noqa: PLR2004
        return _("%(size)s TB") % {"size": _short(value / 1_000_000)}
    if value >= 1000:  # noqa: PLR2004
        return _("%(size)s GB") % {"size": _short(value / 1000)}
    return _("%(size)s MB") % {"size": number_format(value, 0)}


def _short(size: float) -> str:
    """With one decimal, where it tells something."""
    rounded = round(size, 1)
    return str(number_format(rounded, 0 if rounded >= TENS or rounded == round(rounded) else 1))


@register.filter
def engine(name: str) -> str:
    """The name of a database engine as its makers write it."""
    return ENGINES.get(name, name)


@register.filter
def idna(domain: str) -> str:
    """An international domain name as people read it; any other as it is."""
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain


@register.filter
def breakable(name: str) -> SafeString:
    """A host's or domain's name that a narrow line may break after its dots, and nowhere else."""
    return format_html_join(mark_safe("<wbr>"), "{}", ((part,) for part in re.split(r"(?<=\.)", name)))


@register.filter
def browser(user_agent: str) -> str:
    """What a browser says of itself, as people call it: "Firefox, Windows"."""
    known = [next((name for name, mark in marks if mark in user_agent), "") for marks in (BROWSERS, SYSTEMS)]
    return ", ".join(name for name in known if name) or user_agent or "–"


@register.filter
def dump_kind(kind: str) -> str:
    """The kind of a dump in words."""
    words = {"now": _("taken on demand"), "daily.1": _("nightly"), "weekly.1": _("weekly")}
    return words.get(kind, kind)


@register.inclusion_tag("ui/_meter.html")
def meter(used: float | None, size: float | None) -> dict[str, Any]:
    """How full something is, in MB: a bar and words. Amber from 80 %, red from 95 %."""
    share = min(max(used / size * 100, 0), 100) if used is not None and size else None
    tone = "" if share is None or share < 80 else "warn" if share < 95 else "bad"  # noqa: PLR2004
    return {"used": used, "size": size, "share": share, "tone": tone, "width": f"{share or 0:.1f}"}


@register.simple_tag
def strip(days: list[Any]) -> SafeString:
    """Thirty days of backups as thirty bars; in words for screen readers.

    Made here and not by a template, and each bar once: a list of fifty databases has fifteen hundred.
    """
    missing = sum(day.state == "missing" for day in days)
    done = sum(day.state == "ok" for day in days)
    summary = _("%(done)s of the last %(days)s days backed up, %(missing)s missed") % {
        "done": done,
        "days": len(days),
        "missing": missing,
    }
    bars = mark_safe("".join(_bar(day.state, number, day.words) for number, day in enumerate(days)))  # noqa: S308  # of safe parts
    svg = '<svg class="strip" viewBox="0 0 {0} 18" width="{0}" height="18" role="img" aria-label="{1}">{2}</svg>'
    return format_html(svg, len(days) * 7, summary, bars)


@lru_cache(maxsize=1000)
def _bar(state: str, number: int, words: str) -> SafeString:
    bar = '<rect class="{}" x="{}" y="0" width="5" height="18" rx="2"><title>{}</title></rect>'
    return format_html(bar, state, number * 7, words)


@register.inclusion_tag("ui/_chart.html")
def chart(drawn: Chart) -> dict[str, Any]:
    """Lines over time, made by `charts.draw`."""
    return {"chart": drawn}


@register.inclusion_tag("ui/_bars.html")
def bars(drawn: Bars) -> dict[str, Any]:
    """Counts of each day, made by `bars.draw`."""
    return {"bars": drawn}


@register.inclusion_tag("ui/_copy.html")
def copy(value: object) -> dict[str, Any]:
    """A value people copy, with its button; a dash for none."""
    return {"value": value}


@register.simple_tag
def form_key() -> SafeString:
    """The hidden field that makes a double click one operation, for a form that is only a button."""
    return format_html('<input type="hidden" name="key" value="{}">', uuid.uuid4().hex)


@register.inclusion_tag("operations/_track.html")
def track(steps: list[Any], key: object = "", quarter: int = 0) -> dict[str, Any]:
    """The five steps of an operation, and where it stands. With a `key` the line grows when it moves on.

    `quarter`: how many quarters of the usual time are gone while it runs, drawn as part of the way to the next step.
    """
    here = next((step for step in steps if step.status not in ("done", "off")), steps[-1])
    return {"steps": steps, "here": here, "reach": steps.index(here), "key": key, "quarter": quarter}


@register.inclusion_tag("ui/_refused.html")
def refused(label: str, reason: str, kind: str = "") -> dict[str, str]:
    """A button somebody may not press: pressing it says why, by hand, key or touch."""
    return {"label": label, "reason": reason, "kind": kind, "id": f"why-{uuid.uuid4().hex[:8]}"}


@register.inclusion_tag("ui/_field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """A form field with its label, help and errors, tied together for screen readers."""
    widget = bound.field.widget
    described = [f"{bound.auto_id}-help"] if bound.help_text else []
    described += [f"{bound.auto_id}-error"] if bound.errors else []
    attrs: dict[str, str | bool] = {"aria-describedby": " ".join(described)} if described else {}
    if bound.errors:
        attrs["aria-invalid"] = "true"
        # The work goes on at the first thing that is wrong.
        attrs["autofocus"] = bound.name == next(iter(bound.form.errors))
    kind = "text"
    if isinstance(widget, CheckboxInput):
        kind = "checkbox"
    elif isinstance(widget, RadioSelect):
        kind = "radio"
    elif isinstance(widget, Select):
        kind = "select"
    elif "data-password" in widget.attrs:
        kind = "password"
    prefix = widget.attrs.get("data-prefix", "")
    rendered = bound.as_widget(attrs=attrs) if kind != "radio" else ""
    return {"bound": bound, "kind": kind, "rendered": rendered, "prefix": prefix, "describedby": " ".join(described)}

"""Lines over time, drawn as SVG by the server: no script, the same in print and for screen readers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

WIDTH, HEIGHT = 1000, 240
DAY_S = 86400
# Steps a scale is cut into, as people count.
ROUND = (1, 2, 2.5, 5, 10)

Point = tuple[datetime, float | None]


@dataclass(frozen=True)
class Line:
    """One series. `paths`: SVG paths, a new one after each gap; `summary`: its figures in words."""

    name: str
    paths: list[str]
    summary: str


@dataclass(frozen=True)
class Chart:
    """What `ui/_chart.html` draws. `ceiling`: the value at its upper edge, in words; the lower edge is 0."""

    lines: list[Line]
    ceiling: str
    middle: str
    times: list[str]
    summary: str
    width: int = WIDTH
    height: int = HEIGHT


def draw(series: Sequence[tuple[str, str, Sequence[Point]]]) -> Chart | None:
    """The chart of (name, unit, points); points without a value are gaps. None when there is nothing to draw."""
    points = [point for _name, _unit, line in series for point in line]
    values = [value for _at, value in points if value is not None]
    if not values:
        return None
    first, last = min(at for at, _value in points), max(at for at, _value in points)
    top = ceiling(max(values))
    lines = [
        Line(name, _paths(line, first, last, top), _summary(unit, line))
        for name, unit, line in series
        if any(value is not None for _at, value in line)
    ]
    unit = series[0][1]
    return Chart(
        lines=lines,
        ceiling=_figure(top, unit),
        middle=_figure(top / 2, unit),
        times=_times(first, last),
        summary="; ".join(f"{line.name}: {line.summary}" for line in lines),
    )


def ceiling(highest: float) -> float:
    """The least round figure that `highest` fits under."""
    if highest <= 0:
        return 1.0
    size = 10.0
    while size > highest:
        size /= 10
    while size * 10 <= highest:
        size *= 10
    return next(step * size for step in ROUND if step * size >= highest)


def _paths(line: Sequence[Point], first: datetime, last: datetime, top: float) -> list[str]:
    """One path for each run of points without a gap."""
    span = (last - first).total_seconds() or 1.0
    runs: list[list[str]] = [[]]
    for at, value in line:
        if value is None:
            runs.append([])
            continue
        x, y = (at - first).total_seconds() / span * WIDTH, HEIGHT - max(value, 0) / top * HEIGHT
        runs[-1].append(f"{x:.1f} {y:.1f}")
    return [f"M{' L'.join(run if len(run) > 1 else run * 2)}" for run in runs if run]


def _summary(unit: str, line: Sequence[Point]) -> str:
    values = [value for _at, value in line if value is not None]
    return _("latest %(latest)s, on average %(average)s, at most %(most)s") % {
        "latest": _figure(values[-1], unit),
        "average": _figure(sum(values) / len(values), unit),
        "most": _figure(max(values), unit),
    }


def _figure(value: float, unit: str) -> str:
    decimals = 0 if value >= 100 or value == int(value) else 1 if value >= 1 else 3  # noqa: PLR2004  # as people round
    return f"{number_format(value, decimals, force_grouping=True)} {unit}".strip()


def _times(first: datetime, last: datetime) -> list[str]:
    """Five moments along the lower edge: hours within two days, days beyond."""
    step = (last - first) / 4
    form = "H:i" if (last - first).total_seconds() <= 2 * DAY_S else "j M"
    return [date_format(timezone.localtime(first + step * number), form) for number in range(5)]

"""Lines over time, drawn as SVG by the server: no script, the same in print and for screen readers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

WIDTH, HEIGHT = 1000, 240
DAY_S = 86400
COLUMNS = 48
# Steps a scale is cut into, as people count.
ROUND = (1, 2, 2.5, 5, 10)

Point = tuple[datetime, float | None]


@dataclass(frozen=True)
class Line:
    """One series. `paths`: SVG paths, a new one after each gap; `areas`: the same down to zero, of the first line."""

    name: str
    paths: list[str]
    areas: list[str]
    latest: str
    average: str
    most: str

    @property
    def summary(self) -> str:
        """Its figures in words."""
        return _("latest %(latest)s, on average %(average)s, at most %(most)s") % {
            "latest": self.latest, "average": self.average, "most": self.most
        }  # fmt: skip


@dataclass(frozen=True)
class Moment:
    """A column of the drawing, and what stood there, for whoever points at it."""

    x: float
    width: float
    words: str


@dataclass(frozen=True)
class Chart:
    """What `ui/_chart.html` draws. `ceiling`: the value at its upper edge, in words; the lower edge is 0."""

    lines: list[Line]
    ceiling: str
    middle: str
    times: list[str]
    moments: list[Moment]
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
    told = [each for each in series if any(value is not None for _at, value in each[2])]
    lines = [
        _line(name, unit, _runs(line, first, last, top), line, is_first=not number)
        for number, (name, unit, line) in enumerate(told)
    ]
    unit = series[0][1]
    return Chart(
        lines=lines,
        ceiling=_figure(top, unit),
        middle=_figure(top / 2, unit),
        times=_times(first, last),
        moments=_moments(told, first, last),
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


def _runs(line: Sequence[Point], first: datetime, last: datetime, top: float) -> list[list[tuple[float, float]]]:
    """The points of the drawing, a new list after each gap."""
    span = (last - first).total_seconds() or 1.0
    runs: list[list[tuple[float, float]]] = [[]]
    for at, value in line:
        if value is None:
            runs.append([])
        else:
            runs[-1].append(((at - first).total_seconds() / span * WIDTH, HEIGHT - max(value, 0) / top * HEIGHT))
    return [run if len(run) > 1 else run * 2 for run in runs if run]


def _line(
    name: str, unit: str, runs: list[list[tuple[float, float]]], line: Sequence[Point], *, is_first: bool
) -> Line:
    values = [value for _at, value in line if value is not None]
    paths = ["M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in run) for run in runs]
    areas = [
        f"{path} L{run[-1][0]:.1f} {HEIGHT} L{run[0][0]:.1f} {HEIGHT}Z" for path, run in zip(paths, runs, strict=True)
    ]
    return Line(
        name=name,
        paths=paths,
        areas=areas if is_first else [],
        latest=_figure(values[-1], unit),
        average=_figure(sum(values) / len(values), unit),
        most=_figure(max(values), unit),
    )


def _moments(series: Sequence[tuple[str, str, Sequence[Point]]], first: datetime, last: datetime) -> list[Moment]:
    """So many columns as a pointer can tell apart, each with the last values before its end."""
    span = (last - first) / COLUMNS
    form = "H:i" if last - first <= timedelta(days=2) else f"{_('j M')}, H:i"
    words: list[list[str]] = [[] for _ in range(COLUMNS)]
    for name, unit, line in series:
        inside: dict[int, float] = {}
        for at, value in line:
            if value is not None:
                inside[min(int((at - first) / span) if span else 0, COLUMNS - 1)] = value
        for number, value in inside.items():
            words[number].append(f"{name}: {_figure(value, unit)}".removeprefix(": "))
    width = WIDTH / COLUMNS
    return [
        Moment(
            round(number * width, 1),
            round(width, 1),
            "\n".join([date_format(timezone.localtime(first + span * number), form), *told]),
        )
        for number, told in enumerate(words)
        if told
    ]


def _figure(value: float, unit: str) -> str:
    decimals = 0 if value >= 100 or value == int(value) else 1 if value >= 1 else 3  # noqa: PLR2004  # as people round
    return f"{number_format(value, decimals, force_grouping=True)} {unit}".strip()


def _times(first: datetime, last: datetime) -> list[str]:
    """Five moments along the lower edge: hours within two days, days beyond."""
    step = (last - first) / 4
    form = "H:i" if (last - first).total_seconds() <= 2 * DAY_S else _("j M")
    return [date_format(timezone.localtime(first + step * number), form) for number in range(5)]

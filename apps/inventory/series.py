"""OVH's series over time as charts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from apps.inventory import answers
from apps.inventory.models import Service
from apps.ui import charts
from apps.ui.charts import Chart, Point

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

PERIODS: dict[str, "_StrPromise"] = {
    "daily": _("Last day"),
    "weekly": _("Last week"),
    "monthly": _("Last month"),
    "yearly": _("Last year"),
}
FRESH = timedelta(hours=1)
MOST_SERIES, MOST_POINTS = 4, 5000


@dataclass(frozen=True, kw_only=True)
class Use:
    """What a page shows: the chart, None while it is read or where OVH has none, and what may be chosen."""

    chart: Chart | None
    is_waiting: bool
    problem: str
    type: str
    period: str
    types: "Mapping[str, _StrPromise]"
    periods: "Mapping[str, _StrPromise]"


def use_of(
    service: Service, path: str, *, types: "Mapping[str, _StrPromise]", asked: Any,
    names: "Mapping[str, _StrPromise] | None" = None,
) -> Use:  # fmt: skip
    """The chart of `GET …{path}?type=&period=`, which answers `complexType.ChartSerie[]`.

    `asked`: the parameters of the page, `statistic` and `period` among them; the first type and a week otherwise.
    `names`: what people call a series OVH names so.
    """
    kind = asked.get("statistic") if asked.get("statistic") in types else next(iter(types))
    period = asked.get("period") if asked.get("period") in PERIODS else "weekly"
    answer = answers.of(service, path, fresh_for=FRESH, period=period, type=kind)
    rows = answer.data if isinstance(answer.data, list) else []
    found = [_series(row, names or {}) for row in rows[:MOST_SERIES] if isinstance(row, dict)]
    return Use(
        chart=charts.draw([line for line in found if line[2]]),
        is_waiting=answer.read_at is None,
        problem=answer.problem,
        type=kind,
        period=period,
        types=types,
        periods=PERIODS,
    )


def _series(row: dict[str, Any], names: "Mapping[str, _StrPromise]") -> tuple[str, str, list[Point]]:
    values = row.get("values")
    points = [_point(each) for each in values[:MOST_POINTS]] if isinstance(values, list) else []
    name, unit = str(row.get("serieName") or ""), str(row.get("unit") or "")
    # "count" is no unit people say.
    return str(names.get(name, name)), unit if unit != "count" else "", [each for each in points if each]


def _point(raw: Any) -> Point | None:
    """One moment (seconds since 1970) and its value; None when it is not one."""
    if not isinstance(raw, dict):
        return None
    try:
        at = datetime.fromtimestamp(float(raw["timestamp"]), UTC)
        return at, None if raw.get("value") is None else float(raw["value"])
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None

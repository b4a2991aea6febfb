"""Statistics of a hosting: the same numbers for the same service, kind and moment."""

import math
import zlib

from apps.sandbox.hosting import SERVICE
from apps.sandbox.routes import Call, route
from apps.sandbox.state import Json, Refusal

# Seconds from point to point, and how many points.
PERIODS = {
    "daily": (300, 288),
    "weekly": (3600, 168),
    "monthly": (4 * 3600, 180),
    "yearly": (24 * 3600, 365),
}
# Unit, and the usual height of each series.
KINDS = {
    "in.ftpCommands": ("commands", {"ftp": 6}),
    "in.httpHits": ("hits", {"2xx": 240, "3xx": 30, "4xx": 12, "5xx": 1}),
    "in.httpMeanResponseTime": ("ms", {"dynamic": 320, "static": 25}),
    "out.tcpConn": ("connections", {"tcp": 18}),
    "sys.cpuUsage": ("%", {"cpu": 22}),
    "sys.workerSpawnOverload": ("overloads", {"workers": 1}),
}
DAY = 86400
# About one point in so many is missing.
GAP = 61


@route("GET", SERVICE + "/statistics")
def statistics(call: Call) -> list[Json]:
    """`complexType.ChartSerie_complexType.ChartTimestampValue[]`; timestamps in seconds."""
    return answer(call, call.service["serviceName"], KINDS)


def answer(call: Call, name: str, kinds: dict[str, tuple[str, dict[str, int]]]) -> list[Json]:
    """The series of `kinds` and the period the query asks for, of the object `name`."""
    step, count = PERIODS[_chosen(call, "period", PERIODS)]
    kind = _chosen(call, "type", kinds)
    unit, series = kinds[kind]
    last = int(call.world.now()) // step
    moments = [number * step for number in range(last - count + 1, last + 1)]
    return [
        {
            "serieName": serie,
            "unit": unit,
            "values": [
                {"timestamp": each, "value": _value(f"{name} {kind} {serie}", each, height)} for each in moments
            ],
        }
        for serie, height in series.items()
    ]


def _chosen(call: Call, name: str, known: dict[str, tuple[int, int]] | dict[str, tuple[str, dict[str, int]]]) -> str:
    """A required parameter of the query; 400 when it is missing or not known."""
    given = call.query.get(name)
    if not given:
        raise Refusal(400, f"[{name}] Missing required parameter")
    if given not in known:
        raise Refusal(400, f"[{name}] Given data ({given}) does not belong to the enumeration")
    return given


def _value(seed: str, moment: int, height: int) -> float | None:
    """One point: quiet at night, busy in the afternoon, somewhat rough; None where nothing was measured."""
    noise = zlib.crc32(f"{seed} {moment}".encode())
    if noise % GAP == 0:
        return None
    level = 0.5 + zlib.crc32(seed.encode()) % 100 / 100
    wave = 1 - 0.7 * math.cos(2 * math.pi * (moment % DAY - 7200) / DAY)
    return round(height * level * wave * (0.7 + noise % 601 / 1000), 2)

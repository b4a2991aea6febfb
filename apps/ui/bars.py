"""Bars, one a day: counts that stand on each other, drawn as SVG by the server."""

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 56
STEP, WIDTH = 10, 8
# A part that is there is never too thin to be seen.
LEAST = 2.0


@dataclass(frozen=True)
class Part:
    """One rectangle of a bar. `kind`: a class of the strip (ok, missing, new, none)."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True)
class Bar:
    """One day. `words` say what it shows."""

    x: int
    words: str
    parts: list[Part]


@dataclass(frozen=True)
class Bars:
    """What `ui/_bars.html` draws. `highest`: the sum of the highest bar."""

    bars: list[Bar]
    summary: str
    highest: int
    width: int
    height: int = HEIGHT


def draw(days: Sequence[tuple[str, Sequence[tuple[str, int]]]], summary: str) -> Bars:
    """The bars of (words, [(kind, count)]), the first part at the bottom; a day without any is a line."""
    highest = max((sum(n for _kind, n in parts) for _words, parts in days), default=0)
    bars = [Bar(number * STEP, words, _parts(parts, highest)) for number, (words, parts) in enumerate(days)]
    return Bars(bars, summary, highest, len(days) * STEP - (STEP - WIDTH))


def _parts(parts: Sequence[tuple[str, int]], highest: int) -> list[Part]:
    top, made = float(HEIGHT), []
    for kind, n in parts:
        if n:
            height = max(n / highest * HEIGHT, LEAST)
            top = max(top - height, 0.0)
            made.append(Part(kind, round(top, 1), round(height, 1)))
    return made or [Part("none", HEIGHT - LEAST, LEAST)]

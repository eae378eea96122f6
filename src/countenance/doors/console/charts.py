"""Traffic as drawings: where bars and lines go, in the units of the picture. Templates draw them as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from countenance.doors.traffic import Period

WIDTH, HEIGHT = 400, 150
LEFT, RIGHT, TOP, BOTTOM = 44, 6, 10, 24
_STEPS = (1, 2, 5, 10)
_GAP = 0.2


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar, in two parts: what was answered with success below, refusals and errors above."""

    x: float
    width: float
    good_y: float
    good_height: float
    failed_y: float
    failed_height: float


@dataclass(frozen=True, slots=True)
class Line:
    """Pieces of a line, which is broken where nothing was measured; ``dots`` are points that stand alone."""

    pieces: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """The frame of a drawing.

    Attributes:
        top: the value at the upper edge.
        middle: the value half way up.
        began_at: the time at the left edge.
        ends_at: the time at the right edge.
    """

    top: float
    middle: float
    began_at: datetime
    ends_at: datetime
    bars: tuple[Bar, ...] = ()
    median: Line | None = None
    slow: Line | None = None


def requests_chart(periods: Sequence[Period]) -> Chart:
    """Return how many requests were answered, as bars."""
    top = _rounded_up(max((each.requests for each in periods), default=0))
    step = (WIDTH - LEFT - RIGHT) / max(len(periods), 1)
    base, scale = HEIGHT - BOTTOM, (HEIGHT - TOP - BOTTOM) / top
    bars = []
    for place, each in enumerate(periods):
        if not each.requests:
            continue
        good, failed = (each.requests - each.failed) * scale, each.failed * scale
        bars.append(
            Bar(
                x=round(LEFT + (place + _GAP / 2) * step, 2),
                width=round((1 - _GAP) * step, 2),
                good_y=round(base - good, 2),
                good_height=round(good, 2),
                failed_y=round(base - good - failed, 2),
                failed_height=round(failed, 2),
            )
        )
    return Chart(top, top / 2, periods[0].began_at, periods[-1].began_at, tuple(bars))


def latency_chart(periods: Sequence[Period]) -> Chart:
    """Return how long answers took, in milliseconds, as lines of the median and the 95th percentile."""
    slowest = max((each.slow_seconds or 0.0 for each in periods), default=0.0)
    top = _rounded_up(slowest * 1000)
    return Chart(
        top,
        top / 2,
        periods[0].began_at,
        periods[-1].began_at,
        median=_line(periods, top, lambda each: each.median_seconds),
        slow=_line(periods, top, lambda each: each.slow_seconds),
    )


def _line(periods: Sequence[Period], top: float, value: Callable[[Period], float | None]) -> Line:
    step = (WIDTH - LEFT - RIGHT) / max(len(periods), 1)
    scale = (HEIGHT - TOP - BOTTOM) / top
    pieces: list[list[tuple[float, float]]] = [[]]
    for place, each in enumerate(periods):
        seconds = value(each)
        if seconds is None:
            pieces.append([])
            continue
        x, y = LEFT + (place + 0.5) * step, HEIGHT - BOTTOM - seconds * 1000 * scale
        pieces[-1].append((round(x, 2), round(y, 2)))
    return Line(
        tuple(" ".join(f"{x},{y}" for x, y in piece) for piece in pieces if len(piece) > 1),
        tuple(piece[0] for piece in pieces if len(piece) == 1),
    )


def _rounded_up(value: float) -> float:
    """Return the next number that is easy to read: 1, 2 or 5 with zeros behind it; at least 1.

    >>> [_rounded_up(value) for value in (0, 1, 3, 17, 200, 201)]
    [1, 1, 5, 20, 200, 500]
    """
    unit = 1
    while True:
        for step in _STEPS:
            if value <= step * unit:
                return step * unit
        unit *= 10

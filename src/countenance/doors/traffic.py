"""Traffic over time: requests, errors and how long answers took, since the server started, in bounded memory.

Prometheus keeps such figures for those who run it; this is for those who only open the console.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Upper bounds of the histogram, in seconds: each is about half as much again as the one before, so that a
# quantile is told within a quarter of what it is.
_BOUNDS = tuple(0.001 * 1.5**step for step in range(27))


@dataclass(frozen=True, slots=True)
class Period:
    """What was answered from one moment on, for as long as the periods of its series are.

    Attributes:
        began_at: its beginning.
        requests: how many were answered.
        failed: how many of them with anything but success: refusals and errors.
        median_seconds: how long an answer took at the median; None where there was none.
        slow_seconds: how long at the 95th percentile.
    """

    began_at: datetime
    requests: int
    failed: int
    median_seconds: float | None
    slow_seconds: float | None


class _Counts:
    """What is counted in one period."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.requests = 0
        self.failed = 0
        self._within = [0] * (len(_BOUNDS) + 1)

    def add(self, seconds: float, *, failed: bool) -> None:
        self.requests += 1
        self.failed += failed
        self._within[bisect_left(_BOUNDS, seconds)] += 1

    def quantile(self, share: float) -> float | None:
        """Return the time within which this share of requests was answered, interpolated."""
        if not self.requests:
            return None
        rank, before = share * self.requests, 0
        for place, many in enumerate(self._within):
            if before + many >= rank and many:
                low = _BOUNDS[place - 1] if place else 0.0
                high = _BOUNDS[min(place, len(_BOUNDS) - 1)]
                return low + (high - low) * (rank - before) / many
            before += many
        return _BOUNDS[-1]


class _Series:
    """The last so many periods in which anything was answered; those without requests take no memory."""

    def __init__(self, period_seconds: int, most: int) -> None:
        self.period_seconds = period_seconds
        self.most = most
        self._counts: deque[_Counts] = deque(maxlen=most)

    def add(self, now: float, seconds: float, *, failed: bool) -> None:
        number = int(now // self.period_seconds)
        if not self._counts or self._counts[-1].number < number:
            self._counts.append(_Counts(number))
        self._counts[-1].add(seconds, failed=failed)  # a clock that is put back counts into the newest

    def periods(self, now: float) -> tuple[Period, ...]:
        """Return all periods that the series covers, empty ones too, oldest first."""
        end = int(now // self.period_seconds) + 1
        counted = {counts.number: counts for counts in self._counts}
        return tuple(self._period(number, counted.get(number)) for number in range(end - self.most, end))

    def _period(self, number: int, counts: _Counts | None) -> Period:
        began_at = datetime.fromtimestamp(number * self.period_seconds, UTC)
        if counts is None:
            return Period(began_at, 0, 0, None, None)
        return Period(began_at, counts.requests, counts.failed, counts.quantile(0.5), counts.quantile(0.95))


class Traffic:
    """Counts what is answered, by minutes of the last hour and quarters of an hour of the last day.

    Safe to use from many threads. ``clock`` tells the seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._started = clock()
        self._lock = threading.Lock()
        self._minutes = _Series(60, 60)
        self._quarters = _Series(900, 96)

    @property
    def started_at(self) -> datetime:
        """Since when it counts."""
        return datetime.fromtimestamp(self._started, UTC)

    def add(self, seconds: float, *, failed: bool) -> None:
        """Count an answer and how long it took."""
        now = self._clock()
        with self._lock:
            self._minutes.add(now, seconds, failed=failed)
            self._quarters.add(now, seconds, failed=failed)

    def last_hour(self) -> tuple[Period, ...]:
        """Return what was answered in each minute of the last hour, oldest first."""
        return self._periods(self._minutes)

    def last_day(self) -> tuple[Period, ...]:
        """Return what was answered in each quarter of an hour of the last 24, oldest first."""
        return self._periods(self._quarters)

    def _periods(self, series: _Series) -> tuple[Period, ...]:
        with self._lock:
            return series.periods(self._clock())

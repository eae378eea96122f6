"""How many faces are due for erasure, now and soon, counted anew only when that has become old.

To count them the database looks at every face of a collection whose faces can become due: 0.2 s for 100,000.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from countenance.governance import due_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from countenance.operations.overview.ports import OverviewReader
    from countenance.operations.reports.described import DescribedCollection

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
_GOOD_FOR_SECONDS = 30.0
# Whoever reloads the page all the time keeps the database busy for a fiftieth of it at most.
_TIMES_ITS_COST = 50


@dataclass(frozen=True, slots=True)
class Due:
    """How many are due for erasure: now, within a week and within 30 days, each including those before."""

    now: int = 0
    in_week: int = 0
    in_month: int = 0

    def __add__(self, other: Due) -> Due:
        """Return the sums."""
        return Due(self.now + other.now, self.in_week + other.in_week, self.in_month + other.in_month)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is due of a collection's faces, as it was counted at a time; those under a hold are left out."""

    faces: Due
    counted_at: datetime


@dataclass(frozen=True, slots=True)
class _Remembered:
    forecast: Forecast
    good_until: float


class Forecasts:
    """Counts what is due and remembers it for a while; ``clock`` tells seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._remembered: dict[int, _Remembered] = {}

    def of(self, reader: OverviewReader, collections: Iterable[DescribedCollection]) -> dict[int, Forecast]:
        """Return what is due, by collection's key, of those in which something can be."""
        found: dict[int, Forecast] = {}
        for each in collections:
            if each.policy is not None and each.policy.ends_use:
                found[each.collection.key] = self._of(reader, each)
        return found

    def _of(self, reader: OverviewReader, described: DescribedCollection) -> Forecast:
        key, began = described.collection.key, self._clock()
        with self._lock:
            known = self._remembered.get(key)
        if known is not None and began < known.good_until:
            return known.forecast
        policy, now = described.policy, datetime.now(UTC)
        assert policy is not None  # noqa: S101 - `of` asks for no others
        dues = [due_now(policy, now + ahead) for ahead in (timedelta(0), WEEK, MONTH)]
        forecast = Forecast(Due(*reader.count_due_faces_until(key, dues)), now)
        done = self._clock()
        good_until = done + max(_GOOD_FOR_SECONDS, _TIMES_ITS_COST * (done - began))
        with self._lock:
            self._remembered = {
                each: kept for each, kept in self._remembered.items() if kept.good_until > done
            } | {key: _Remembered(forecast, good_until)}
        return forecast

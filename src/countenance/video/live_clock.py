"""When pictures are taken, and which of them are looked at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading

LOOKS_PER_SECOND = 10.0
"""How many pictures of a second are looked at, at most: whoever walks is still near where they were."""

# Times in a file may jump by anything; such a jump counts as none.
_LONGEST_GAP = timedelta(minutes=1)
# The times of a camera that sends just so many pictures waver.
_BETWEEN_LOOKS = timedelta(seconds=0.9 / LOOKS_PER_SECOND)


class FrameClock:
    """Tells when pictures are taken: those of a camera now, those of a file as if its first were taken now.

    Args:
        stopping: ends waiting.
        is_file: whether they are of a file.
        waits: whether a file's pictures come when their time has come, and not as fast as possible.
    """

    def __init__(self, stopping: threading.Event, *, is_file: bool, waits: bool) -> None:
        self._stopping = stopping
        self._is_file = is_file
        self._waits = waits
        self._begin = self._last = datetime.now(UTC)
        self._first_seconds = 0.0
        self._last_look: datetime | None = None

    def time_of(self, seconds: float) -> datetime:
        """Return when a picture is taken, after waiting for that time where a file is read in real time.

        Args:
            seconds: when it is shown, by the file's own clock.
        """
        now = datetime.now(UTC)
        if not self._is_file:
            return now
        taken_at = self._begin + timedelta(seconds=seconds - self._first_seconds)
        if not self._last <= taken_at <= self._last + _LONGEST_GAP:
            self._begin, self._first_seconds, taken_at = self._last, seconds, self._last
        self._last = taken_at
        if self._waits:
            self._stopping.wait(max(0.0, (taken_at - now).total_seconds()))
        return taken_at

    def is_due(self, taken_at: datetime) -> bool:
        """Tell whether a picture is to be looked at, or comes too soon after another that was."""
        if self._last_look is not None and taken_at - self._last_look < _BETWEEN_LOOKS:
            return False
        self._last_look = taken_at
        return True

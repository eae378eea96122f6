"""Posts the events of a monitor to a webhook: in order, again until they are taken, and never too many.

What waits is bounded in number and age, so that a receiver that is gone neither fills the memory nor learns
much later who went by; what is given up is counted, and the next event says how many.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import structlog

from countenance.errors import CountenanceError, NotificationFailed
from countenance.notices import Notice
from countenance.operations.watch_events import event_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from countenance.notices import Channels
    from countenance.operations.monitors.feed import NumberedEvent

MOST_WAITING = 1000
OLDEST_SECONDS = 600.0

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0
_ENDING_SECONDS = 2.0
_log = structlog.get_logger("countenance.monitors")


class Delivery:
    """Posts events in a thread of its own.

    Args:
        channels: all ways to tell somebody.
        webhook: the name of the one that is told.
        monitor_id: whose events they are; None for those of a command.
        is_current: tells whether an event may still be told: it may not once whom it names was erased.
        first_pause_seconds: how long it takes until an event that was not taken is posted again.
    """

    def __init__(
        self,
        channels: Channels,
        webhook: str,
        monitor_id: str | None,
        is_current: Callable[[NumberedEvent], bool] = lambda _: True,
        first_pause_seconds: float = _FIRST_PAUSE_SECONDS,
    ) -> None:
        self._channels = channels
        self._webhook = webhook
        self._monitor_id = monitor_id
        self._is_current = is_current
        self._first_pause = first_pause_seconds
        self._changed = threading.Condition()
        self._waiting: deque[tuple[float, NumberedEvent]] = deque()
        self._stopping = threading.Event()
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """How many events were given up since the last one that was taken."""
        return self._dropped

    def add(self, numbered: NumberedEvent) -> None:
        """Post an event as soon as those before it are; never waits."""
        with self._changed:
            if len(self._waiting) >= MOST_WAITING:
                self._waiting.popleft()
                self._dropped += 1
            self._waiting.append((time.monotonic(), numbered))
            self._changed.notify_all()

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Post for as long as the block runs, and what waits then for two more seconds."""
        thread = threading.Thread(target=self._work, name="monitor-delivery", daemon=True)
        thread.start()
        try:
            yield
        finally:
            with self._changed:
                self._changed.wait_for(lambda: not self._waiting, _ENDING_SECONDS)
                self._stopping.set()
                self._changed.notify_all()
            thread.join(_ENDING_SECONDS)

    def _work(self) -> None:
        pause = self._first_pause
        while not self._stopping.is_set():
            numbered = self._next()
            if numbered is None:
                continue
            dropped = self._dropped
            try:
                if self._is_current(numbered):
                    self._channels.send(self._notice(numbered, dropped))
            except NotificationFailed as error:
                _log.warning("a webhook did not take an event", webhook=self._webhook, reason=str(error))
                self._stopping.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
                continue
            except CountenanceError as error:
                _log.error("a webhook cannot be told", webhook=self._webhook, reason=str(error))
                dropped = -1
            except Exception:
                _log.exception("a webhook cannot be told", webhook=self._webhook)
                dropped = -1
            self._done(numbered, dropped)
            pause = self._first_pause

    def _next(self) -> NumberedEvent | None:
        """Return the oldest event that is not too old; it stays until it is done."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopping.is_set(), 1.0)
            while self._waiting and time.monotonic() - self._waiting[0][0] > OLDEST_SECONDS:
                self._waiting.popleft()
                self._dropped += 1
            return self._waiting[0][1] if self._waiting else None

    def _done(self, numbered: NumberedEvent, told_of_dropped: int) -> None:
        with self._changed:
            if self._waiting and self._waiting[0][1] is numbered:
                self._waiting.popleft()
            self._dropped -= told_of_dropped
            self._changed.notify_all()

    def _notice(self, numbered: NumberedEvent, dropped: int) -> Notice:
        body: dict[str, Any] = {"monitor_id": self._monitor_id, "number": numbered.number}
        body |= event_record(numbered.event) | {"dropped_before": dropped}
        return Notice(f"{numbered.event.watch_id}-{numbered.number}", self._webhook, body)

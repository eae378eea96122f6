"""The last events of a monitor, in memory: read in pages, or waited for."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.operations.watch_events import Recognised

if TYPE_CHECKING:
    from collections.abc import Collection

    from countenance.operations.watch_events import WatchEvent

MOST_EVENTS = 500


@dataclass(frozen=True, slots=True)
class NumberedEvent:
    """An event and its number, which rises, also from one start of the server to the next."""

    number: int
    event: WatchEvent


class Feed:
    """Holds the last `MOST_EVENTS` events, for any number of threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._events: deque[NumberedEvent] = deque(maxlen=MOST_EVENTS)
        self._number = time.time_ns() // 1_000_000

    def add(self, event: WatchEvent) -> NumberedEvent:
        """Add an event; where there are too many, the oldest goes."""
        with self._changed:
            self._number += 1
            numbered = NumberedEvent(self._number, event)
            self._events.append(numbered)
            self._changed.notify_all()
        return numbered

    def after(self, number: int, most: int) -> list[NumberedEvent]:
        """Return the first events of a greater number."""
        with self._changed:
            return [each for each in self._events if each.number > number][:most]

    def last(self, most: int) -> list[NumberedEvent]:
        """Return the newest events, oldest first."""
        with self._changed:
            return list(self._events)[-most:]

    def recognised_faces(self) -> set[str]:
        """Return the ids of the enrolled faces that events name."""
        with self._changed:
            events = [each.event for each in self._events]
        return {event.face_id for event in events if isinstance(event, Recognised)}

    def forget_faces(self, face_ids: Collection[str]) -> None:
        """Forget the events that name any of these faces, since they were erased."""
        with self._changed:
            kept = [each for each in self._events if not _names(each.event, face_ids)]
            if len(kept) < len(self._events):
                self._events = deque(kept, maxlen=MOST_EVENTS)

    def wait(self, number: int, seconds: float) -> None:
        """Return as soon as there is an event of a greater number, or when so much time has passed."""
        with self._changed:
            self._changed.wait_for(lambda: self._number > number, seconds)

    @property
    def number(self) -> int:
        """The number of the newest event there was."""
        with self._changed:
            return self._number


def _names(event: WatchEvent, face_ids: Collection[str]) -> bool:
    return isinstance(event, Recognised) and event.face_id in face_ids

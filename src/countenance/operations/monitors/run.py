"""One monitor while a server runs it: it watches, waits where that is not permitted, and tries again.

What ends it for good is that its access key may not do it any more, that its file has ended, or that
somebody stops or deletes it. A moratorium or another policy only makes it wait: it asks every two seconds,
and goes on by itself. While it waits it does not read the camera.
"""

from __future__ import annotations

import enum
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from countenance.errors import (
    CollectionNotFound,
    ConsentMissing,
    CountenanceError,
    MoratoriumInForce,
    NotPermitted,
    PolicyForbids,
)
from countenance.operations.callers import caller_of
from countenance.operations.monitors.delivery import Delivery
from countenance.operations.monitors.feed import Feed
from countenance.operations.monitors.manage import monitor_writer
from countenance.operations.monitors.preview import Preview
from countenance.operations.monitors.values import MonitorState
from countenance.operations.watch import (
    ASK_AGAIN_SECONDS,
    Watched,
    Watchers,
    WatchRooms,
    still_permitted,
    watch,
)
from countenance.operations.watch_events import Lost, Recognised, Started, WatchEnded
from countenance.video.live_sources import LiveSource, require_allowed

if TYPE_CHECKING:
    from datetime import datetime

    from countenance.access import AccessKey
    from countenance.gallery import Gallery
    from countenance.operations.acts import Register
    from countenance.operations.monitors.feed import NumberedEvent
    from countenance.operations.monitors.rooms import MonitorRooms
    from countenance.operations.monitors.values import Monitor
    from countenance.operations.watch_events import WatchEvent
    from countenance.video.live_values import Looked
    from countenance.vision import FaceAnalyzer

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0
# Many people may come by each second; that somebody did is written down only so often.
_NOTED_EVERY_SECONDS = 5.0
_log = structlog.get_logger("countenance.monitors")


class Activity(enum.StrEnum):
    """What a monitor does at the moment."""

    CONNECTING = "connecting"
    WATCHING = "watching"
    INTERRUPTED = "interrupted"
    WAITING = "waiting"
    """It may not watch for now, or failed; it tries again."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class RunningRooms:
    """What running monitors need of the house."""

    monitors: MonitorRooms
    vision: FaceAnalyzer
    gallery: Gallery
    register: Register
    max_pixels: int


class MonitorRun:
    """Runs one monitor in a thread, from `start` until `stop`; with ``before``, its run before this one.

    Attributes:
        monitor: what it was when it was started.
        feed: its last events.
        preview: what it sees.
    """

    def __init__(self, rooms: RunningRooms, monitor: Monitor, before: MonitorRun | None = None) -> None:
        self.monitor = monitor
        self.feed: Feed = before.feed if before is not None else Feed()
        self.preview: Preview = before.preview if before is not None else Preview()
        self._rooms = rooms
        self._stopping = threading.Event()
        self._activity = Activity.CONNECTING
        self._message = ""
        self._noted_message = monitor.message
        self._noted_at = 0.0
        self._delivery: Delivery | None = None
        self._thread = threading.Thread(target=self._work, name="monitor", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; it does within a second, unless its camera keeps it."""
        self._stopping.set()

    def join(self, seconds: float) -> None:
        """Wait until it has ended."""
        self._thread.join(seconds)

    @property
    def has_ended(self) -> bool:
        """Whether it will do nothing any more."""
        return not self._thread.is_alive()

    @property
    def activity(self) -> Activity:
        """What it does at the moment."""
        return Activity.STOPPED if self.has_ended else self._activity

    @property
    def message(self) -> str:
        """Why it does not watch; empty where there is nothing to say."""
        return self._message

    @property
    def events_not_posted(self) -> int:
        """How many events the webhook did not get since the last that it got."""
        return self._delivery.dropped if self._delivery is not None else 0

    def forget_the_erased(self) -> None:
        """Forget the events that name faces which are not in the collection any more."""
        named = self.feed.recognised_faces()
        if named:
            self.feed.forget_faces(named - self._there(named))

    def _work(self) -> None:
        with ExitStack() as posting:
            if self.monitor.asked.webhook is not None:
                channels = self._rooms.monitors.channels
                self._delivery = Delivery(
                    channels, self.monitor.asked.webhook, self.monitor.monitor_id, self._is_current
                )
                posting.enter_context(self._delivery.going_on())
            pause = _FIRST_PAUSE_SECONDS
            while not self._stopping.is_set():
                began = time.monotonic()
                seconds = self._once(pause)
                if seconds is None:
                    return
                went_well = time.monotonic() - began > _LONGEST_PAUSE_SECONDS
                pause = _FIRST_PAUSE_SECONDS if went_well else min(2 * pause, _LONGEST_PAUSE_SECONDS)
                self._stopping.wait(seconds)

    def _once(self, pause: float) -> float | None:
        """Watch until something ends it; returns after how many seconds to go on, None for never."""
        try:
            ended = self._watch()
        except (MoratoriumInForce, PolicyForbids, ConsentMissing) as error:
            self._wait(str(error))
            return ASK_AGAIN_SECONDS
        except NotPermitted as error:
            self._end(str(error))
            return None
        except CollectionNotFound as error:  # the record of the monitor goes with it
            self._wait(str(error))
            return pause
        except CountenanceError as error:
            self._wait(str(error))
            return pause
        except Exception:
            _log.exception("a monitor failed and is tried again", monitor=self.monitor.monitor_id)
            self._wait("it failed unexpectedly; the server's log says why")
            return pause
        if not self._stopping.is_set():
            self._end(ended)
        return None

    def _watch(self) -> str:
        asked, rooms = self.monitor.asked, self._rooms
        source = LiveSource.parse(asked.source)
        require_allowed(source, rooms.monitors.sources)
        # Where it is not permitted that leaves no entry, or there would be one every two seconds.
        still_permitted(rooms.register, self._caller(), asked.collection_id)
        self._activity = Activity.CONNECTING
        watched = Watched(
            source,
            asked.collection_id,
            asked.least_similarity,
            rooms.max_pixels,
            monitor_id=self.monitor.monitor_id,
        )
        watchers = Watchers(self._tell, self._show, self._stopping)
        return watch(WatchRooms(rooms.vision, rooms.gallery, rooms.register, self._caller), watched, watchers)

    def _caller(self) -> AccessKey:
        return caller_of(self._rooms.monitors.store, self.monitor.works_for)

    def _tell(self, event: WatchEvent) -> None:
        numbered = self.feed.add(event)
        if self._delivery is not None:
            self._delivery.add(numbered)
        if isinstance(event, Lost):
            self._activity, self._message = Activity.INTERRUPTED, event.reason
        elif not isinstance(event, (Started, WatchEnded)):
            self._activity, self._message = Activity.WATCHING, ""
        self._note(event.at)

    def _show(self, looked: Looked) -> None:
        if self.monitor.asked.preview:
            self.preview.show(looked)

    def _wait(self, message: str) -> None:
        self._activity, self._message = Activity.WAITING, message
        self._note(None)

    def _note(self, last_event_at: datetime | None) -> None:
        """Write down how it is: at once where that is news, else every few seconds."""
        is_news = self._message != self._noted_message
        if not is_news and time.monotonic() - self._noted_at < _NOTED_EVERY_SECONDS:
            return
        self._noted_message, self._noted_at = self._message, time.monotonic()
        try:
            with self._rooms.monitors.store.writing() as writer:
                writer.note_monitor(self.monitor.monitor_id, last_event_at, self._message)
        except CountenanceError as error:
            _log.error("how a monitor is could not be noted", reason=str(error))

    def _end(self, message: str) -> None:
        """Stop for good, as if somebody had stopped it, and say why."""
        self._message, monitor = message, self.monitor
        try:
            with (
                self._rooms.register.following(monitor.monitor_id, "end_monitor") as act,
                act.recording() as changing,
            ):
                act.note(monitor=monitor.monitor_id, collection=monitor.asked.collection_id)
                writer = monitor_writer(changing)
                writer.set_monitor_state(monitor.monitor_id, MonitorState.STOPPED, monitor.works_for)
                writer.note_monitor(monitor.monitor_id, None, message)
        except CountenanceError as error:
            _log.error("the end of a monitor could not be noted", reason=str(error))

    def _there(self, face_ids: set[str]) -> set[str]:
        with self._rooms.gallery.reading() as reader:
            try:
                collection = reader.collection(self.monitor.asked.collection_id)
            except CollectionNotFound:
                return set()
            found = reader.faces(collection, after_key=0, most=len(face_ids), face_ids=sorted(face_ids))
        return {face.face_id for face in found}

    def _is_current(self, numbered: NumberedEvent) -> bool:
        event = numbered.event
        return not isinstance(event, Recognised) or bool(self._there({event.face_id}))

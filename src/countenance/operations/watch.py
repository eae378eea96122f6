"""Watch a camera or a file: say who of a collection comes before it, for as long as that is permitted.

1. Ask for leave, and record that the use begins.
2. Take the newest picture, find the faces in it and follow them.
3. Search for whoever is seen well enough: each search asks for leave and leaves an entry of its own.
4. Ask again every two seconds, also while nobody comes.
5. However it ends, record that, with how much was looked at (EU AI Act Art. 12(3)).

Of those who are not recognised nothing is kept: no picture, no face, no template.
"""

from __future__ import annotations

import time
import uuid
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from countenance.errors import CountenanceError, VideoUnreadable
from countenance.ledger import in_hundredths
from countenance.operations.acts import Act
from countenance.operations.answers import must_review
from countenance.operations.probes import require_pack
from countenance.operations.watch_events import (
    FaceAppeared,
    FaceLeft,
    Lost,
    Recognised,
    Reconnected,
    Started,
    WatchEnded,
)
from countenance.operations.watch_recognising import Recogniser, require_there
from countenance.operations.watch_values import Watched, Watchers, WatchRooms
from countenance.video.live_reading import LiveReader
from countenance.video.live_tracking import LiveTracker
from countenance.video.live_values import (
    Appeared,
    Connected,
    Ended,
    Interrupted,
    LiveFrame,
    Looked,
    Recognisable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from countenance.access import AccessKey
    from countenance.gallery.values import Collection
    from countenance.operations.acts import Register
    from countenance.operations.watch_events import WatchEvent
    from countenance.video.live_values import Happening

__all__ = ["ASK_AGAIN_SECONDS", "WatchRooms", "Watched", "Watchers", "still_permitted", "watch"]

ASK_AGAIN_SECONDS = 2.0
"""A moratorium, a revoked key or another policy ends watching so soon, at the latest."""

_LOOK_SECONDS = 0.5
_log = structlog.get_logger("countenance.watch")


def watch(rooms: WatchRooms, watched: Watched, watchers: Watchers) -> str:
    """Watch until told to stop, or until a file ends; returns why it ended.

    Raises:
        NotPermitted: it is not permitted, or not any more.
        CollectionNotFound: there is no such collection, or not any more.
        PacksDiffer: the collection was filled by another pack.
        PackNotCalibrated: the pack cannot say what a score means.
        VideoError: the source can never be read.
        StoreUnavailable: what happens cannot be recorded, so nothing is told.
    """
    watch_id, caller = str(uuid.uuid4()), rooms.caller()
    # 1
    collection, reviews = _begin(rooms, caller, watched, watch_id)
    use = _Use(rooms, watched, watchers, collection, watch_id, reviews=reviews)
    # 5
    with use.recording_the_end(caller):
        use.go_on()
    return use.reason


def still_permitted(
    register: Register, caller: AccessKey, collection_id: str, operation: str = "watch"
) -> Act:
    """Do nothing where an operation is permitted, and return the act that says so; it leaves no entry.

    Raises:
        NotPermitted: it is not.
    """
    act = Act(caller, "", register)
    act.permit(operation, collection_id)
    return act


def _begin(rooms: WatchRooms, caller: AccessKey, watched: Watched, watch_id: str) -> tuple[Collection, bool]:
    """Ask for leave and record the begin; returns the collection, and whether people review answers."""
    with rooms.register.act(caller, watch_id) as act:
        act.permit("watch", watched.collection_id)
        caller.permit("search_live", watched.collection_id)
        with rooms.gallery.reading() as reader:
            collection = reader.collection(watched.collection_id)
        require_pack(rooms.vision, collection)
        act.note(
            source=rooms.register.digest(f"source\n{watched.source.shown}"),
            source_kind=watched.source.kind.value,
            threshold=in_hundredths(watched.least_similarity),
            pack=collection.pack,
        )
        if watched.monitor_id is not None:
            act.note(monitor=watched.monitor_id)
        return collection, must_review(act)


class _Use:
    """One use, from begin to end; ``reason`` is why it ended."""

    def __init__(
        self,
        rooms: WatchRooms,
        watched: Watched,
        watchers: Watchers,
        collection: Collection,
        watch_id: str,
        *,
        reviews: bool,
    ) -> None:
        self._rooms = rooms
        self._watched = watched
        self._watchers = watchers
        self._collection = collection
        self._watch_id = watch_id
        self._reader = LiveReader(watched.source, max_pixels=watched.max_pixels, fast=watched.fast)
        self._tracker = LiveTracker(rooms.vision.calibration, portraits=reviews)
        self._recogniser = Recogniser(
            rooms.vision,
            rooms.gallery,
            rooms.register,
            rooms.caller,
            collection,
            watched.least_similarity,
            watch_id,
        )
        self._began = self._asked = time.monotonic()
        self._last_picture_at = datetime.now(UTC)
        self._faces = self._recognised = 0
        self.reason = "it was told to stop"

    def go_on(self) -> None:
        """Watch."""
        watched = self._watched
        self._tell(
            Started(
                self._watch_id,
                datetime.now(UTC),
                watched.source.shown,
                watched.collection_id,
                watched.least_similarity,
            )
        )
        with self._reader as reader:
            while not self._watchers.stopping.is_set():
                # 4
                self._ask_again()
                # 2
                item = reader.next(_LOOK_SECONDS)
                if isinstance(item, LiveFrame):
                    self._look(item)
                elif isinstance(item, Ended):
                    if item.failed:
                        raise VideoUnreadable(item.reason)
                    self.reason = item.reason
                    return
                elif isinstance(item, (Connected, Interrupted)):
                    self._note_connection(item)
                elif not watched.fast:
                    self._note_all(self._tracker.end_those_unseen(datetime.now(UTC)))

    @contextmanager
    def recording_the_end(self, caller: AccessKey) -> Iterator[None]:
        """Record, and tell, how watching ends; the entry is there before that is told."""
        ended_by = "done"
        try:
            yield
        except BaseException as error:
            ended_by = type(error).__name__
            known = isinstance(error, CountenanceError)
            self.reason = str(error) if known else "it failed unexpectedly"
            raise
        finally:
            try:
                self._record_the_end(caller, ended_by)
            except CountenanceError as error:
                _log.error("the end of watching could not be recorded", reason=str(error))
            self._note_all(self._tracker.end_all(self._last_picture_at))
            self._tell(WatchEnded(self._watch_id, datetime.now(UTC), self.reason, self._reader.counts))

    def _record_the_end(self, caller: AccessKey, ended_by: str) -> None:
        seconds = round(time.monotonic() - self._began)
        with self._rooms.register.following(self._watch_id, "end_watch", caller) as act:
            act.note(
                collection=self._watched.collection_id,
                ended_by=ended_by,
                seconds=seconds,
                frames=asdict(self._reader.counts),
                faces=self._faces,
                searches=self._recogniser.searches,
                recognised=self._recognised,
            )

    def _ask_again(self) -> None:
        if time.monotonic() - self._asked >= ASK_AGAIN_SECONDS:
            rooms = self._rooms
            act = still_permitted(rooms.register, rooms.caller(), self._watched.collection_id)
            require_there(rooms.gallery, self._collection)
            self._tracker.portraits = must_review(act)
            self._asked = time.monotonic()

    def _look(self, frame: LiveFrame) -> None:
        self._last_picture_at = frame.taken_at
        faces = self._rooms.vision.faces(frame.pixels)
        self._note_all(self._tracker.step(frame, faces))
        self._watchers.show(Looked(frame, tuple(faces)))

    def _note_connection(self, item: Connected | Interrupted) -> None:
        if isinstance(item, Interrupted):
            self._note_all(self._tracker.end_all(item.at))
            counts = self._reader.counts
            self._tell(Lost(self._watch_id, item.at, item.reason, item.retry_seconds, counts))
        elif item.again:
            self._tell(Reconnected(self._watch_id, item.at))

    def _note_all(self, happenings: Iterable[Happening]) -> None:
        for happening in happenings:
            if isinstance(happening, Recognisable):
                # 3
                event = self._recogniser.recognise(happening)
                if event is not None:
                    self._recognised += isinstance(event, Recognised)
                    self._tell(event)
            elif isinstance(happening, Appeared):
                self._faces += 1
                self._tell(FaceAppeared(self._watch_id, happening.at, happening.track))
            else:
                self._recogniser.forget(happening.track)
                first, last = happening.first_seen_at, happening.last_seen_at
                seconds = round((last - first).total_seconds(), 3)
                self._tell(FaceLeft(self._watch_id, happening.at, happening.track, first, last, seconds))

    def _tell(self, event: WatchEvent) -> None:
        self._watchers.tell(event)

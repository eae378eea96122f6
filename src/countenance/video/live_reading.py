"""`LiveReader`: the newest picture of a camera, however slow whoever looks at it is.

A thread reads and decodes. It holds one picture; a newer one takes its place and the older one is counted.
When pictures stop coming the source is opened again, after a pause that doubles up to a minute, for ever.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import structlog

from countenance.errors import ExtraMissing, SourceLost, SourceRefused, VideoError
from countenance.video.live_clock import FrameClock
from countenance.video.live_opening import opened_source
from countenance.video.live_sources import SourceKind
from countenance.video.live_values import Connected, Ended, FrameCounts, Interrupted, LiveFrame

if TYPE_CHECKING:
    from types import TracebackType

    from countenance.video.live_sources import LiveSource
    from countenance.video.reading import DecodedFrame

_log = structlog.get_logger("countenance.video")

_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0
_SILENCE_SECONDS = 10.0
# A source that sent pictures for so long has recovered: the next pause is short again.
_RECOVERED_SECONDS = 10.0
# What is held while nobody asks; the oldest of more goes.
_MOST_WAITING = 64
_ENDING_SECONDS = 1.0

Item = LiveFrame | Connected | Interrupted | Ended


@dataclass(frozen=True, slots=True, eq=False)
class _Newest:
    taken_at: datetime
    frame: DecodedFrame


class LiveReader:
    """Reads a source for as long as the ``with`` block runs.

    Args:
        source: what is read.
        max_pixels: the largest picture.
        fast: of a file, whether its pictures are given out as soon as they are asked for, and none is
            dropped; otherwise it is read as if it were taken just now.
        first_pause_seconds: how long it takes until a lost source is tried again the first time.
        silence_seconds: a camera that sends nothing for so long is lost.
    """

    def __init__(
        self,
        source: LiveSource,
        *,
        max_pixels: int,
        fast: bool = False,
        first_pause_seconds: float = _FIRST_PAUSE_SECONDS,
        silence_seconds: float = _SILENCE_SECONDS,
    ) -> None:
        self._silence = silence_seconds
        self._source = source
        self._max_pixels = max_pixels
        self._fast = fast and source.kind is SourceKind.FILE
        self._first_pause = self._pause = first_pause_seconds
        self._changed = threading.Condition()
        self._waiting: deque[_Newest | Connected | Interrupted | Ended] = deque(maxlen=_MOST_WAITING)
        self._stopping = threading.Event()
        self._read = self._looked_at = self._dropped = 0
        self._was_connected = False
        self._thread = threading.Thread(target=self._work, name="live-reader", daemon=True)

    def __enter__(self) -> Self:
        """Begin to read."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; a source that does not answer just then is left by the thread when its time is out."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
        self._thread.join(_ENDING_SECONDS)

    @property
    def counts(self) -> FrameCounts:
        """How many pictures there were so far."""
        return FrameCounts(self._read, self._looked_at, self._dropped)

    def next(self, timeout_seconds: float) -> Item | None:
        """Return the newest picture, or what became of the source; None where nothing does."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting, timeout_seconds)
            if not self._waiting:
                return None
            item = self._waiting.popleft()
            self._changed.notify_all()
        if not isinstance(item, _Newest):
            return item
        self._looked_at += 1
        # Turning a decoded picture into pixels is paid for those only that somebody looks at.
        return LiveFrame(item.taken_at, item.frame.pixels())

    def _work(self) -> None:
        try:
            self._read_on()
        except Exception as error:
            # Whatever it is, who waits for pictures must not wait for ever.
            self._tell(Ended(_now(), f"reading failed unexpectedly ({type(error).__name__})", failed=True))
            _log.exception("a source cannot be read", source=self._source.shown)

    def _read_on(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                lost = self._read_to_the_end()
                if self._source.kind is SourceKind.FILE:
                    reason = "; ".join(("the file has ended", *lost))
                    return self._tell(Ended(_now(), reason, failed=False))
                reason = f"{self._source.shown} ended the stream"
            except (SourceLost, SourceRefused) as error:
                reason = str(error)
            except (VideoError, ExtraMissing) as error:
                return self._tell(Ended(_now(), str(error), failed=True))
            if time.monotonic() - began > _RECOVERED_SECONDS:
                self._pause = self._first_pause
            if not self._stopping.is_set():
                self._tell(Interrupted(_now(), reason, self._pause))
                self._stopping.wait(self._pause)
                self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)
        return None

    def _read_to_the_end(self) -> list[str]:
        """Read until nothing comes any more; returns what could not be read, in sentences."""
        is_file, connected = self._source.kind is SourceKind.FILE, False
        clock = FrameClock(self._stopping, is_file=is_file, waits=not self._fast)
        with opened_source(self._source, self._max_pixels, self._silence) as opened:
            for frame in opened.frames:
                if self._stopping.is_set():
                    break
                if not connected:
                    self._tell(Connected(_now(), again=self._was_connected))
                    connected = self._was_connected = True
                self._read += 1
                taken_at = clock.time_of(frame.timestamp_ms / 1000)
                if clock.is_due(taken_at):
                    self._offer(_Newest(taken_at, frame))
            return opened.lost()

    def _offer(self, newest: _Newest) -> None:
        with self._changed:
            if self._fast:
                self._changed.wait_for(lambda: not self._waiting or self._stopping.is_set())
            if self._waiting and isinstance(self._waiting[-1], _Newest):
                self._waiting.pop()
                self._dropped += 1
            self._waiting.append(newest)
            self._changed.notify_all()

    def _tell(self, item: Connected | Interrupted | Ended) -> None:
        with self._changed:
            self._waiting.append(item)
            self._changed.notify_all()


def _now() -> datetime:
    return datetime.now(UTC)

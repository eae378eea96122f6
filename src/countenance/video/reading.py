"""Opens video files and decodes them, whatever is in them: damaged streams give what can be read, and say so.

A file is hostile until shown otherwise. Formats that are lists of other files (playlists, concatenations)
are not opened, no protocol but the local file's is spoken, and sizes are checked before anything is decoded.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from countenance.errors import ExtraMissing, VideoTooLarge, VideoUnreadable
from countenance.video.damage import Damage
from countenance.video.values import VideoFacts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

    from countenance.faces import Pixels

_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,flv,asf,ogg,mxf,gif,h264,hevc,ivf,m4v,dv,"
    "rm,wtv,nut"
)
_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": _FORMATS}
# After so many parts in a row that cannot be decoded, nothing that follows can.
_MOST_BROKEN = 2_000
# Where a stream says nothing of times and rates.
_USUAL_RATE = 25.0
_SMALL_SIZE_PX = (64, 36)


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """How large a video may be.

    Attributes:
        max_bytes: of the file; Amazon's limit is 10 GB.
        max_hours: how long it may last; Amazon's limit is 6.
        max_pixels: of one frame.
    """

    max_bytes: int = 10 * 1024**3
    max_hours: float = 6.0
    max_pixels: int = 36_000_000


@dataclass(frozen=True, slots=True, eq=False)
class DecodedFrame:
    """A frame in the codec's own colours; what is wanted of it is made when it is asked for."""

    timestamp_ms: int
    _frame: Any
    _quarter_turns: int

    def pixels(self, longest_px: int | None = None) -> Pixels:
        """Return it upright, height × width × 3, red green blue, its longer side at most so many pixels."""
        width, height = self._frame.width, self._frame.height
        scale = min(1.0, longest_px / max(width, height)) if longest_px is not None else 1.0
        size = {} if scale == 1.0 else {"width": _even(width * scale), "height": _even(height * scale)}
        plain = self._frame.to_ndarray(format="rgb24", **size)
        return np.ascontiguousarray(np.rot90(plain, self._quarter_turns))

    def small(self) -> npt.NDArray[np.uint8]:
        """Return 36 × 64 grey values, which is enough to see a cut; not upright."""
        width, height = _SMALL_SIZE_PX
        how = {"format": "gray", "interpolation": "FAST_BILINEAR"}
        grey = self._frame.to_ndarray(width=width, height=height, **how)
        return np.asarray(grey, np.uint8)


@dataclass(slots=True, eq=False)
class VideoReader:
    """An opened video.

    Attributes:
        facts: what it says of itself.
        damage: what could not be read so far.
    """

    facts: VideoFacts
    _container: Any
    _limits: VideoLimits
    _origin_ms: float
    _quarter_turns: int
    damage: Damage = field(default_factory=Damage)

    def frames(self, start_ms: int = 0) -> Iterator[DecodedFrame]:
        """Yield the frames from a time on, in the order in which they are shown.

        Raises:
            VideoTooLarge: a frame has more pixels than there may be, or it lasts longer than it may.
        """
        stream = self._container.streams.video[0]
        self._seek(start_ms)
        last_ms, step_ms = -1.0, 1000.0 / (self.facts.frames_per_second or _USUAL_RATE)
        for frame in self._decoded(stream):
            _check_pixels(frame.width, frame.height, self._limits)
            shown_ms = _milliseconds(frame)
            # A frame without a time, or with one that runs back, comes one step after the last.
            now_ms = last_ms + step_ms if shown_ms is None else shown_ms - self._origin_ms
            now_ms = max(now_ms, last_ms + 1.0, 0.0)
            if now_ms > self._limits.max_hours * 3_600_000:
                raise _too_long(self._limits)
            last_ms = now_ms
            if now_ms >= start_ms:
                self.damage.met(round(now_ms), is_broken=bool(frame.is_corrupt))
                yield DecodedFrame(round(now_ms), frame, self._quarter_turns)

    def _seek(self, start_ms: int) -> None:
        errors = _library().error
        at = start_ms + self._origin_ms
        try:
            self._container.seek(int(at * 1000), backward=True, any_frame=False)
        except (errors.FFmpegError, OSError):
            # A stream that cannot be searched is read from where it is, which is its beginning.
            self.damage.note("the stream cannot be searched")

    def _decoded(self, stream: Any) -> Iterator[Any]:
        errors, broken = _library().error, 0
        packets = self._container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except (errors.FFmpegError, OSError):
                self.damage.ended_early()
                packet = None
            try:
                yield from packet.decode() if packet is not None else stream.decode(None)
                broken = 0
            except errors.EOFError:
                return
            except (errors.FFmpegError, ValueError):
                broken += 1
                self.damage.lost_part()
                if broken > _MOST_BROKEN:
                    self.damage.ended_early()
                    return
            if packet is None:
                return


@contextmanager
def open_video(
    path: Path, limits: VideoLimits | None = None, *, name: str | None = None
) -> Iterator[VideoReader]:
    """Open a video file for as long as the block runs; errors call it by ``name``, or the path's.

    Raises:
        ExtraMissing: PyAV is not installed; it belongs to the extra ``video``.
        VideoUnreadable: the file is not there, or holds no video that can be decoded.
        VideoTooLarge: it has more bytes, hours or pixels than it may have.
    """
    av, limits, name = _library(), limits or VideoLimits(), name or path.name
    _check_file(path, limits, name)
    try:
        container = av.open(str(path.absolute()), options=_OPTIONS, metadata_errors="replace")
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise _unreadable(name, error) from None
    with container:
        if not container.streams.video:
            raise VideoUnreadable(f"{name} holds no video stream")
        yield _reader(name, container, limits)


def _reader(name: str, container: Any, limits: VideoLimits) -> VideoReader:
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    context = stream.codec_context
    if context is None:  # the stream names a codec that nobody knows
        raise VideoUnreadable(f"{name} is in a codec that is not read")
    _check_pixels(context.width, context.height, limits)
    duration_ms = _duration_ms(container, stream)
    if duration_ms is not None and duration_ms > limits.max_hours * 3_600_000:
        raise _too_long(limits)
    first = _first_frame(name, container, stream, limits)
    quarter_turns = round(first.rotation / 90) % 4
    width, height = first.width, first.height
    if quarter_turns % 2:
        width, height = height, width
    rate = stream.average_rate or stream.guessed_rate
    facts = VideoFacts(
        container=container.format.name,
        codec=context.name,
        width_px=width,
        height_px=height,
        frames_per_second=float(rate) if rate else 0.0,
        duration_ms=duration_ms,
        full_range=_FULL_RANGE.get(int(first.color_range)),
    )
    return VideoReader(facts, container, limits, _milliseconds(first) or 0.0, quarter_turns)


_FULL_RANGE = {1: False, 2: True}


def _first_frame(name: str, container: Any, stream: Any, limits: VideoLimits) -> Any:
    errors, tried = _library().error, 0
    try:
        for packet in container.demux(stream):
            try:
                for frame in packet.decode():
                    _check_pixels(frame.width, frame.height, limits)
                    return frame
            except (errors.FFmpegError, ValueError):
                tried += 1
            if tried > _MOST_BROKEN:
                break
    except (errors.FFmpegError, OSError) as error:
        raise _unreadable(name, error) from None
    raise VideoUnreadable(f"{name} holds no frame that can be decoded")


def _library() -> Any:
    try:
        import av  # noqa: PLC0415 - belongs to an extra, and takes a tenth of a second
    except ImportError:
        raise ExtraMissing(
            "to read videos install the extra video: pip install 'countenance[video]'"
        ) from None
    return av


def _check_file(path: Path, limits: VideoLimits, name: str) -> None:
    try:
        if not path.is_file():
            raise VideoUnreadable(f"there is no file {name}")
        count = path.stat().st_size
    except OSError as error:
        raise VideoUnreadable(f"{name} cannot be read: {error.strerror}") from None
    if count > limits.max_bytes:
        raise VideoTooLarge(f"{name} has {count:,} bytes; the limit is {limits.max_bytes:,}")


def _check_pixels(width: int, height: int, limits: VideoLimits) -> None:
    if width * height > limits.max_pixels:
        raise VideoTooLarge(
            f"the video has frames of {width}×{height} px; the limit is {limits.max_pixels:,} pixels"
        )


def _too_long(limits: VideoLimits) -> VideoTooLarge:
    return VideoTooLarge(f"the video lasts longer than {limits.max_hours:g} hours, which is the limit")


def _unreadable(name: str, error: Exception) -> VideoUnreadable:
    # The library's own message holds the file's place.
    reason = getattr(error, "strerror", None) or "it is damaged, or in a format that is not read"
    return VideoUnreadable(f"{name} is no video that can be decoded: {reason}")


def _duration_ms(container: Any, stream: Any) -> int | None:
    if container.duration is not None and container.duration > 0:
        return int(container.duration) // 1000
    if stream.duration is not None and stream.duration > 0 and stream.time_base is not None:
        return int(stream.duration * stream.time_base * 1000)
    return None


def _milliseconds(frame: Any) -> float | None:
    return None if frame.time is None or not math.isfinite(frame.time) else float(frame.time) * 1000.0


def _even(side: float) -> int:
    return max(2, 2 * round(side / 2))

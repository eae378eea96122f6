"""Writes a copy of a video whose frames are drawn on: as long, at the same times, upright, with its sound.

Each frame is shown at the time, to the millisecond, at which it is shown in the original, also where frames
do not come at one rate. One frame is held at a time. Sound is copied as it is where the new file's format
takes it.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from countenance.errors import ExtraMissing, VideoNotWritten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from countenance.faces import Pixels
    from countenance.video.reading import VideoReader

FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
"""By suffix, the formats that are written."""

# What players of the format can be relied on to play.
_SOUND_OF_MP4 = frozenset({"aac", "mp3", "ac3", "eac3", "alac"})
_SOUND = {"mp4": _SOUND_OF_MP4, "mov": _SOUND_OF_MP4, "matroska": _SOUND_OF_MP4 | {"opus", "vorbis", "flac"}}
_TIME_BASE = Fraction(1, 1000)
_USUAL_RATE = 25.0
# Sound before the first picture is held until there is one, and is not copied where it is that much.
_MOST_EARLY = 4_096
_MOST_AHEAD_SECONDS = 60.0
# Values of H.273, which all formats share.
_BT709, _LIMITED_RANGE = 1, 1
# Without x264: bits for each pixel of each frame, at which MPEG-4 shows no blocks in 640×360.
_BITS_PER_PIXEL = 0.2


@dataclass(frozen=True, slots=True)
class WrittenVideo:
    """What became of a copy.

    Attributes:
        frames: how many it has.
        has_sound: whether the sound was copied.
        codec: ``h264``, or ``mpeg4`` where PyAV was built without x264.
    """

    frames: int
    has_sound: bool
    codec: str


def write_copy(
    reader: VideoReader,
    path: Path,
    target: BinaryIO,
    file_format: str,
    draw: Callable[[Pixels, int], None],
) -> WrittenVideo:
    """Write a copy of a video.

    Args:
        reader: the video, opened and not read yet.
        path: its file, which sound is copied from.
        target: where the copy goes; seekable.
        file_format: a value of `FORMATS`.
        draw: draws on a frame, height × width × 3, that is shown so many milliseconds after the first.

    Raises:
        ExtraMissing: PyAV is not installed.
        VideoNotWritten: it cannot be encoded or written.
        VideoTooLarge: a frame, or the whole, is larger than it may be.
    """
    av = _library()
    try:
        with av.open(target, "w", format=file_format) as output:
            picture = _Picture(av, reader, output)
            with _Sound(av, reader, path, output) as sound:
                for frame in reader.frames():
                    pixels = picture.fitted(frame.pixels())
                    draw(pixels, frame.timestamp_ms)
                    shown_ms = frame.timestamp_ms + sound.ahead_ms
                    sound.go_on(shown_ms)
                    picture.add(pixels, shown_ms)
                sound.go_on(picture.end())
            return WrittenVideo(picture.frames, sound.is_copied, picture.codec)
    except (av.error.FFmpegError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        raise VideoNotWritten(f"the copy of {path.name} cannot be written: {reason}") from error


class _Picture:
    """The copy's pictures."""

    def __init__(self, av: Any, reader: VideoReader, output: Any) -> None:
        facts = reader.facts
        rate = Fraction(_rate(reader)).limit_denominator(1001)
        self.frames, self._step_ms = 0, max(1, round(1000 / rate))
        self._length_ms = facts.duration_ms or 0
        self._held: Any = None
        self._size = facts.width_px, facts.height_px
        self._av, self._output = av, output
        has_x264 = "libx264" in av.codecs_available
        self.codec = "h264" if has_x264 else "mpeg4"
        options = {"crf": "20", "preset": "veryfast"} if has_x264 else {}
        self._stream = output.add_stream("libx264" if has_x264 else "mpeg4", rate=rate, options=options)
        context = self._stream.codec_context
        # Colours are stored for every other pixel, so both sides must be even.
        context.width, context.height = (side + side % 2 for side in self._size)
        context.pix_fmt, context.time_base = "yuv420p", _TIME_BASE
        # Frames that wait for later ones are stored with times that, without a fixed rate, players misread.
        context.max_b_frames = 0
        if not has_x264:
            context.bit_rate = int(_BITS_PER_PIXEL * context.width * context.height * rate)
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = _LIMITED_RANGE

    def fitted(self, pixels: Pixels) -> Pixels:
        """Return a frame in the size of the first one."""
        if (pixels.shape[1], pixels.shape[0]) == self._size:
            return pixels
        return np.asarray(cv2.resize(pixels, self._size, interpolation=cv2.INTER_AREA), np.uint8)

    def add(self, pixels: Pixels, timestamp_ms: int) -> None:
        """Encode a frame."""
        context = self._stream.codec_context
        missing = context.height - pixels.shape[0], context.width - pixels.shape[1]
        if any(missing):
            pixels = np.pad(pixels, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="edge")
        plain = self._av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame = plain.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
        frame.pts, frame.time_base = timestamp_ms, _TIME_BASE
        self.frames += 1
        self._write(self._stream.encode(frame))

    def end(self) -> float:
        """Write what is left, and return when the last frame is no longer shown."""
        self._write(self._stream.encode(None))
        if self._held is None:
            return 0.0
        left_ms = self._length_ms - self._held.pts
        # What the file says of its length holds where it can be true.
        self._held.duration = left_ms if 0 < left_ms <= 2 * self._step_ms else self._step_ms
        end_ms = float(self._held.pts + self._held.duration)
        self._output.mux(self._held)
        return end_ms

    def _write(self, packets: list[Any]) -> None:
        """Write encoded frames; one is held back, until it is known how long it is shown."""
        for packet in packets:
            if self._held is not None:
                self._held.duration = packet.pts - self._held.pts
                self._output.mux(self._held)
            self._held = packet


class _Sound:
    """The original's sound, copied along with the pictures; nothing where there is none that can be copied.

    Attributes:
        ahead_ms: how long there is sound before the first picture.
        is_copied: whether anything was copied.
    """

    def __init__(self, av: Any, reader: VideoReader, path: Path, output: Any) -> None:
        self._errors, self._output = av.error, output
        # What the reader found it to be and nothing else; see `video.reading` on hostile files.
        original_format = reader.facts.container.split(",")[0]
        options = {"protocol_whitelist": "file"}
        self._original = av.open(str(path.resolve()), format=original_format, options=options)
        self._stream: Any = None
        self.ahead_ms, self.is_copied = 0, False
        self._packets: Iterator[tuple[Fraction, Any]] = iter(())
        found = next(iter(self._original.streams.audio), None)
        if found is not None and found.codec_context.name in _SOUND[output.format.name]:
            self._stream = output.add_stream_from_template(found)
            self._packets = self._from_the_first_picture(found)
        self._next = next(self._packets, None)

    def __enter__(self) -> _Sound:
        return self

    def __exit__(self, *_: object) -> None:
        self._original.close()

    def go_on(self, until_ms: float) -> None:
        """Copy the sound up to a time, counted from where the copy begins."""
        while self._next is not None and self._next[0] <= until_ms:
            packet = self._next[1]
            packet.stream = self._stream
            self._output.mux(packet)
            self.is_copied = True
            self._next = next(self._packets, None)

    def _from_the_first_picture(self, found: Any) -> Iterator[tuple[Fraction, Any]]:
        """Return what `_shifted` does; ``ahead_ms`` is known then."""
        packets, early, origin_s = self._demuxed(found), list[Any](), None
        for packet in packets:
            if packet.stream.type == "video":
                origin_s = self._time_of_picture(packet)
            else:
                early.append(packet)
            if origin_s is not None or len(early) == _MOST_EARLY:
                break
        if origin_s is None:
            return iter(())
        begin_s = min(origin_s, float((found.start_time or 0) * found.time_base))
        if origin_s - begin_s > _MOST_AHEAD_SECONDS:
            return iter(())
        self.ahead_ms = round((origin_s - begin_s) * 1000)
        return self._shifted(itertools.chain(early, packets), begin_s)

    def _shifted(self, packets: Iterator[Any], begin_s: float) -> Iterator[tuple[Fraction, Any]]:
        """Yield the parts of the sound, each with when it is due, in ms from where the copy begins."""
        last = -1
        for packet in packets:
            if packet.stream.type == "video":
                continue
            shift = round(begin_s / packet.time_base)
            packet.dts, packet.pts = packet.dts - shift, packet.pts - shift
            if packet.dts > last:
                last = packet.dts
                yield packet.dts * packet.time_base * 1000, packet

    def _demuxed(self, found: Any) -> Iterator[Any]:
        """Yield the packets of sound and pictures that say when they are due; damage ends them."""
        try:
            for packet in self._original.demux(self._original.streams.video[0], found):
                if packet.dts is not None and packet.pts is not None:
                    yield packet
        except (self._errors.FFmpegError, OSError):
            return

    def _time_of_picture(self, packet: Any) -> float | None:
        try:
            return next((frame.time for frame in packet.decode() if frame.time is not None), None)
        except (self._errors.FFmpegError, ValueError):
            return None


def _rate(reader: VideoReader) -> float:
    """Return how many frames a second has, as far as an encoder believes it."""
    return min(max(reader.facts.frames_per_second or _USUAL_RATE, 1.0), 240.0)


def _library() -> Any:
    try:
        import av  # noqa: PLC0415 - belongs to an extra, and takes a tenth of a second
    except ImportError:
        raise ExtraMissing(
            "to write videos install the extra video: pip install 'countenance[video]'"
        ) from None
    return av

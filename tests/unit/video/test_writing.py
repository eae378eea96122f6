"""Copies of videos: as many frames, at the same times, upright, with their sound, and with what is drawn."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from countenance.errors import VideoNotWritten
from countenance.faces import Pixels
from countenance.video import writing
from countenance.video.reading import open_video
from countenance.video.writing import WrittenVideo, write_copy
from filming import write_film

UNEVEN_MS = [0, 40, 55, 200, 203, 900, 1500, 1540]
EVERY_40_MS = [40 * number for number in range(25)]
RED = (220, 20, 20)


def film(
    path: Path, times_ms: list[int] = EVERY_40_MS, size: tuple[int, int] = (64, 96), **options: Any
) -> Path:
    """Write a film of frames that are dark above and bright below."""
    pixels = np.full((*size, 3), 40, np.uint8)
    pixels[size[0] // 2 :] = 200
    return write_film(path, [(each, pixels) for each in times_ms], **options)


def nothing(_pixels: Pixels, _timestamp_ms: int) -> None:
    pass


def copied(path: Path, target: Path, draw: Any = nothing) -> WrittenVideo:
    with open_video(path) as reader, target.open("wb") as file:
        return write_copy(reader, path, file, writing.FORMATS[target.suffix], draw)


def times_of(path: Path) -> list[int]:
    with av.open(str(path)) as container:
        times = [round(frame.time * 1000) for frame in container.decode(video=0)]
    return [each - times[0] for each in times]


def length_of(path: Path) -> float:
    with av.open(str(path)) as container:
        assert container.duration is not None
        return container.duration / av.time_base


def frames_of(path: Path) -> list[Pixels]:
    with open_video(path) as reader:
        return [frame.pixels() for frame in reader.frames()]


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("times_ms", [EVERY_40_MS, UNEVEN_MS], ids=["one rate", "no rate"])
def test_a_copy_has_the_frames_of_the_original_at_their_times(
    suffix: str, times_ms: list[int], tmp_path: Path
) -> None:
    original = film(tmp_path / "film.mp4", times_ms)
    copy = tmp_path / f"copy{suffix}"
    written = copied(original, copy)
    assert (written.frames, written.has_sound) == (len(times_ms), False)
    assert times_of(copy) == times_of(original) == times_ms
    assert length_of(copy) == pytest.approx(length_of(original), abs=0.05)


def test_what_is_drawn_is_in_the_frame_that_is_shown_then(tmp_path: Path) -> None:
    original, copy = film(tmp_path / "film.mp4", UNEVEN_MS), tmp_path / "copy.mp4"

    def draw(pixels: Pixels, timestamp_ms: int) -> None:
        if timestamp_ms == 900:
            pixels[16:48, 32:64] = RED

    copied(original, copy, draw)
    red = [np.abs(pixels[20:44, 36:60].astype(int) - RED).mean() < 20 for pixels in frames_of(copy)]
    assert red == [time_ms == 900 for time_ms in UNEVEN_MS]


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_copy_is_upright_without_being_told_to_turn(rotation: int, tmp_path: Path) -> None:
    original, copy = film(tmp_path / "film.mp4", rotation_degrees=rotation), tmp_path / "copy.mp4"
    copied(original, copy)
    with av.open(str(copy)) as container:
        plain = next(container.decode(video=0))
        assert plain.rotation == 0
        assert np.abs(plain.to_ndarray(format="rgb24").astype(int) - frames_of(original)[0]).mean() < 6


def test_odd_sides_get_a_line_more_and_nothing_is_lost(tmp_path: Path) -> None:
    original, copy = tmp_path / "film.mkv", tmp_path / "copy.mp4"
    pixels = np.zeros((63, 95, 3), np.uint8)
    pixels[:, 40:] = 200
    with av.open(str(original), "w") as container:
        stream: Any = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 95, 63, "bgr0"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        container.mux(stream.encode())
    copied(original, copy)
    (frame,) = frames_of(copy)
    assert frame.shape == (64, 96, 3)
    assert np.abs(frame[:63, :95].astype(int) - pixels).mean() < 6


def with_sound(path: Path, *, codec: str = "aac", picture_from_s: float = 0.0) -> Path:
    """Write a film of one second whose pictures begin that long after the sound."""
    with av.open(str(path), "w") as container:
        picture: Any = container.add_stream("libx264", rate=25)
        picture.width, picture.height, picture.pix_fmt = 96, 64, "yuv420p"
        sound: Any = container.add_stream(codec, rate=16000)
        sound.layout = "mono"
        for number in range(25):
            frame = av.VideoFrame.from_ndarray(np.full((64, 96, 3), 90, np.uint8), "rgb24")
            frame.pts = number + round(picture_from_s * 25)
            container.mux(picture.encode(frame))
        tone = (8000 * np.sin(np.arange(16_000) / 6)).astype(np.int16)
        for begin in range(0, 16_000, 1_000):
            heard = av.AudioFrame.from_ndarray(tone[None, begin : begin + 1_000], "s16", "mono")
            heard.rate, heard.pts = 16_000, begin
            container.mux(sound.encode(heard))
        container.mux(picture.encode())
        container.mux(sound.encode())
    return path


def heard_in(path: Path) -> tuple[float, float, int]:
    """Return when sound begins and ends and how many samples there are."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
    times = [frame.time or 0.0 for frame in frames]
    end = times[-1] + frames[-1].samples / frames[-1].rate
    return times[0], end, sum(frame.samples for frame in frames)


def first_picture_s(path: Path) -> float:
    with av.open(str(path)) as container:
        return float(next(container.decode(video=0)).time or 0.0)


@pytest.mark.parametrize("picture_from_s", [0.0, 0.4])
def test_sound_is_copied_and_stays_with_the_pictures(picture_from_s: float, tmp_path: Path) -> None:
    original, copy = with_sound(tmp_path / "film.mp4", picture_from_s=picture_from_s), tmp_path / "copy.mp4"
    assert copied(original, copy).has_sound
    (begin, end, samples), (copy_begin, copy_end, copy_samples) = heard_in(original), heard_in(copy)
    ahead, copy_ahead = first_picture_s(original) - begin, first_picture_s(copy) - copy_begin
    assert copy_ahead == pytest.approx(ahead, abs=0.07)
    assert copy_end - copy_begin == pytest.approx(end - begin, abs=0.07)
    assert copy_samples == pytest.approx(samples, abs=2048)


def test_sound_that_the_format_does_not_take_is_left_out(tmp_path: Path) -> None:
    original = with_sound(tmp_path / "film.mkv", codec="pcm_s16le")
    assert not copied(original, tmp_path / "copy.mp4").has_sound
    assert times_of(tmp_path / "copy.mp4") == times_of(original)


def test_of_a_damaged_film_what_can_be_read_is_copied(tmp_path: Path) -> None:
    original = with_sound(tmp_path / "film.mkv")
    content = original.read_bytes()
    original.write_bytes(content[: len(content) * 2 // 3])
    with open_video(original) as reader:
        readable = [frame.timestamp_ms for frame in reader.frames()]
    assert 2 < len(readable) <= 25
    copied(original, tmp_path / "copy.mp4")
    assert times_of(tmp_path / "copy.mp4") == readable


class FullDisk(io.RawIOBase):
    """A file that takes nothing."""

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, _offset: int, _whence: int = 0) -> int:
        return 0

    def tell(self) -> int:
        return 0

    def write(self, _content: Any) -> int:
        raise OSError(28, "No space left on device")


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    original = film(tmp_path / "film.mp4")
    with open_video(original) as reader, pytest.raises(VideoNotWritten, match="No space left on device"):
        write_copy(reader, original, FullDisk(), "mp4", nothing)  # type: ignore[arg-type]


def test_without_x264_another_codec_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(av, "codecs_available", av.codecs_available - {"libx264"})
    original, copy = film(tmp_path / "film.mp4", UNEVEN_MS), tmp_path / "copy.mp4"
    assert copied(original, copy).codec == "mpeg4"
    assert times_of(copy) == UNEVEN_MS

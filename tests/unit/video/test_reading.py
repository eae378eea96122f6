"""Reading videos: upright, at their own times, whatever is wrong with the file."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countenance.errors import VideoError, VideoTooLarge, VideoUnreadable
from countenance.faces import Pixels
from countenance.video.reading import VideoLimits, open_video
from filming import write_film

COLOURS = np.array([[230, 30, 30], [30, 230, 30], [30, 30, 230], [230, 230, 30]], np.uint8)


def quarters(width: int = 96, height: int = 64) -> Pixels:
    """Return a picture that is red and green above, blue and yellow below."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2], pixels[: height // 2, width // 2 :] = COLOURS[:2]
    pixels[height // 2 :, : width // 2], pixels[height // 2 :, width // 2 :] = COLOURS[2:]
    return pixels


def corners(pixels: Pixels) -> list[int]:
    """Return which of the colours each corner has, as read."""
    seen = [pixels[4, 4], pixels[4, -5], pixels[-5, 4], pixels[-5, -5]]
    return [int(np.abs(COLOURS.astype(int) - colour.astype(int)).sum(axis=1).argmin()) for colour in seen]


def film(path: Path, times_ms: list[int] | None = None, **options: int | str) -> Path:
    times_ms = times_ms if times_ms is not None else [40 * number for number in range(25)]
    return write_film(path, [(each, quarters()) for each in times_ms], **options)  # type: ignore[arg-type]


def times(path: Path, start_ms: int = 0) -> list[int]:
    with open_video(path) as reader:
        return [frame.timestamp_ms for frame in reader.frames(start_ms)]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("films") / "plain.mp4")


def test_facts_are_those_of_the_stream(plain: Path) -> None:
    with open_video(plain) as reader:
        facts = reader.facts
    assert (facts.codec, facts.width_px, facts.height_px, facts.duration_ms) == ("h264", 96, 64, 1000)
    assert "mp4" in facts.container
    assert facts.frames_per_second == pytest.approx(25, abs=0.5)


@pytest.mark.parametrize(
    ("degrees", "expected", "size"),
    [
        (0, [0, 1, 2, 3], (64, 96)),
        (90, [1, 3, 0, 2], (96, 64)),
        (180, [3, 2, 1, 0], (64, 96)),
        (270, [2, 0, 3, 1], (96, 64)),
    ],
)
def test_frames_are_upright_however_the_camera_was_held(
    tmp_path: Path, degrees: int, expected: list[int], size: tuple[int, int]
) -> None:
    path = film(tmp_path / "turned.mp4", rotation_degrees=degrees)
    with open_video(path) as reader:
        pixels = next(reader.frames()).pixels()
        assert (reader.facts.height_px, reader.facts.width_px) == size == pixels.shape[:2]
    assert corners(pixels) == expected


def test_times_are_the_streams_own_where_the_rate_varies(tmp_path: Path) -> None:
    uneven = [0, 20, 200, 210, 700, 1500, 1533]
    assert times(film(tmp_path / "uneven.mp4", uneven)) == uneven


def test_times_count_from_the_first_frame_wherever_the_stream_begins(tmp_path: Path) -> None:
    assert times(film(tmp_path / "late.mkv", [0, 40, 80], from_ms=5_000)) == [0, 40, 80]


def test_reading_can_begin_in_the_middle_and_again_from_the_start(plain: Path) -> None:
    with open_video(plain) as reader:
        assert [frame.timestamp_ms for frame in reader.frames(700)] == list(range(720, 1000, 40))
        assert [frame.timestamp_ms for frame in reader.frames()] == list(range(0, 1000, 40))


def test_a_frame_can_be_asked_for_smaller(plain: Path) -> None:
    with open_video(plain) as reader:
        frame = next(reader.frames())
        assert frame.pixels(48).shape == (32, 48, 3)
        assert frame.pixels(1000).shape == (64, 96, 3)
        assert frame.small().shape == (36, 64)


@pytest.mark.parametrize(
    ("suffix", "codec"), [("avi", "mpeg4"), ("mkv", "mpeg2video"), ("mov", "mjpeg"), ("webm", "libvpx")]
)
def test_other_formats_are_read_too(tmp_path: Path, suffix: str, codec: str) -> None:
    path = tmp_path / f"film.{suffix}"
    write_film(path, [(40 * number, quarters()) for number in range(5)], codec=codec)
    with open_video(path) as reader:
        read = list(reader.frames())
        assert corners(read[0].pixels()) == [0, 1, 2, 3]
    assert len(read) == 5


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.mp4", b""),
        ("text.mp4", b"This is no film.\n" * 100),
        ("zeros.mp4", bytes(100_000)),
        ("list.m3u8", b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nplain.mp4\n#EXT-X-ENDLIST\n"),
        ("list.mp4", b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nplain.mp4\n#EXT-X-ENDLIST\n"),
        ("list.ffconcat", b"ffconcat version 1.0\nfile 'plain.mp4'\n"),
        (
            "list.sdp",
            b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 26\n",
        ),
        ("list.mpd", b'<?xml version="1.0"?><MPD><Period><AdaptationSet><BaseURL>plain.mp4</BaseURL>'),
    ],
)
def test_what_is_no_video_or_a_list_of_others_is_refused(
    tmp_path: Path, plain: Path, name: str, content: bytes
) -> None:
    (tmp_path / "plain.mp4").write_bytes(plain.read_bytes())
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(VideoUnreadable, match="no video") as refused, open_video(path):
        pass
    assert str(tmp_path) not in str(refused.value)


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.mp4"):
        with pytest.raises(VideoUnreadable, match="there is no file"), open_video(path):
            pass


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("aac", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 16_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(VideoUnreadable, match="holds no video stream"), open_video(path):
        pass


@pytest.mark.parametrize(
    ("limits", "match"),
    [
        (VideoLimits(max_bytes=100), "bytes; the limit is 100"),
        (VideoLimits(max_pixels=1000), "frames of 96×64 px; the limit is 1,000 pixels"),
        (VideoLimits(max_hours=0.9 / 3600), "longer than 0.00025 hours"),
    ],
)
def test_what_is_too_large_is_refused(plain: Path, limits: VideoLimits, match: str) -> None:
    with pytest.raises(VideoTooLarge, match=match), open_video(plain, limits):
        pass


def test_a_stream_whose_header_names_no_length_is_refused_when_it_is_too_long(tmp_path: Path) -> None:
    path = film(tmp_path / "unknown.ts", [0, 1000, 2000, 3000, 4000])
    with pytest.raises(VideoTooLarge), open_video(path, VideoLimits(max_hours=2.5 / 3600)) as reader:
        list(reader.frames())


def test_a_film_that_breaks_off_gives_what_there_is_and_says_so(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.mkv", [40 * number for number in range(100)])
    content = whole.read_bytes()
    path = tmp_path / "half.mkv"
    path.write_bytes(content[: len(content) // 2])
    with open_video(path) as reader:
        read = [frame.timestamp_ms for frame in reader.frames()]
        assert 10 < len(read) < 90
        assert read == [40 * number for number in range(len(read))]


def test_damaged_parts_are_told(tmp_path: Path) -> None:
    content = bytearray(film(tmp_path / "whole.mkv", [40 * number for number in range(100)]).read_bytes())
    content[len(content) // 2 : len(content) // 2 + 300] = bytes(300)
    path = tmp_path / "damaged.mkv"
    path.write_bytes(content)
    with open_video(path) as reader:
        read = [frame.timestamp_ms for frame in reader.frames()]
        assert len(read) > 30
        assert reader.damage.sentences()


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_altered_reading_ends_with_rising_times_or_a_clear_refusal(
    plain: Path, tmp_path: Path, data: st.DataObject
) -> None:
    content = bytearray(plain.read_bytes())
    for _ in range(data.draw(st.integers(0, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "altered.mp4"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        read = times(path)
    except VideoError:
        return
    assert all(earlier < later for earlier, later in pairwise(read))
    assert len(read) < 1000


@pytest.mark.shared
def test_no_hostile_file_is_taken_for_more_than_it_is(shared: Path) -> None:
    for path in sorted((shared / "data" / "hostile").rglob("*")):
        if path.is_file():
            try:
                assert len(times(path)) < 1000
            except VideoError:
                continue

"""Only cameras, video devices and files are watched, and no password is ever shown."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from countenance.errors import SourceRefused
from countenance.video.live_sources import LiveSource, SourceKind, require_allowed, require_file


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        ("rtsp://10.0.0.5/live", SourceKind.CAMERA, "rtsp://10.0.0.5/live"),
        ("RTSP://Door.local:8554/a/b", SourceKind.CAMERA, "rtsp://door.local:8554/a/b"),
        ("rtsps://me:secret@door.local/live", SourceKind.CAMERA, "rtsps://door.local/live"),
        ("rtsp://me:sec/ret@door.local/x", SourceKind.CAMERA, None),
        ("rtsp://door.local/live?user=me&password=secret", SourceKind.CAMERA, "rtsp://door.local/live"),
        ("rtsp://door.local/user=me_password=secret_channel=1", SourceKind.CAMERA, "rtsp://door.local/…"),
        ("rtsp://me:secret@[::1]:554/live", SourceKind.CAMERA, "rtsp://[::1]:554/live"),
        ("rtsp://good.org\\@evil.net/live", SourceKind.CAMERA, "rtsp://evil.net/live"),
        ("/dev/video0", SourceKind.DEVICE, "/dev/video0"),
        ("/films/a.mp4", SourceKind.FILE, "/films/a.mp4"),
        ("/films/rtsp:a.mp4", SourceKind.FILE, "/films/rtsp:a.mp4"),
    ],
)
def test_a_source_is_what_it_looks_like_and_shows_no_secret(
    text: str, kind: SourceKind, shown: str | None
) -> None:
    if shown is None:
        with pytest.raises(SourceRefused):
            LiveSource.parse(text)
        return
    source = LiveSource.parse(text)
    assert (source.kind, source.shown) == (kind, shown)
    assert "secret" not in repr(source)


@pytest.mark.parametrize(
    "text",
    [
        *("http://door.local/a.mp4", "https://x/a", "file:///etc/passwd", "concat://a", "udp://0.0.0.0:1"),
        *("tcp://0.0.0.0:1?listen", "srt://x", "hls+http://x", "rtmp://x/y", "rtsp+x://a", "RTSPU://a/b"),
        *("", "a\nb", "a\0b", "rtsp://", "rtsp:///x", "rtsp://a:99999/x", "rtsp://a:0/x", "a" * 2049),
        *("rtsp://a b/x", "rtsp://[::1/x", "rtsp://%65vil/x"),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(SourceRefused):
        LiveSource.parse(text)


@given(
    user=st.from_regex(r"[a-z]{1,8}", fullmatch=True),
    password=st.from_regex(r"[A-Za-z0-9!$&*+,;=._~%:-]{6,20}", fullmatch=True),
    path=st.from_regex(r"(/[A-Za-z0-9_=&.-]{0,9}){0,3}", fullmatch=True),
)
@example(user="a", password="a:b%40c", path="/stream1")  # noqa: S106
def test_no_password_is_shown(user: str, password: str, path: str) -> None:
    source = LiveSource.parse(f"rtsp://{user}:{password}@door.local{path}?key={password}")
    assert source.shown.startswith("rtsp://door.local")
    assert password not in source.shown or password in path
    assert f"{user}:{password}@" in source.address


@given(text=st.text(max_size=60))
def test_a_text_is_a_source_or_refused(text: str) -> None:
    try:
        source = LiveSource.parse(text)
    except SourceRefused:
        return
    if source.kind is SourceKind.CAMERA:
        assert re.match("rtsps?://", source.address)
    else:
        assert Path(source.address).is_absolute()


PATTERNS = ("rtsp://camera-*.example.org/*", "rtsps://10.0.0.?:8322/live", "/dev/video0", "/srv/films/*")


@pytest.mark.parametrize(
    ("text", "is_allowed"),
    [
        ("rtsp://camera-1.example.org/live", True),
        ("rtsp://me:pw@camera-1.example.org/live?x=y", True),
        ("rtsp://camera-1.example.org:554/a/b", True),
        ("rtsp://camera-1.example.org:8554/live", False),
        ("rtsps://camera-1.example.org/live", False),
        ("rtsp://camera-1.example.org.evil.net/live", False),
        ("rtsp://camera-1.evil.net/x.example.org/live", False),
        ("rtsp://camera-1.example.org@evil.net/live", False),
        ("rtsps://10.0.0.7:8322/live", True),
        ("rtsps://10.0.0.17:8322/live", False),
        ("/dev/video0", True),
        ("/dev/video1", False),
        ("/srv/films/a.mp4", True),
        ("/srv/films/../../etc/passwd", False),
        ("/etc/passwd", False),
    ],
)
def test_a_pattern_allows_what_it_says_and_nothing_else(text: str, is_allowed: bool) -> None:
    source = LiveSource.parse(text)
    if is_allowed:
        require_allowed(source, PATTERNS)
    else:
        with pytest.raises(SourceRefused, match="allows that in the setting monitor_sources"):
            require_allowed(source, PATTERNS)
    with pytest.raises(SourceRefused):
        require_allowed(source, ())


def test_a_link_is_followed_before_it_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    (tmp_path / "secret.mp4").touch()
    (tmp_path / "films" / "a.mp4").symlink_to(tmp_path / "secret.mp4")
    source = LiveSource.parse(str(tmp_path / "films" / "a.mp4"))
    with pytest.raises(SourceRefused):
        require_allowed(source, [f"{tmp_path}/films/*"])
    require_allowed(source, [f"{tmp_path}/secret.mp4"])


def test_only_a_plain_file_is_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path, why in (
        (tmp_path, "neither a plain file"),
        (tmp_path / "fifo", "neither a plain file"),
        (tmp_path / "none", "No such file"),
    ):
        with pytest.raises(SourceRefused, match=why):
            require_file(LiveSource.parse(str(path)))

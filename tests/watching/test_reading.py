"""A reader gives out the newest picture, in bounded memory, and finds its source again when it was lost."""

from __future__ import annotations

import ipaddress
import ssl
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from countenance.video.live_reading import LiveReader
from countenance.video.live_sources import LiveSource
from countenance.video.live_values import Connected, Ended, Interrupted, LiveFrame
from watching.camera import Camera
from watching.films import HEIGHT, RATE, WIDTH, Scene, film

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from countenance.video.live_reading import Item

Kind = TypeVar("Kind")
PIXELS = WIDTH * HEIGHT
OURS, ANOTHER = "pa55-word", "another"


def reader(address: object, **options: float | bool) -> LiveReader:
    """Read a source, and try again soon where it is lost."""
    usual = {"max_pixels": PIXELS, "first_pause_seconds": 0.1, "silence_seconds": 2.0}
    return LiveReader(LiveSource.parse(str(address)), **usual | options)  # type: ignore[arg-type]


def items(opened: LiveReader, seconds: float = 20.0) -> Iterator[Item]:
    """Yield what comes, up to the end."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        item = opened.next(0.2)
        if item is not None:
            yield item
        if isinstance(item, Ended):
            return
    raise AssertionError("it did not end")


def first(opened: LiveReader, kind: type[Kind], seconds: float = 20.0) -> Kind:
    """Return the first item of a kind; those before it are passed over."""
    return next(item for item in items(opened, seconds) if isinstance(item, kind))


@pytest.fixture(scope="module")
def two_seconds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("grey") / "grey.mp4", Scene(2))


def test_a_file_is_read_as_if_it_were_taken_now(two_seconds: Path) -> None:
    began = time.monotonic()
    with reader(two_seconds) as opened:
        found = list(items(opened))
    assert 1.7 < time.monotonic() - began < 4
    assert isinstance(found[0], Connected)
    assert found[-1] == Ended(found[-1].at, "the file has ended", failed=False)  # type: ignore[union-attr]
    taken = [item.taken_at for item in found if isinstance(item, LiveFrame)]
    assert 15 <= len(taken) <= 20
    assert timedelta(seconds=1.7) < taken[-1] - taken[0] < timedelta(seconds=2)
    assert opened.counts.read == 2 * RATE


def test_a_file_is_read_fast_and_then_nothing_is_dropped(two_seconds: Path) -> None:
    with reader(two_seconds, fast=True) as opened:
        taken = []
        for item in items(opened):
            if isinstance(item, LiveFrame):
                taken.append(item.taken_at)
                time.sleep(0.02)
    assert len(taken) == 20
    assert taken[-1] - taken[0] == timedelta(seconds=1.9)
    assert (opened.counts.looked_at, opened.counts.dropped) == (20, 0)


def test_whoever_is_slow_gets_the_newest_picture_and_the_others_are_counted(two_seconds: Path) -> None:
    with reader(two_seconds) as opened:
        first(opened, LiveFrame)
        time.sleep(1.2)
        late = first(opened, LiveFrame)
        list(items(opened))
    counts = opened.counts
    assert counts.dropped >= 8
    assert counts.looked_at + counts.dropped <= 20
    assert counts.read == 2 * RATE
    assert late.pixels.shape == (HEIGHT, WIDTH, 3)


def test_no_more_than_one_picture_waits_while_nobody_takes_any() -> None:
    with Camera(Scene(1)) as camera, reader(camera.address) as opened:
        first(opened, LiveFrame)
        time.sleep(1.0)
        assert opened.counts.dropped >= 6
        found = [opened.next(0.0), opened.next(0.0)]
    assert isinstance(found[0], LiveFrame)
    assert found[1] is None


def test_a_file_that_is_cut_short_gives_what_there_is_and_says_so(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.ts", Scene(2), format="mpegts").read_bytes()
    (tmp_path / "cut.ts").write_bytes(whole[: len(whole) // 2])
    with reader(tmp_path / "cut.ts", fast=True) as opened:
        found = list(items(opened))
    assert isinstance(found[-1], Ended)
    assert not found[-1].failed
    assert 3 < sum(isinstance(item, LiveFrame) for item in found) < 18


def test_what_is_no_video_ends_it(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no video at all" * 100)
    with reader(tmp_path / "a.mp4") as opened:
        ended = first(opened, Ended)
    assert ended.failed
    assert "a.mp4 is no video that can be decoded" in ended.reason


def test_a_playlist_is_not_followed(tmp_path: Path, two_seconds: Path) -> None:
    (tmp_path / "list.m3u8").write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{two_seconds}\n#EXT-X-ENDLIST\n"
    )
    with reader(tmp_path / "list.m3u8") as opened:
        assert first(opened, Ended).failed


def test_pictures_that_are_too_large_end_it(two_seconds: Path) -> None:
    with reader(two_seconds, max_pixels=PIXELS - 1) as opened:
        ended = first(opened, Ended)
    assert ended.failed
    assert "640×480" in ended.reason
    with Camera(Scene(1)) as camera, reader(camera.address, max_pixels=PIXELS - 1) as opened:
        assert "640×480" in first(opened, Ended).reason


def test_a_file_that_vanished_is_read_when_it_is_there_again(tmp_path: Path, two_seconds: Path) -> None:
    link = tmp_path / "now.mp4"
    with reader(link, fast=True) as opened:
        lost = first(opened, Interrupted)
        assert "now.mp4 cannot be watched: No such file" in lost.reason
        assert lost.retry_seconds == 0.1
        assert first(opened, Interrupted).retry_seconds == 0.2
        link.symlink_to(two_seconds)
        assert not first(opened, Connected).again
        assert not first(opened, Ended).failed


def test_a_camera_is_watched_and_found_again_when_it_was_gone() -> None:
    with Camera(Scene(1), password=OURS) as camera, reader(camera.address) as opened:
        assert not first(opened, Connected).again
        assert first(opened, LiveFrame).pixels.shape == (HEIGHT, WIDTH, 3)
        camera.__exit__(None, None, None)
        reasons = [first(opened, Interrupted).reason, first(opened, Interrupted).reason]
        with Camera(Scene(1), password=ANOTHER, port=camera.port):
            refused = first(opened, Interrupted).reason
            while "401" not in refused:
                refused = first(opened, Interrupted).reason
        with Camera(Scene(1), password=OURS, port=camera.port):
            assert first(opened, Connected).again
            first(opened, LiveFrame)
    assert not any(OURS in reason for reason in (*reasons, refused))
    assert reasons[1].endswith("cannot be opened: Connection refused")


def test_a_camera_with_a_certificate_that_nobody_knows_learns_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = tmp_path / "camera.pem"
    tls = own_certificate(certificate)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with Camera(Scene(1), password=OURS, tls=tls) as camera:
        with reader(camera.address) as opened:
            lost = first(opened, Interrupted)
        assert "is trusted when SSL_CERT_FILE names its file" in lost.reason
        assert camera.requests == 0
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with reader(camera.address) as opened:
            first(opened, LiveFrame)


def own_certificate(file: Path) -> ssl.SSLContext:
    """Make a certificate for this machine that no authority has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "camera")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    certificate = builder.add_extension(address, critical=False).sign(key, hashes.SHA256())
    kind = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption())
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.mark.slow
def test_a_camera_that_falls_silent_is_lost() -> None:
    with Camera(Scene(1)) as camera, reader(camera.address, silence_seconds=1.0) as opened:
        first(opened, LiveFrame)
        camera.is_silent.set()
        began = time.monotonic()
        assert first(opened, Interrupted).reason.endswith("was lost: no answer in time")
        assert time.monotonic() - began < 5
        camera.is_silent.clear()
        assert first(opened, Connected).again


@pytest.mark.slow
def test_who_stops_does_not_wait_for_a_camera_that_is_silent() -> None:
    with Camera(Scene(1)) as camera:
        with reader(camera.address, silence_seconds=30.0) as opened:
            first(opened, LiveFrame)
            camera.is_silent.set()
            time.sleep(0.3)
            began = time.monotonic()
        assert time.monotonic() - began < 4

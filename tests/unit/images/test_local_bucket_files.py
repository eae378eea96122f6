"""Whatever lies in a folder that is a bucket, reading it ends, and leaves nothing open."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from countenance.errors import ImageError, ImageTooLarge, ObjectNotReadable
from countenance.images.sources import LocalBuckets, StoredObject

pytestmark = pytest.mark.skipif(os.name == "nt", reason="folders as buckets need a POSIX system")
OPEN_FILES = Path("/proc/self/fd")
MOST = 1_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bucket with a picture, something too large, and things that are no files."""
    (tmp_path / "album").mkdir()
    (tmp_path / "album" / "beach.jpg").write_bytes(b"beach")
    (tmp_path / "link.jpg").symlink_to("album/beach.jpg")
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "large.jpg").open("wb") as large:
        large.truncate(10**12)
    return tmp_path


@pytest.fixture
def bound_socket(folder: Path) -> Iterator[str]:
    """A socket in the bucket, on which somebody listens."""
    with socket.socket(socket.AF_UNIX) as listening:
        # Its whole path may be longer than the name of a socket may be.
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            listening.bind("socket")
        listening.listen()
        yield "socket"


def read(folder: Path, name: str, bucket: str = "holidays") -> bytes:
    return LocalBuckets({"holidays": folder}).read(StoredObject(bucket, name), MOST)


@pytest.mark.parametrize("name", ["pipe", "pipe/beach.jpg", "album", "album/beach.jpg/x", "link.jpg"])
def test_what_is_no_file_is_no_object(folder: Path, name: str) -> None:
    with pytest.raises(ObjectNotReadable):
        read(folder, name)


def test_a_socket_is_no_object(folder: Path, bound_socket: str) -> None:
    with pytest.raises(ObjectNotReadable):
        read(folder, bound_socket)


def test_a_pipe_that_somebody_writes_to_is_no_object_either(folder: Path) -> None:
    descriptor = os.open(folder / "pipe", os.O_RDWR)
    try:
        os.write(descriptor, b"beach")
        with pytest.raises(ObjectNotReadable):
            read(folder, "pipe")
    finally:
        os.close(descriptor)


def test_a_large_file_is_refused_unread(folder: Path) -> None:
    with pytest.raises(ImageTooLarge, match=r"the object has 1,000,000,000,000 bytes; the limit is 1,000"):
        read(folder, "large.jpg")


@pytest.mark.skipif(not OPEN_FILES.exists(), reason="no file here claims fewer bytes than it has")
def test_a_file_that_claims_too_few_bytes_is_refused_all_the_same() -> None:
    with pytest.raises(ImageTooLarge, match=r"the object has 1,001 bytes; the limit is 1,000"):
        read(Path("/proc/self"), "maps")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything"
)
@pytest.mark.parametrize("closed", ["album/beach.jpg", "album", "."])
def test_what_may_not_be_read_is_no_object(folder: Path, closed: str) -> None:
    mode = (folder / closed).stat().st_mode
    (folder / closed).chmod(0)
    try:
        with pytest.raises(ObjectNotReadable):
            read(folder, "album/beach.jpg")
    finally:
        (folder / closed).chmod(mode)


def test_a_folder_that_is_gone_or_none_has_no_objects(folder: Path) -> None:
    for gone in (folder / "absent", folder / "album" / "beach.jpg"):
        with pytest.raises(ObjectNotReadable):
            read(gone, "beach.jpg")


def test_a_bucket_is_there_by_its_exact_name(folder: Path) -> None:
    buckets = LocalBuckets({"holidays": folder})
    assert "holidays" in buckets
    assert not any(name in buckets for name in ("Holidays", "holiday", "", "holidays/album", str(folder)))


def test_a_file_that_is_replaced_meanwhile_is_read_as_it_was_or_as_it_is(folder: Path) -> None:
    over, contents = threading.Event(), (b"a" * MOST, b"b" * MOST)

    def replace() -> None:
        while not over.is_set():
            for content in contents:
                fresh = folder / "fresh"
                fresh.write_bytes(content)
                fresh.replace(folder / "album" / "beach.jpg")

    thread = threading.Thread(target=replace)
    thread.start()
    try:
        assert {read(folder, "album/beach.jpg") for _ in range(300)} <= {b"beach", *contents}
    finally:
        over.set()
        thread.join()


@pytest.mark.skipif(not OPEN_FILES.exists(), reason="open files cannot be counted here")
@pytest.mark.parametrize(
    "name",
    [
        "album/beach.jpg",
        "absent.jpg",
        "absent/beach.jpg",
        "link.jpg",
        "large.jpg",
        "pipe",
        "\0",
        "album",
    ],
)
def test_reading_leaves_nothing_open(folder: Path, name: str) -> None:
    before = len(list(OPEN_FILES.iterdir()))
    for _ in range(20):
        try:
            read(folder, name)
        except ImageError:
            continue
    assert len(list(OPEN_FILES.iterdir())) == before

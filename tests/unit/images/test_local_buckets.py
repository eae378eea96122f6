"""A bucket that is a folder gives what is in that folder, and nothing else of the machine."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from countenance.errors import ImageTooLarge, ObjectNotReadable
from countenance.images.sources import LocalBuckets, StoredObject

pytestmark = pytest.mark.skipif(os.name == "nt", reason="folders as buckets need a POSIX system")
MOST = 1_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    bucket = tmp_path / "bucket"
    (bucket / "2024" / "summer").mkdir(parents=True)
    (bucket / "beach.jpg").write_bytes(b"beach")
    (bucket / "2024" / "summer" / "sea side.jpg").write_bytes(b"sea")
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.jpg").write_bytes(b"secret")
    return bucket


def read(folder: Path, name: str, version: str | None = None, bucket: str = "holidays") -> bytes:
    return LocalBuckets({"holidays": folder}).read(StoredObject(bucket, name, version), MOST)


@pytest.mark.parametrize(("name", "content"), [("beach.jpg", b"beach"), ("2024/summer/sea side.jpg", b"sea")])
def test_an_object_is_a_file_by_its_path(folder: Path, name: str, content: bytes) -> None:
    assert read(folder, name) == content


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../secret.jpg",
        "2024/../../secret.jpg",
        "2024/./summer/sea side.jpg",
        "/etc/passwd",
        "//etc/passwd",
        "2024//summer/sea side.jpg",
        "beach.jpg/",
        "beach.jpg/x",
        "2024",
        "absent.jpg",
        "BEACH.JPG",
        "beach.jpg\0.png",
        "..\\secret.jpg",
        "%2e%2e/secret.jpg",
        "a" * 1_025,
        "€" * 400,
        "\udcff.jpg",
        "~/secret.jpg",
    ],
)
def test_every_other_name_is_of_no_object(folder: Path, name: str) -> None:
    with pytest.raises(ObjectNotReadable):
        read(folder, name)


def test_a_link_is_not_followed_wherever_it_stands(folder: Path, tmp_path: Path) -> None:
    (folder / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    (folder / "inside.jpg").symlink_to(folder / "beach.jpg")
    (folder / "elsewhere").symlink_to(tmp_path / "elsewhere")
    for name in ("link.jpg", "inside.jpg", "elsewhere/secret.jpg"):
        with pytest.raises(ObjectNotReadable):
            read(folder, name)


def test_a_bucket_may_itself_be_reached_by_a_link_of_its_operators(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").symlink_to(folder)
    assert read(tmp_path / "disk", "beach.jpg") == b"beach"


def test_a_pipe_or_a_device_does_not_hold_the_reader(folder: Path) -> None:
    os.mkfifo(folder / "pipe.jpg")
    with pytest.raises(ObjectNotReadable):
        read(folder, "pipe.jpg")


def test_an_error_tells_nothing_of_where_the_folder_is(folder: Path) -> None:
    with pytest.raises(ObjectNotReadable) as missing:
        read(folder, "absent.jpg")
    assert str(folder) not in str(missing.value)
    assert missing.value.__cause__ is None
    assert missing.value.__suppress_context__


def test_an_object_that_is_too_large_is_not_read(folder: Path) -> None:
    (folder / "just.jpg").write_bytes(bytes(MOST))
    (folder / "large.jpg").write_bytes(bytes(MOST + 1))
    assert len(read(folder, "just.jpg")) == MOST
    with pytest.raises(ImageTooLarge):
        read(folder, "large.jpg")


def test_a_folder_keeps_no_versions_and_other_buckets_are_not_there(folder: Path) -> None:
    with pytest.raises(ObjectNotReadable):
        read(folder, "beach.jpg", version="1")
    with pytest.raises(ObjectNotReadable):
        read(folder, "beach.jpg", bucket="bucket")


def test_a_name_that_turns_into_a_link_meanwhile_never_leads_out(folder: Path, tmp_path: Path) -> None:
    inside, outside, place = folder / "2024", tmp_path / "elsewhere", folder / "turning"
    (inside / "secret.jpg").write_bytes(b"holiday")
    over = threading.Event()

    def turn() -> None:
        while not over.is_set():
            for target in (inside, outside):
                fresh = folder / "fresh"
                fresh.symlink_to(target)
                fresh.replace(place)

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        for _ in range(500):
            with pytest.raises(ObjectNotReadable):
                read(folder, "turning/secret.jpg")
    finally:
        over.set()
        thread.join()


def test_reading_what_is_no_file_leaves_nothing_open(folder: Path) -> None:
    if not Path("/proc/self/fd").exists():
        pytest.skip("this system does not tell in /proc what a process has open")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for name in ("2024", "absent.jpg", "beach.jpg/x") * 20:
        with pytest.raises(ObjectNotReadable):
            read(folder, name)
    read(folder, "beach.jpg")
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


@pytest.mark.parametrize(
    ("name", "path"), [("", ""), ("/", ""), ("2024/", "2024"), ("2024//summer", "2024/summer")]
)
def test_a_folder_in_a_bucket_has_a_place(folder: Path, name: str, path: str) -> None:
    assert LocalBuckets({"holidays": folder}).path_of("holidays", name) == folder / path


@pytest.mark.parametrize(
    "name", ["..", "2024/../..", "./2024", "link", "link/secret.jpg", "nothing", "a\0b", "x" * 5000]
)
def test_no_place_outside_a_bucket_is_told(folder: Path, name: str) -> None:
    (folder / "link").symlink_to(folder.parent / "elsewhere")
    with pytest.raises(ObjectNotReadable) as refused:
        LocalBuckets({"holidays": folder}).path_of("holidays", name)
    assert str(folder.parent) not in str(refused.value)


def test_the_buckets_that_there_are_are_told(folder: Path) -> None:
    buckets = LocalBuckets({"holidays": folder, "archive": folder})
    assert buckets.bucket_names == ("archive", "holidays")
    with pytest.raises(ObjectNotReadable, match="no local folder is the bucket others"):
        buckets.path_of("others", "")

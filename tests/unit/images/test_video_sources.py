"""Videos from buckets: opened where they are, or copied to a file that nothing is left of."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from test_s3_buckets import answering

from countenance.errors import FetchFailed, ObjectNotReadable, VideoTooLarge
from countenance.images.sources import LocalBuckets, S3Buckets, StoredObject, VideoSources

pytestmark = pytest.mark.skipif(os.name == "nt", reason="folders as buckets need a POSIX system")
MOST = 3_000_000
FILM = StoredObject("films", "film.mp4")


class StoppedError(Exception):
    """What a caller raises to end it."""


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Credentials in the environment, and a folder for temporary files that is empty."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "films"
    folder.mkdir()
    (folder / "film.mp4").write_bytes(b"a film")
    return folder


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """The address of a store with a bucket ``studio``."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def studio(store: str) -> Iterator[Any]:
    secret = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    client = boto3.client("s3", endpoint_url=store, region_name="us-east-1", **secret)
    client.create_bucket(Bucket="studio")
    yield client
    client.close()


def local(folder: Path, max_bytes: int = MOST) -> VideoSources:
    return VideoSources(LocalBuckets({"films": folder}), None, max_bytes)


def remote(store: str) -> VideoSources:
    return VideoSources(LocalBuckets({}), S3Buckets(store, "us-east-1"), MOST)


def test_a_video_of_a_folder_is_opened_where_it_is_whatever_becomes_of_its_name(folder: Path) -> None:
    (folder / "secret").write_bytes(b"something else")
    with local(folder).opened(FILM) as path:
        (folder / "film.mp4").unlink()
        (folder / "film.mp4").symlink_to("secret")
        assert path.is_file()
        assert path.read_bytes() == b"a film"


@pytest.mark.parametrize("name", ["absent.mp4", "../film.mp4", "", "/etc/passwd", "film.mp4/"])
def test_what_is_no_file_of_the_bucket_is_not_there(folder: Path, name: str) -> None:
    with pytest.raises(ObjectNotReadable):
        local(folder).require(StoredObject("films", name))
    with pytest.raises(ObjectNotReadable), local(folder).opened(StoredObject("films", name)):
        pass


def test_a_bucket_that_nobody_configured_is_not_there(folder: Path) -> None:
    with pytest.raises(ObjectNotReadable, match="there is no bucket studio: name its folder"):
        local(folder).require(StoredObject("studio", "film.mp4"))


def test_a_video_over_the_limit_is_refused(folder: Path, store: str, studio: Any) -> None:
    with pytest.raises(VideoTooLarge, match="the video has 6 bytes; the limit is 5"):
        local(folder, 5).require(FILM)
    with pytest.raises(VideoTooLarge), local(folder, 5).opened(FILM):
        pass
    studio.put_object(Bucket="studio", Key="long.mp4", Body=bytes(MOST + 1))
    long = StoredObject("studio", "long.mp4")
    with pytest.raises(VideoTooLarge, match="3,000,001 bytes; the limit is 3,000,000"):
        remote(store).require(long)
    with (
        pytest.raises(VideoTooLarge, match="more than the limit of 3,000,000 bytes"),
        remote(store).opened(long),
    ):
        pass


def test_a_video_of_s3_is_copied_part_by_part_and_the_copy_has_no_name(
    store: str, studio: Any, tmp_path: Path
) -> None:
    content = os.urandom(MOST - 7)
    studio.put_object(Bucket="studio", Key="film é.mp4", Body=content)
    stored, parts = StoredObject("studio", "film é.mp4"), list[int]()
    remote(store).require(stored)
    with remote(store).opened(stored, lambda: parts.append(1)) as path:
        assert list((tmp_path / "temporary").iterdir()) == []
        assert path.read_bytes() == content
        assert path.read_bytes() == content
    assert len(parts) >= 3


def test_copying_ends_when_the_caller_says_so(store: str, studio: Any) -> None:
    studio.put_object(Bucket="studio", Key="film.mp4", Body=bytes(MOST))

    def stop() -> None:
        raise StoppedError

    stored = StoredObject("studio", "film.mp4")
    with pytest.raises(StoppedError), remote(store).opened(stored, stop):
        pass


def test_an_object_that_is_not_in_s3_is_not_there(store: str, studio: Any) -> None:  # noqa: ARG001
    for bucket, name in (("studio", "absent.mp4"), ("no-studio", "film.mp4")):
        with pytest.raises(ObjectNotReadable):
            remote(store).require(StoredObject(bucket, name))
        with pytest.raises(ObjectNotReadable), remote(store).opened(StoredObject(bucket, name)):
            pass


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param([b"HTTP/1.1 200 OK", b"Content-Length: 9", b"", b"bea"], id="cut short"),
        pytest.param(
            [b"HTTP/1.1 200 OK", b"Content-Length: 5", b"x-amz-checksum-crc32: AAAAAA==", b"", b"beach"],
            id="another checksum",
        ),
    ],
)
def test_a_video_that_did_not_arrive_whole_may_do_so_later(answer: list[bytes]) -> None:
    with (
        answering(*answer) as store,
        pytest.raises(FetchFailed, match=r"did not give all of 'film\.mp4'"),
        remote(store).opened(StoredObject("studio", "film.mp4")),
    ):
        pass

"""A bucket lists the names of its objects by prefix, and nothing outside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

from countenance.errors import BucketsUnavailable, ObjectNotReadable
from countenance.images.sources import LocalBuckets, PictureSources, S3Buckets, StoredObject

NAMES = ["1969/apollo/crew.jpg", "1969/apollo/launch.jpg", "1969/moon.jpg", "1970.jpg", "readme.txt"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    bucket = tmp_path / "bucket"
    for name in NAMES:
        (bucket / name).parent.mkdir(parents=True, exist_ok=True)
        (bucket / name).write_bytes(b"x")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "secret.jpg").write_bytes(b"x")
    return bucket


def listed(folder: Path, prefix: str = "") -> list[str]:
    return list(LocalBuckets({"archive": folder}).names("archive", prefix))


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Buckets]:
    """A bucket of an S3-compatible store, with more objects than a page of its list has."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")):
            patch.setenv(name, value)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        client = boto3.client("s3", endpoint_url=endpoint)
        client.create_bucket(Bucket="archive")
        client.close()
        for name in (*NAMES, *(f"many/{number:04}.jpg" for number in range(1005))):
            s3_backends[DEFAULT_ACCOUNT_ID]["aws"].put_object("archive", name, b"x")
        yield S3Buckets(endpoint, "us-east-1")
    server.stop()


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        ("1969/", NAMES[:3]),
        ("1969", NAMES[:3]),
        ("1969/a", NAMES[:2]),
        ("1969/apollo/l", NAMES[1:2]),
        ("19", NAMES[:4]),
        ("nothing", []),
        ("1969/nothing/more", []),
    ],
)
def test_names_begin_with_the_prefix(folder: Path, s3: S3Buckets, prefix: str, found: list[str]) -> None:
    assert sorted(listed(folder, prefix)) == found
    assert sorted(s3.names("archive", prefix)) == found


def test_a_folder_lists_everything_in_it_in_an_order_that_stays(folder: Path) -> None:
    assert sorted(listed(folder)) == NAMES
    assert listed(folder) == listed(folder)


@pytest.mark.parametrize("prefix", ["..", "../secret/", "link/", "1969/../../secret/", "/etc/", "./"])
def test_no_prefix_leads_out_of_a_folder(folder: Path, prefix: str) -> None:
    (folder / "link").symlink_to(folder.parent / "secret")
    (folder / "secret.jpg").symlink_to(folder.parent / "secret" / "secret.jpg")
    assert listed(folder, prefix) == []
    assert sorted(listed(folder)) == NAMES


def test_what_is_listed_can_be_read(folder: Path) -> None:
    buckets = LocalBuckets({"archive": folder})
    assert {buckets.read(StoredObject("archive", name), 9) for name in buckets.names("archive")} == {b"x"}


def test_a_list_of_many_pages_is_read_to_its_end(s3: S3Buckets) -> None:
    assert sum(1 for _ in s3.names("archive", "many/")) == 1005


def test_a_bucket_that_is_not_there_is_named(folder: Path, s3: S3Buckets) -> None:
    sources = PictureSources(LocalBuckets({"archive": folder}), None)
    with pytest.raises(ObjectNotReadable, match="there is no bucket elsewhere"):
        list(sources.names("elsewhere"))
    with pytest.raises(ObjectNotReadable, match="NoSuchBucket"):
        list(PictureSources(LocalBuckets({}), s3).names("elsewhere"))
    with pytest.raises(ObjectNotReadable, match="not there"):
        list(LocalBuckets({"gone": folder / "gone"}).names("gone"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_cannot_be_read_is_an_error_and_no_shorter_list(folder: Path) -> None:
    (folder / "1969").chmod(0)
    try:
        with pytest.raises(ObjectNotReadable, match="1969"):
            listed(folder)
    finally:
        (folder / "1969").chmod(0o755)


def test_a_store_that_does_not_answer_may_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    silent = S3Buckets("http://127.0.0.1:9", "us-east-1")
    with pytest.raises(BucketsUnavailable):
        list(silent.names("archive"))
    with pytest.raises(BucketsUnavailable):
        silent.read(StoredObject("archive", "a.jpg"), 9)

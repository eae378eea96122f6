"""Objects of an S3-compatible store, read whole or not at all, whatever the store answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from countenance.errors import ImageTooLarge, ObjectNotReadable
from countenance.images.sources import S3Buckets, StoredObject
from serving import free_port

MOST = 1_000
REGION = "us-east-1"
ENOUGH = b"enough"


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Credentials in the environment, and none anywhere else on this machine."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """The address of a store with a bucket ``archive``, which keeps versions."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def archive(store: str) -> Iterator[Any]:
    """A client that fills the bucket."""
    secret = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    client = boto3.client("s3", endpoint_url=store, region_name=REGION, **secret)
    client.create_bucket(Bucket="archive")
    client.put_bucket_versioning(Bucket="archive", VersioningConfiguration={"Status": "Enabled"})
    client.put_object(Bucket="archive", Key="beach.jpg", Body=b"beach")
    yield client
    client.close()


def read(store: str, name: str, version: str | None = None, bucket: str = "archive") -> bytes:
    return S3Buckets(store, REGION).read(StoredObject(bucket, name, version), MOST)


@contextmanager
def answering(*parts: bytes) -> Iterator[str]:
    """A store that answers every request with these bytes, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            while True:
                connection, _ = listening.accept()
                with connection:
                    if connection.recv(65_536) == ENOUGH:
                        return
                    connection.sendall(b"\r\n".join(parts))

        thread = threading.Thread(target=answer)
        thread.start()
        host, port = listening.getsockname()
        try:
            yield f"http://{host}:{port}"
        finally:
            with socket.create_connection((host, port)) as last:
                last.sendall(ENOUGH)
            thread.join()


@pytest.mark.parametrize(
    "name", ["plain.jpg", "a/b/c d.jpg", "été (1)+%2F&=?#.jpg", "../up.jpg", "a//b.jpg", "😀"]
)
def test_an_object_is_read_by_its_name_whatever_that_is(store: str, archive: Any, name: str) -> None:
    archive.put_object(Bucket="archive", Key=name, Body=name.encode())
    assert read(store, name) == name.encode()


def test_the_newest_version_is_read_unless_an_older_one_is_named(store: str, archive: Any) -> None:
    older = archive.put_object(Bucket="archive", Key="changed.jpg", Body=b"older")["VersionId"]
    archive.put_object(Bucket="archive", Key="changed.jpg", Body=b"newer")
    assert (read(store, "changed.jpg"), read(store, "changed.jpg", older)) == (b"newer", b"older")


def test_a_deleted_object_is_not_there_but_its_older_version_is(store: str, archive: Any) -> None:
    older = archive.put_object(Bucket="archive", Key="gone.jpg", Body=b"older")["VersionId"]
    archive.delete_object(Bucket="archive", Key="gone.jpg")
    with pytest.raises(ObjectNotReadable):
        read(store, "gone.jpg")
    assert read(store, "gone.jpg", older) == b"older"


@pytest.mark.usefixtures("archive")
@pytest.mark.parametrize(
    ("name", "version", "bucket"),
    [
        ("absent.jpg", None, "archive"),
        ("beach.jpg", None, "no-such-bucket"),
        ("beach.jpg", "no-such-version", "archive"),
        ("", None, "archive"),
        ("beach.jpg", None, ""),
        ("beach.jpg", None, "../archive"),
        ("beach.jpg", None, "arn:aws:s3:us-east-1:123456789012:accesspoint/beach"),
    ],
)
def test_what_is_not_there_is_not_readable(store: str, name: str, version: str | None, bucket: str) -> None:
    with pytest.raises(ObjectNotReadable):
        read(store, name, version, bucket)


@pytest.mark.parametrize("count", [0, 1, MOST])
def test_an_object_may_be_as_large_as_the_limit(store: str, archive: Any, count: int) -> None:
    archive.put_object(Bucket="archive", Key="large.jpg", Body=bytes(count))
    assert read(store, "large.jpg") == bytes(count)


def test_a_larger_object_is_refused(store: str, archive: Any) -> None:
    archive.put_object(Bucket="archive", Key="large.jpg", Body=bytes(MOST + 1))
    with pytest.raises(ImageTooLarge, match=r"the object has 1,001 bytes; the limit is 1,000"):
        read(store, "large.jpg")


def test_many_may_read_at_once_through_one_client(store: str, archive: Any) -> None:
    for number in range(8):
        archive.put_object(Bucket="archive", Key=f"{number}.jpg", Body=bytes([number]))
    buckets = S3Buckets(store, REGION)
    with ThreadPoolExecutor(8) as pool:
        contents = pool.map(
            lambda number: buckets.read(StoredObject("archive", f"{number % 8}.jpg"), MOST), range(40)
        )
        assert list(contents) == [bytes([number % 8]) for number in range(40)]


@pytest.mark.usefixtures("archive")
def test_without_credentials_nothing_is_read(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(ObjectNotReadable, match="NoCredentialsError"):
        read(store, "beach.jpg")


def test_a_store_where_nobody_listens_is_not_readable() -> None:
    with pytest.raises(ObjectNotReadable, match="EndpointConnectionError"):
        read(f"http://127.0.0.1:{free_port()}", "beach.jpg")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param([b"", b""], id="nothing"),
        pytest.param([b"hello", b"", b""], id="no HTTP"),
        pytest.param([b"HTTP/1.1 403 No", b"Content-Length: 4", b"", b"<no>"], id="no XML"),
        pytest.param([b"HTTP/1.1 500 Oh", b"Content-Length: 0", b"", b""], id="a failure"),
        pytest.param(
            [b"HTTP/1.1 301 Go", b"x-amz-bucket-region: us-east-1", b"Content-Length: 0", b"", b""],
            id="go on",
        ),
    ],
)
def test_a_store_that_answers_nonsense_is_not_readable(answer: list[bytes]) -> None:
    with answering(*answer) as store, pytest.raises(ObjectNotReadable):
        read(store, "beach.jpg")


def test_a_store_that_sends_everybody_elsewhere_is_given_up() -> None:
    answer = (b"HTTP/1.1 301 Go", b"Content-Length: 0", b"", b"")
    with answering(*answer) as store, pytest.raises(ObjectNotReadable):
        read(store, "beach.jpg")


def test_an_object_that_says_it_is_larger_than_the_limit_is_refused_unread() -> None:
    with (
        answering(b"HTTP/1.1 200 OK", b"Content-Length: 1000000000000", b"", b"") as store,
        pytest.raises(ImageTooLarge, match=r"1,000,000,000,000 bytes; the limit is 1,000"),
    ):
        read(store, "beach.jpg")


def test_an_object_that_says_it_is_small_and_is_not_is_refused() -> None:
    chunk = b"%x\r\n%b\r\n0\r\n\r\n" % (MOST + 1, bytes(MOST + 1))
    head = [b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked", b"Content-Length: 2", b"", chunk]
    with answering(*head) as store, pytest.raises(ObjectNotReadable, match="IncompleteReadError"):
        read(store, "beach.jpg")


# botocore's body, used in a with statement, is the plain connection: no error of it is botocore's, and
# neither the length nor the checksum is looked at.
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param([b"HTTP/1.1 200 OK", b"Content-Length: 9", b"", b"bea"], id="cut short"),
        pytest.param(
            [b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked", b"Content-Length: 9", b"", b"9", b"bea"],
            id="cut short in a chunk",
        ),
        pytest.param(
            [b"HTTP/1.1 200 OK", b"Content-Length: 5", b"x-amz-checksum-crc32: AAAAAA==", b"", b"beach"],
            id="another checksum",
        ),
    ],
)
def test_an_object_that_did_not_arrive_whole_is_not_readable(answer: list[bytes]) -> None:
    with answering(*answer) as store, pytest.raises(ObjectNotReadable):
        read(store, "beach.jpg")


def test_an_object_that_does_not_say_how_large_it_is_is_read_all_the_same() -> None:
    head = [b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked", b""]
    with answering(*head, b"5\r\nbeach\r\n0\r\n\r\n") as store:
        assert read(store, "beach.jpg") == b"beach"


@pytest.mark.parametrize("odd", [b"Content-Length: many", b"Content-Length: 5\r\nLast-Modified: never"])
def test_a_store_that_answers_odd_headers_is_not_readable(odd: bytes) -> None:
    with answering(b"HTTP/1.1 200 OK", odd, b"", b"beach") as store, pytest.raises(ObjectNotReadable):
        read(store, "beach.jpg")

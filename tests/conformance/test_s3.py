"""Pictures in an S3-compatible store: a server of moto's, which boto3 fills and Countenance reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import platformdirs
import pytest
from moto.server import ThreadedMotoServer

from conformance import pictures
from conformance.clients import checked_client
from serving import running_server

if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET = "archive"


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """The address of an S3-compatible store."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def s3(store: str) -> Iterator[Any]:
    """A client that fills the store's bucket, which keeps versions."""
    client = boto3.client(
        "s3",
        endpoint_url=store,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - moto takes any
    )
    client.create_bucket(Bucket=BUCKET)
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    yield client
    client.close()


@pytest.fixture(scope="module")
def reading(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of a server that reads the store, with the credentials of its user's AWS files."""
    folder = tmp_path_factory.mktemp("s3")
    (folder / ".aws").mkdir()
    credentials = "[default]\naws_access_key_id = test\naws_secret_access_key = test\n"
    (folder / ".aws" / "credentials").write_text(credentials)
    (folder / "pictures").mkdir()
    settings: dict[str, object] = {"s3_endpoint_url": store, "buckets": {"local": folder / "pictures"}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(platformdirs.user_cache_path()))
        patch.setenv("HOME", str(folder))
        with running_server(folder, s3_region="us-east-1", **settings) as server:
            client = checked_client(server.endpoint_url, server.access_key_id, server.secret_access_key)
            yield client
            client.close()


def named(name: str, bucket: str = BUCKET, **members: str) -> dict[str, Any]:
    return {"S3Object": {"Bucket": bucket, "Name": name} | members}


def count(client: Any, image: dict[str, Any]) -> int:
    return len(client.detect_faces(Image=image)["FaceDetails"])


def test_a_picture_is_read_from_the_store(reading: Any, s3: Any, both: bytes) -> None:
    s3.put_object(Bucket=BUCKET, Key="press/2026 (1)/both é.jpg", Body=both)
    assert count(reading, named("press/2026 (1)/both é.jpg")) == 2


def test_a_picture_is_indexed_from_the_store_and_found_by_its_bytes(
    reading: Any, s3: Any, collins: bytes
) -> None:
    s3.put_object(Bucket=BUCKET, Key="collins.jpg", Body=collins)
    reading.create_collection(CollectionId="archive")
    indexed = reading.index_faces(CollectionId="archive", Image=named("collins.jpg"))
    found = reading.search_faces_by_image(CollectionId="archive", Image={"Bytes": collins})
    assert found["FaceMatches"][0]["Face"]["FaceId"] == indexed["FaceRecords"][0]["Face"]["FaceId"]


def test_an_older_version_of_an_object_is_read(reading: Any, s3: Any, collins: bytes, both: bytes) -> None:
    older = s3.put_object(Bucket=BUCKET, Key="changed.jpg", Body=both)["VersionId"]
    s3.put_object(Bucket=BUCKET, Key="changed.jpg", Body=collins)
    assert count(reading, named("changed.jpg")) == 1
    assert count(reading, named("changed.jpg", Version=older)) == 2


@pytest.mark.usefixtures("s3")
@pytest.mark.parametrize(
    "image", [named("not-there.jpg"), named("a.jpg", "no-such-bucket"), named("a.jpg", "local")]
)
def test_what_is_not_there_is_no_readable_object(reading: Any, image: dict[str, Any]) -> None:
    with pytest.raises(reading.exceptions.InvalidS3ObjectException) as refused:
        reading.detect_faces(Image=image)
    message = refused.value.response["Error"]["Message"]
    assert message.startswith("Unable to get object metadata from S3. Check object key, region")


def test_an_object_over_fifteen_megabytes_is_too_large(reading: Any, s3: Any, collins: bytes) -> None:
    s3.put_object(Bucket=BUCKET, Key="large.jpg", Body=collins + bytes(15_728_641 - len(collins)))
    with pytest.raises(reading.exceptions.ImageTooLargeException):
        reading.detect_faces(Image=named("large.jpg"))


def test_an_object_that_is_no_picture_has_an_invalid_format(reading: Any, s3: Any) -> None:
    s3.put_object(
        Bucket=BUCKET, Key="picture.gif", Body=pictures.encoded(pictures.opened(pictures.empty()), "GIF")
    )
    with pytest.raises(reading.exceptions.InvalidImageFormatException):
        reading.detect_faces(Image=named("picture.gif"))

"""The AWS CLI, with the server's address in its environment and as an option."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from serving import RunningServer

AWS = Path(sys.executable).with_name("aws")
CLIENT_ERROR = {254, 255}  # of version 2 and of version 1


@dataclass(frozen=True)
class Cli:
    """`aws rekognition`, as a user runs it."""

    environment: dict[str, str]
    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command; nothing is checked."""
        return subprocess.run(
            [str(AWS), "rekognition", *arguments],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def __call__(self, *arguments: str) -> Any:
        """Run a command that succeeds and return its JSON."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None


@pytest.fixture(scope="module")
def aws(
    server: RunningServer,
    tmp_path_factory: pytest.TempPathFactory,
    collins: bytes,
    both: bytes,
) -> Cli:
    """The CLI in a folder with the pictures collins.jpg and both.jpg, its address in the environment."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "collins.jpg").write_bytes(collins)
    (folder / "both.jpg").write_bytes(both)
    return Cli(server.client_environment, folder)


@pytest.fixture(scope="module")
def staff(aws: Cli) -> Iterator[str]:
    """A collection made by the CLI, with the two faces of both.jpg."""
    name = f"cli-{uuid.uuid4()}"
    created = aws("create-collection", "--collection-id", name, "--tags", "team=press")
    assert created["StatusCode"] == 200
    indexed = aws(
        "index-faces", "--collection-id", name, "--image-bytes", "fileb://both.jpg",
        "--external-image-id", "both", "--detection-attributes", "ALL",
    )  # fmt: skip
    assert len(indexed["FaceRecords"]) == 2
    yield name
    assert aws("delete-collection", "--collection-id", name) == {"StatusCode": 200}


def test_a_picture_finds_its_face(aws: Cli, staff: str) -> None:
    found = aws(
        "search-faces-by-image", "--collection-id", staff, "--image-bytes", "fileb://collins.jpg",
        "--face-match-threshold", "90", "--max-faces", "1",
    )  # fmt: skip
    assert [match["Face"]["ExternalImageId"] for match in found["FaceMatches"]] == ["both"]


def test_an_image_is_named_in_a_bucket(aws: Cli, staff: str, buckets: Path, collins: bytes) -> None:
    (buckets / "collins.jpg").write_bytes(collins)
    image = '{"S3Object": {"Bucket": "pictures", "Name": "collins.jpg"}}'
    assert len(aws("detect-faces", "--image", image)["FaceDetails"]) == 1
    shorthand = "S3Object={Bucket=pictures,Name=collins.jpg}"
    found = aws("search-faces-by-image", "--collection-id", staff, "--image", shorthand)
    assert len(found["FaceMatches"]) == 1


def test_lists_are_paged_by_the_cli_itself(aws: Cli, staff: str) -> None:
    listed = ("list-faces", "--collection-id", staff)
    faces = aws(*listed)["Faces"]
    assert len(faces) == 2
    assert aws(*listed, "--page-size", "1")["Faces"] == faces
    first = aws(*listed, "--page-size", "1", "--max-items", "1")
    assert first["Faces"] == faces[:1]
    rest = aws(*listed, "--starting-token", first["NextToken"])
    assert rest["Faces"] == faces[1:]


def test_two_pictures_are_compared(aws: Cli) -> None:
    compared = aws(
        "compare-faces", "--source-image-bytes", "fileb://collins.jpg",
        "--target-image-bytes", "fileb://both.jpg", "--similarity-threshold", "95",
    )  # fmt: skip
    assert (len(compared["FaceMatches"]), len(compared["UnmatchedFaces"])) == (1, 1)


def test_users_are_made_and_given_faces(aws: Cli, staff: str) -> None:
    searched = ("--collection-id", staff, "--image-bytes", "fileb://collins.jpg")
    face_id = aws("search-faces-by-image", *searched)["FaceMatches"][0]["Face"]["FaceId"]
    who = ("--collection-id", staff, "--user-id", "collins")
    assert aws("create-user", *who) is None
    assert aws("associate-faces", *who, "--face-ids", face_id)["UserStatus"] == "ACTIVE"
    found = aws("search-users-by-image", *searched)
    assert found["UserMatches"][0]["User"]["UserId"] == "collins"
    assert aws("disassociate-faces", *who, "--face-ids", face_id)["UserStatus"] == "CREATED"


def test_a_description_is_shown_as_a_table_or_queried(aws: Cli, staff: str) -> None:
    described = ("describe-collection", "--collection-id", staff)
    shown = aws.run(*described, "--output", "text", "--query", "[FaceCount, FaceModelVersion]")
    assert shown.stdout.split() == ["2", "dlib-cc0"]


def test_an_error_ends_with_the_clis_exit_code_and_names_it(aws: Cli) -> None:
    failed = aws.run("describe-collection", "--collection-id", "not-there")
    assert failed.returncode in CLIENT_ERROR
    assert failed.stdout == ""
    assert (
        "An error occurred (ResourceNotFoundException) when calling the DescribeCollection operation: "
        "The collection id: not-there does not exist"
    ) in failed.stderr


def test_what_the_cli_does_not_check_the_server_does(aws: Cli) -> None:
    failed = aws.run("create-collection", "--collection-id", "a b")
    assert failed.returncode in CLIENT_ERROR
    assert "(ValidationException)" in failed.stderr


def test_the_address_may_be_an_option(aws: Cli, server: RunningServer, staff: str) -> None:
    environment = {**aws.environment}
    del environment["AWS_ENDPOINT_URL_REKOGNITION"]
    listed = Cli(environment, aws.folder)("list-collections", "--endpoint-url", server.endpoint_url)
    assert staff in listed["CollectionIds"]


def test_a_wrong_secret_is_refused(aws: Cli) -> None:
    environment = {**aws.environment, "AWS_SECRET_ACCESS_KEY": "x" * 40}
    failed = Cli(environment, aws.folder).run("list-collections")
    assert failed.returncode in CLIENT_ERROR
    assert "(InvalidSignatureException)" in failed.stderr

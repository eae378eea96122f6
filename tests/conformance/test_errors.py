"""Each error that Amazon's model names for an operation is raised as the class that boto3 has for it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from conformance.clients import checked_client
from conformance.modelled_errors import BY_THE_CALLER, BY_THE_LOAD, Scene, reason, right, stored, wrong
from countenance.doors.rekognition.actions import ACTIONS
from countenance.doors.rekognition.service_model import service_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.busy import BusyServer

ERRORS = [
    (operation, error.name)
    for operation in ACTIONS
    for error in service_model().operation_model(operation).error_shapes
]
NOWHERE = Scene("c", "0123abcd-0123-0123-0123-0123456789ab", b"picture", "token")
PROVOKED = [(operation, error) for operation, error in ERRORS if wrong(operation, error, NOWHERE) is not None]


@pytest.fixture(scope="module")
def scene(client: Any, collins: bytes, buckets: Path) -> Iterator[Scene]:
    name, token = "scene", str(uuid.uuid4())
    client.create_collection(CollectionId=name)
    face_id = client.index_faces(CollectionId=name, Image={"Bytes": collins})["FaceRecords"][0]["Face"][
        "FaceId"
    ]
    client.create_user(CollectionId=name, UserId="collins", ClientRequestToken=token)
    asked = {"CollectionId": name, "UserId": "collins", "FaceIds": [face_id], "ClientRequestToken": token}
    client.associate_faces(**asked)
    client.disassociate_faces(**asked)
    client.create_user(CollectionId=name, UserId="gone")
    client.delete_user(CollectionId=name, UserId="gone", ClientRequestToken=token)
    (buckets / "scene.mp4").write_bytes(b"no video, which the jobs will find out")
    with (buckets / "eleven-gigabytes.mp4").open("wb") as large:
        large.truncate(11 * 1024**3)
    video = {"Video": stored("scene.mp4"), "ClientRequestToken": token}
    detection = client.start_face_detection(**video)["JobId"]
    search = client.start_face_search(CollectionId=name, **video)["JobId"]
    yield Scene(name, face_id, collins, token, detection, search)
    client.delete_collection(CollectionId=name)


def call(client: Any, operation: str, parameters: dict[str, Any]) -> None:
    getattr(client, botocore.xform_name(operation))(**parameters)


def test_the_table_says_of_every_error_what_provokes_it_or_why_nothing_does() -> None:
    for operation, error in ERRORS:
        ways = [
            (operation, error) in PROVOKED,
            error in (BY_THE_CALLER, BY_THE_LOAD),
            reason(operation, error) is not None,
        ]
        assert sum(ways) == 1, f"{operation} {error}: provoked, by caller or load, excused: {ways}"


@pytest.mark.parametrize(("operation", "error"), PROVOKED)
def test_wrong_parameters_raise_the_error_that_amazon_names(
    lax_client: Any, scene: Scene, operation: str, error: str
) -> None:
    parameters = wrong(operation, error, scene)
    assert parameters is not None
    with pytest.raises(getattr(lax_client.exceptions, error)) as raised:
        call(lax_client, operation, parameters)
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert len(raised.value.response["ResponseMetadata"]["RequestId"]) == 36


@pytest.mark.parametrize("operation", ACTIONS)
def test_a_key_that_may_do_something_else_is_denied(
    limited_client: Callable[..., Any], scene: Scene, operation: str
) -> None:
    nobody = limited_client(operations=["ListUsers" if operation != "ListUsers" else "ListFaces"])
    with pytest.raises(nobody.exceptions.AccessDeniedException):
        call(nobody, operation, right(operation, scene))


@pytest.mark.parametrize("operation", ACTIONS)
def test_a_request_that_lacks_what_is_required_is_no_valid_one(
    lax_client: Any, scene: Scene, operation: str
) -> None:
    required = service_model().operation_model(operation).input_shape.required_members
    parameters = {name: value for name, value in right(operation, scene).items() if name not in required[:1]}
    if not required:
        parameters = {"MaxResults": -1}
    with pytest.raises(ClientError) as refused:
        call(lax_client, operation, parameters)
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_a_busy_server_throttles_whatever_is_asked(busy: BusyServer) -> None:
    server = busy.server
    hurried = checked_client(
        server.endpoint_url, server.access_key_id, server.secret_access_key, parameter_validation=False
    )
    with busy.occupied():
        for operation in ACTIONS:
            assert was_throttled(hurried, operation), operation
    hurried.close()


def test_boto3_tries_again_until_the_server_is_free(busy: BusyServer) -> None:
    server = busy.server
    patient = checked_client(server.endpoint_url, server.access_key_id, server.secret_access_key, attempts=12)
    with busy.occupied(most_seconds=1):
        tries = [patient.list_collections()["ResponseMetadata"]["RetryAttempts"] for _ in range(5)]
    patient.close()
    assert max(tries) > 0


def was_throttled(client: Any, operation: str) -> bool:
    """Ask until the server is busy, for a request may come just between two others."""
    for _ in range(1000):
        try:
            call(client, operation, right(operation, NOWHERE))
        except client.exceptions.ProvisionedThroughputExceededException as error:
            return bool(error.response["ResponseMetadata"]["HTTPStatusCode"] == 400)
        except ClientError:
            continue
    return False

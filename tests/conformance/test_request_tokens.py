"""ClientRequestToken: the same request again is done once, through boto3."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def token() -> str:
    return str(uuid.uuid4())


@pytest.fixture
def face_id(client: Any, collection: str, collins: bytes) -> str:
    """A face of the collection; user collins has none yet."""
    client.create_user(CollectionId=collection, UserId="collins")
    indexed = client.index_faces(CollectionId=collection, Image={"Bytes": collins})
    return str(indexed["FaceRecords"][0]["Face"]["FaceId"])


def test_a_user_is_created_once(client: Any, collection: str, token: str) -> None:
    asked = {"CollectionId": collection, "UserId": "collins", "ClientRequestToken": token}
    for _ in range(3):
        client.create_user(**asked)
    assert len(client.list_users(CollectionId=collection)["Users"]) == 1


def test_a_user_is_deleted_once(client: Any, collection: str, token: str) -> None:
    client.create_user(CollectionId=collection, UserId="collins")
    for _ in range(2):
        client.delete_user(CollectionId=collection, UserId="collins", ClientRequestToken=token)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.delete_user(CollectionId=collection, UserId="collins")


def test_faces_are_associated_once_and_the_answer_is_the_same(
    client: Any, collection: str, face_id: str, token: str
) -> None:
    asked = {"CollectionId": collection, "UserId": "collins", "FaceIds": [face_id]}
    first = client.associate_faces(ClientRequestToken=token, **asked)
    client.disassociate_faces(**asked)
    second = client.associate_faces(ClientRequestToken=token, **asked)
    assert without_metadata(first) == without_metadata(second)
    assert client.list_faces(CollectionId=collection, UserId="collins")["Faces"] == []


def test_faces_are_disassociated_once_and_the_answer_is_the_same(
    client: Any, collection: str, face_id: str, token: str
) -> None:
    asked = {"CollectionId": collection, "UserId": "collins", "FaceIds": [face_id]}
    client.associate_faces(**asked)
    first = client.disassociate_faces(ClientRequestToken=token, **asked)
    client.associate_faces(**asked)
    second = client.disassociate_faces(ClientRequestToken=token, **asked)
    assert without_metadata(first) == without_metadata(second)
    assert len(client.list_faces(CollectionId=collection, UserId="collins")["Faces"]) == 1


def test_a_token_with_other_parameters_is_refused_in_amazons_words(
    client: Any, collection: str, token: str
) -> None:
    client.create_user(CollectionId=collection, UserId="collins", ClientRequestToken=token)
    with pytest.raises(client.exceptions.IdempotentParameterMismatchException) as refused:
        client.create_user(CollectionId=collection, UserId="hopper", ClientRequestToken=token)
    message = refused.value.response["Error"]["Message"]
    assert message == f"The ClientRequestToken: {token} you have supplied is already in use."


def test_a_token_stands_for_one_operation_and_one_collection(
    client: Any, new_collection: Callable[[], str], token: str
) -> None:
    first, second = new_collection(), new_collection()
    client.create_user(CollectionId=first, UserId="collins", ClientRequestToken=token)
    client.delete_user(CollectionId=first, UserId="collins", ClientRequestToken=token)
    with pytest.raises(client.exceptions.IdempotentParameterMismatchException):
        client.create_user(CollectionId=second, UserId="collins", ClientRequestToken=token)


def test_a_request_that_failed_may_come_again_with_its_token(
    client: Any, collection: str, token: str
) -> None:
    asked = {"CollectionId": collection, "UserId": "collins", "ClientRequestToken": token}
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.delete_user(**asked)
    client.create_user(CollectionId=collection, UserId="collins")
    client.delete_user(**asked)
    assert client.list_users(CollectionId=collection)["Users"] == []


def without_metadata(response: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}

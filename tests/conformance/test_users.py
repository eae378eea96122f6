"""Users: made, listed, deleted, given faces and relieved of them, through boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance import pictures

if TYPE_CHECKING:
    from collections.abc import Callable

UNKNOWN = "0123abcd-0123-0123-0123-0123456789ab"


@pytest.fixture
def face_of(client: Any, collection: str) -> Callable[[bytes], str]:
    """Return what indexes a picture and tells the id of its largest face."""

    def index(picture: bytes) -> str:
        records = client.index_faces(CollectionId=collection, Image={"Bytes": picture}, QualityFilter="NONE")[
            "FaceRecords"
        ]
        return str(records[0]["Face"]["FaceId"])

    return index


def test_a_user_is_created_without_faces_and_active_once_it_has_one(
    client: Any, collection: str, collins: bytes, face_of: Callable[[bytes], str]
) -> None:
    client.create_user(CollectionId=collection, UserId="eileen.collins:1")
    assert client.list_users(CollectionId=collection)["Users"] == [
        {"UserId": "eileen.collins:1", "UserStatus": "CREATED"}
    ]
    outcome = client.associate_faces(
        CollectionId=collection, UserId="eileen.collins:1", FaceIds=[face_of(collins)]
    )
    assert outcome["UserStatus"] == "ACTIVE"
    assert client.list_users(CollectionId=collection)["Users"][0]["UserStatus"] == "ACTIVE"


def test_a_user_that_is_there_cannot_be_created_again(client: Any, collection: str) -> None:
    client.create_user(CollectionId=collection, UserId="collins")
    with pytest.raises(client.exceptions.ConflictException):
        client.create_user(CollectionId=collection, UserId="collins")


def test_users_of_two_collections_are_not_the_same(client: Any, new_collection: Callable[[], str]) -> None:
    first, second = new_collection(), new_collection()
    client.create_user(CollectionId=first, UserId="collins")
    client.create_user(CollectionId=second, UserId="collins")
    client.delete_user(CollectionId=first, UserId="collins")
    assert client.list_users(CollectionId=first)["Users"] == []
    assert len(client.list_users(CollectionId=second)["Users"]) == 1


def test_a_deleted_user_is_gone_and_its_faces_stay(
    client: Any, collection: str, collins: bytes, face_of: Callable[[bytes], str]
) -> None:
    face_id = face_of(collins)
    client.create_user(CollectionId=collection, UserId="collins")
    client.associate_faces(CollectionId=collection, UserId="collins", FaceIds=[face_id])
    client.delete_user(CollectionId=collection, UserId="collins")
    (face,) = client.list_faces(CollectionId=collection)["Faces"]
    assert face["FaceId"] == face_id
    assert "UserId" not in face
    found = client.search_users(CollectionId=collection, FaceId=face_id, UserMatchThreshold=0)
    assert found["UserMatches"] == []
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.search_users(CollectionId=collection, UserId="collins")


def test_each_face_that_is_not_associated_comes_with_its_reason(
    client: Any, collection: str, collins: bytes, hopper: bytes, face_of: Callable[[bytes], str]
) -> None:
    mine, more, other = face_of(collins), face_of(pictures.lighter(collins, 0.9)), face_of(hopper)
    for user in ("collins", "hopper"):
        client.create_user(CollectionId=collection, UserId=user)
    asked = {"CollectionId": collection, "UserId": "collins"}
    first = client.associate_faces(FaceIds=[mine], **asked)
    assert first["AssociatedFaces"] == [{"FaceId": mine}]
    assert first["UnsuccessfulFaceAssociations"] == []

    unlike = client.associate_faces(FaceIds=[more, other, UNKNOWN], **asked)
    assert unlike["AssociatedFaces"] == [{"FaceId": more}]
    by_reason = {failure["Reasons"][0]: failure for failure in unlike["UnsuccessfulFaceAssociations"]}
    assert set(by_reason) == {"LOW_MATCH_CONFIDENCE", "FACE_NOT_FOUND"}
    assert by_reason["FACE_NOT_FOUND"] == {"FaceId": UNKNOWN, "Reasons": ["FACE_NOT_FOUND"]}
    assert by_reason["LOW_MATCH_CONFIDENCE"]["FaceId"] == other
    assert by_reason["LOW_MATCH_CONFIDENCE"]["Confidence"] < 75

    client.associate_faces(CollectionId=collection, UserId="hopper", FaceIds=[other])
    taken = client.associate_faces(FaceIds=[other], **asked)
    assert taken["UnsuccessfulFaceAssociations"] == [
        {"FaceId": other, "UserId": "hopper", "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"]}
    ]


def test_a_threshold_of_zero_makes_anybodys_face_the_users(
    client: Any, collection: str, collins: bytes, hopper: bytes, face_of: Callable[[bytes], str]
) -> None:
    client.create_user(CollectionId=collection, UserId="two-people")
    faces = [face_of(collins), face_of(hopper)]
    outcome = client.associate_faces(
        CollectionId=collection, UserId="two-people", FaceIds=faces, UserMatchThreshold=0
    )
    assert [face["FaceId"] for face in outcome["AssociatedFaces"]] == faces


def test_associating_a_face_again_or_twice_at_once_changes_nothing(
    client: Any, collection: str, collins: bytes, face_of: Callable[[bytes], str]
) -> None:
    face_id = face_of(collins)
    client.create_user(CollectionId=collection, UserId="collins")
    asked = {"CollectionId": collection, "UserId": "collins", "FaceIds": [face_id, face_id]}
    for _ in range(2):
        outcome = client.associate_faces(**asked)
        assert outcome["AssociatedFaces"] == [{"FaceId": face_id}]
        assert outcome["UnsuccessfulFaceAssociations"] == []
    assert len(client.list_faces(CollectionId=collection, UserId="collins")["Faces"]) == 1


def test_faces_are_taken_from_a_user_and_those_that_are_not_its_own_are_told(
    client: Any, collection: str, collins: bytes, hopper: bytes, face_of: Callable[[bytes], str]
) -> None:
    mine, other, free = face_of(collins), face_of(hopper), face_of(pictures.lighter(collins, 1.1))
    for user, face_id in (("collins", mine), ("hopper", other)):
        client.create_user(CollectionId=collection, UserId=user)
        client.associate_faces(CollectionId=collection, UserId=user, FaceIds=[face_id])
    outcome = client.disassociate_faces(
        CollectionId=collection, UserId="collins", FaceIds=[mine, other, free, UNKNOWN]
    )
    assert outcome["DisassociatedFaces"] == [{"FaceId": mine}]
    assert outcome["UserStatus"] == "CREATED"
    assert outcome["UnsuccessfulFaceDisassociations"] == [
        {"FaceId": other, "UserId": "hopper", "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"]},
        {"FaceId": free, "Reasons": ["FACE_NOT_FOUND"]},
        {"FaceId": UNKNOWN, "Reasons": ["FACE_NOT_FOUND"]},
    ]
    found = client.search_users(CollectionId=collection, FaceId=mine, UserMatchThreshold=0)
    assert [match["User"]["UserId"] for match in found["UserMatches"]] == ["hopper"]


def test_a_user_may_have_a_hundred_faces_and_not_one_more(
    client: Any, collection: str, collins: bytes
) -> None:
    face = pictures.jpeg(pictures.opened(collins).crop((40, 20, 240, 260)))
    crowds = (pictures.tiled(face, columns, 6, 130) for columns in (9, 8))
    face_ids = [
        record["Face"]["FaceId"]
        for crowd in crowds
        for record in client.index_faces(
            CollectionId=collection, Image={"Bytes": crowd}, QualityFilter="NONE"
        )["FaceRecords"]
    ]
    assert len(face_ids) == 102
    client.create_user(CollectionId=collection, UserId="many")
    asked = {"CollectionId": collection, "UserId": "many", "UserMatchThreshold": 0}
    client.associate_faces(FaceIds=face_ids[:60], **asked)
    with pytest.raises(client.exceptions.ServiceQuotaExceededException):
        client.associate_faces(FaceIds=face_ids[60:101], **asked)
    assert len(client.list_faces(CollectionId=collection, UserId="many")["Faces"]) == 60
    client.associate_faces(FaceIds=face_ids[60:100], **asked)
    assert len(client.list_faces(CollectionId=collection, UserId="many")["Faces"]) == 100

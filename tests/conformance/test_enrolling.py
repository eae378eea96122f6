"""IndexFaces, ListFaces and DeleteFaces, through boto3."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from conformance import pictures

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

UNKNOWN = "0123abcd-0123-0123-0123-0123456789ab"


def ids(response: dict[str, Any]) -> list[str]:
    return [record["Face"]["FaceId"] for record in response["FaceRecords"]]


def test_an_indexed_face_is_told_with_what_was_measured_of_it(
    client: Any, collection: str, collins: bytes
) -> None:
    indexed = client.index_faces(
        CollectionId=collection, Image={"Bytes": collins}, ExternalImageId="nasa:collins_1.jpg"
    )
    (record,) = indexed["FaceRecords"]
    face, detail = record["Face"], record["FaceDetail"]
    uuid.UUID(face["FaceId"])
    uuid.UUID(face["ImageId"])
    assert face["ExternalImageId"] == "nasa:collins_1.jpg"
    assert face["BoundingBox"] == pytest.approx(detail["BoundingBox"])
    assert face["Confidence"] == pytest.approx(detail["Confidence"])
    assert "UserId" not in face
    assert indexed["FaceModelVersion"] == "dlib-cc0"
    assert indexed["UnindexedFaces"] == []
    assert "OrientationCorrection" not in indexed
    detected = client.detect_faces(Image={"Bytes": collins})["FaceDetails"][0]
    assert detail["BoundingBox"] == pytest.approx(detected["BoundingBox"])


def test_what_is_listed_is_what_was_answered_when_it_was_indexed(
    client: Any, collection: str, both: bytes
) -> None:
    indexed = client.index_faces(CollectionId=collection, Image={"Bytes": both}, ExternalImageId="both")
    listed = client.list_faces(CollectionId=collection)
    assert listed["FaceModelVersion"] == "dlib-cc0"
    assert len(listed["Faces"]) == 2
    answered = {record["Face"]["FaceId"]: record for record in indexed["FaceRecords"]}
    for face in listed["Faces"]:
        record = answered[face["FaceId"]]
        box = face.pop("BoundingBox")
        assert box == pytest.approx(record["Face"].pop("BoundingBox"), rel=1e-6)
        assert face.pop("Confidence") == pytest.approx(record["Face"].pop("Confidence"), rel=1e-6)
        assert face == record["Face"]


def test_faces_of_a_picture_are_indexed_largest_first_with_one_image_id(
    client: Any, collection: str, both: bytes
) -> None:
    records = client.index_faces(CollectionId=collection, Image={"Bytes": both})["FaceRecords"]
    boxes = [record["Face"]["BoundingBox"] for record in records]
    areas = [box["Width"] * box["Height"] for box in boxes]
    assert areas == sorted(areas, reverse=True)
    assert len(areas) == 2
    assert len({record["Face"]["ImageId"] for record in records}) == 1


def test_a_picture_that_comes_again_with_its_external_id_adds_nothing(
    client: Any, collection: str, both: bytes
) -> None:
    asked = {"CollectionId": collection, "Image": {"Bytes": both}, "ExternalImageId": "both"}
    first, second = client.index_faces(**asked), client.index_faces(**asked)
    assert ids(first) == ids(second)
    assert client.describe_collection(CollectionId=collection)["FaceCount"] == 2


def test_a_picture_that_comes_again_without_any_external_id_adds_nothing(
    client: Any, collection: str, collins: bytes
) -> None:
    asked = {"CollectionId": collection, "Image": {"Bytes": collins}}
    assert ids(client.index_faces(**asked)) == ids(client.index_faces(**asked))
    assert len(client.list_faces(CollectionId=collection)["Faces"]) == 1


def test_a_picture_that_comes_again_with_another_external_id_is_another_face(
    client: Any, collection: str, collins: bytes
) -> None:
    asked = {"CollectionId": collection, "Image": {"Bytes": collins}}
    first = client.index_faces(ExternalImageId="one", **asked)
    second = client.index_faces(ExternalImageId="two", **asked)
    assert ids(first) != ids(second)
    listed = client.list_faces(CollectionId=collection)["Faces"]
    assert [face["ExternalImageId"] for face in listed] == ["one", "two"]


def test_a_picture_has_the_same_face_ids_in_every_collection(
    client: Any, new_collection: Callable[[], str], both: bytes
) -> None:
    first, second = (
        client.index_faces(CollectionId=new_collection(), Image={"Bytes": both}) for _ in range(2)
    )
    assert ids(first) == ids(second)


def test_beyond_max_faces_the_worst_are_not_indexed_and_the_reason_is_told(
    client: Any, collection: str, both: bytes
) -> None:
    indexed = client.index_faces(CollectionId=collection, Image={"Bytes": both}, MaxFaces=1)
    (left_out,) = indexed["UnindexedFaces"]
    assert left_out["Reasons"] == ["EXCEEDS_MAX_FACES"]
    assert left_out["FaceDetail"]["Confidence"] > 90
    assert len(indexed["FaceRecords"]) == 1
    assert client.describe_collection(CollectionId=collection)["FaceCount"] == 1
    again = client.index_faces(CollectionId=collection, Image={"Bytes": both}, MaxFaces=2)
    assert ids(indexed)[0] in ids(again)
    assert client.describe_collection(CollectionId=collection)["FaceCount"] == 2


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (pictures.darkened, "LOW_BRIGHTNESS"),
        (pictures.blurred, "LOW_SHARPNESS"),
        (pictures.smaller, "SMALL_BOUNDING_BOX"),
    ],
)
def test_a_face_that_is_not_fit_is_left_out_with_the_reason(
    client: Any, collection: str, collins: bytes, made: Callable[[bytes], bytes], reason: str
) -> None:
    picture = {"Bytes": made(collins)}
    kept = client.index_faces(CollectionId=collection, Image=picture, QualityFilter="NONE")
    assert kept["FaceRecords"]
    assert kept["UnindexedFaces"] == []
    left_out = client.index_faces(CollectionId=collection, Image=picture, QualityFilter="HIGH")
    assert left_out["FaceRecords"] == []
    assert reason in left_out["UnindexedFaces"][0]["Reasons"]


def test_the_quality_filter_is_auto_unless_another_is_asked_for(
    client: Any, collection: str, collins: bytes
) -> None:
    picture = {"Bytes": pictures.darkened(collins)}
    reasons = [
        [
            face["Reasons"]
            for face in client.index_faces(CollectionId=collection, Image=picture, **asked)["UnindexedFaces"]
        ]
        for asked in ({}, {"QualityFilter": "AUTO"}, {"QualityFilter": "MEDIUM"})
    ]
    assert reasons[0] == reasons[1] == reasons[2] != []


def test_a_picture_of_nobody_indexes_nobody(client: Any, collection: str) -> None:
    indexed = client.index_faces(CollectionId=collection, Image={"Bytes": pictures.empty()})
    assert (indexed["FaceRecords"], indexed["UnindexedFaces"]) == ([], [])


def test_an_object_of_a_bucket_is_the_same_picture_as_its_bytes(
    client: Any, collection: str, buckets: Path, collins: bytes
) -> None:
    (buckets / "collins.jpg").write_bytes(collins)
    stored = {"S3Object": {"Bucket": "pictures", "Name": "collins.jpg"}}
    by_name = client.index_faces(CollectionId=collection, Image=stored)
    by_bytes = client.index_faces(CollectionId=collection, Image={"Bytes": collins})
    assert ids(by_name) == ids(by_bytes)


def test_detection_attributes_are_taken_and_those_not_measured_are_absent(
    client: Any, collection: str, collins: bytes
) -> None:
    indexed = client.index_faces(
        CollectionId=collection, Image={"Bytes": collins}, DetectionAttributes=["ALL"]
    )
    detail = indexed["FaceRecords"][0]["FaceDetail"]
    assert set(detail) == {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}


def test_listed_faces_can_be_narrowed_down_to_ids_and_to_a_user(
    client: Any, collection: str, both: bytes
) -> None:
    larger, smaller = ids(client.index_faces(CollectionId=collection, Image={"Bytes": both}))
    client.create_user(CollectionId=collection, UserId="one")
    client.associate_faces(CollectionId=collection, UserId="one", FaceIds=[smaller])

    def listed(**narrowed: object) -> list[str]:
        faces = client.list_faces(CollectionId=collection, **narrowed)["Faces"]
        return [face["FaceId"] for face in faces]

    assert set(listed()) == {larger, smaller}
    assert listed(FaceIds=[larger, UNKNOWN]) == [larger]
    assert listed(UserId="one") == [smaller]
    assert listed(UserId="one", FaceIds=[larger]) == []
    (face,) = client.list_faces(CollectionId=collection, UserId="one")["Faces"]
    assert face["UserId"] == "one"


def test_an_empty_page_may_be_asked_for_and_leads_to_the_first_face(
    client: Any, collection: str, both: bytes
) -> None:
    indexed = client.index_faces(CollectionId=collection, Image={"Bytes": both})
    page = client.list_faces(CollectionId=collection, MaxResults=0)
    assert page["Faces"] == []
    following = client.list_faces(CollectionId=collection, NextToken=page["NextToken"])
    assert {face["FaceId"] for face in following["Faces"]} == set(ids(indexed))


def test_deleted_faces_are_gone_and_those_that_were_not_there_are_told(
    client: Any, collection: str, both: bytes, collins: bytes
) -> None:
    face_ids = ids(client.index_faces(CollectionId=collection, Image={"Bytes": both}))
    deleted = client.delete_faces(CollectionId=collection, FaceIds=[*face_ids, UNKNOWN, face_ids[0]])
    assert deleted["DeletedFaces"] == face_ids
    assert deleted["UnsuccessfulFaceDeletions"] == [{"FaceId": UNKNOWN, "Reasons": ["FACE_NOT_FOUND"]}]
    assert client.list_faces(CollectionId=collection)["Faces"] == []
    found = client.search_faces_by_image(CollectionId=collection, Image={"Bytes": collins})
    assert found["FaceMatches"] == []


def test_deleting_only_faces_that_are_not_there_answers_an_empty_list(client: Any, collection: str) -> None:
    deleted = client.delete_faces(CollectionId=collection, FaceIds=[UNKNOWN])
    assert deleted["DeletedFaces"] == []


def test_a_face_of_a_user_cannot_be_deleted_before_it_is_taken_from_it(
    client: Any, collection: str, collins: bytes
) -> None:
    (face_id,) = ids(client.index_faces(CollectionId=collection, Image={"Bytes": collins}))
    client.create_user(CollectionId=collection, UserId="collins")
    client.associate_faces(CollectionId=collection, UserId="collins", FaceIds=[face_id])
    refused = client.delete_faces(CollectionId=collection, FaceIds=[face_id])
    assert refused["DeletedFaces"] == []
    assert refused["UnsuccessfulFaceDeletions"] == [
        {"FaceId": face_id, "UserId": "collins", "Reasons": ["ASSOCIATED_TO_AN_EXISTING_USER"]}
    ]
    client.disassociate_faces(CollectionId=collection, UserId="collins", FaceIds=[face_id])
    assert client.delete_faces(CollectionId=collection, FaceIds=[face_id])["DeletedFaces"] == [face_id]


def test_a_face_that_was_deleted_can_be_indexed_again(client: Any, collection: str, collins: bytes) -> None:
    asked = {"CollectionId": collection, "Image": {"Bytes": collins}}
    before = ids(client.index_faces(**asked))
    client.delete_faces(CollectionId=collection, FaceIds=before)
    assert ids(client.index_faces(**asked)) == before
    assert len(client.search_faces_by_image(**asked)["FaceMatches"]) == 1

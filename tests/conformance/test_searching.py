"""SearchFaces, SearchFacesByImage, SearchUsers and SearchUsersByImage, through boto3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from conformance import pictures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

UNKNOWN = "0123abcd-0123-0123-0123-0123456789ab"


@dataclass(frozen=True)
class People:
    """A collection with three faces of Collins (one alone, two of user collins) and one of user hopper."""

    collection: str
    alone: str
    collins: list[str]
    hopper: str


@pytest.fixture(scope="module")
def people(client: Any, collins: bytes, hopper: bytes) -> Iterator[People]:
    name = "people"
    client.create_collection(CollectionId=name)

    def face_of(picture: bytes) -> str:
        records = client.index_faces(CollectionId=name, Image={"Bytes": picture})["FaceRecords"]
        return str(records[0]["Face"]["FaceId"])

    alone, *owned = (face_of(pictures.lighter(collins, factor)) for factor in (1.0, 0.8, 1.15))
    other = face_of(hopper)
    for user, faces in (("collins", owned), ("hopper", [other])):
        client.create_user(CollectionId=name, UserId=user)
        client.associate_faces(CollectionId=name, UserId=user, FaceIds=faces)
    client.create_user(CollectionId=name, UserId="nobody")
    yield People(name, alone, owned, other)
    client.delete_collection(CollectionId=name)


def faces(found: dict[str, Any]) -> list[str]:
    return [match["Face"]["FaceId"] for match in found["FaceMatches"]]


def users(found: dict[str, Any]) -> list[str]:
    return [match["User"]["UserId"] for match in found["UserMatches"]]


def similarities(matches: list[dict[str, Any]]) -> list[float]:
    return [match["Similarity"] for match in matches]


def test_a_face_is_not_found_when_it_is_searched_with(client: Any, people: People) -> None:
    found = client.search_faces(CollectionId=people.collection, FaceId=people.alone)
    assert found["SearchedFaceId"] == people.alone
    assert set(faces(found)) == set(people.collins)
    assert found["FaceModelVersion"] == "dlib-cc0"
    assert {match["Face"]["UserId"] for match in found["FaceMatches"]} == {"collins"}


def test_matches_come_most_similar_first(client: Any, people: People) -> None:
    found = client.search_faces(CollectionId=people.collection, FaceId=people.alone, FaceMatchThreshold=0)
    assert len(found["FaceMatches"]) == 3
    assert similarities(found["FaceMatches"]) == sorted(similarities(found["FaceMatches"]), reverse=True)
    assert faces(found)[-1] == people.hopper


def test_the_default_threshold_is_eighty_and_a_threshold_is_included(client: Any, people: People) -> None:
    asked = {"CollectionId": people.collection, "FaceId": people.alone}
    everybody = client.search_faces(FaceMatchThreshold=0, **asked)["FaceMatches"]
    assert faces(client.search_faces(**asked)) == faces(client.search_faces(FaceMatchThreshold=80, **asked))
    second = everybody[1]["Similarity"]
    assert len(client.search_faces(FaceMatchThreshold=second, **asked)["FaceMatches"]) >= 2
    at_hundred = client.search_faces(FaceMatchThreshold=100, **asked)["FaceMatches"]
    assert all(similarity == 100 for similarity in similarities(at_hundred))


def test_no_more_matches_are_told_than_asked_for(client: Any, people: People) -> None:
    asked = {"CollectionId": people.collection, "FaceId": people.alone, "FaceMatchThreshold": 0}
    everybody = faces(client.search_faces(**asked))
    for most in (1, 2):
        assert faces(client.search_faces(MaxFaces=most, **asked)) == everybody[:most]
    assert faces(client.search_faces(MaxFaces=4096, **asked)) == everybody


def test_a_picture_finds_its_largest_face_and_says_which_that_was(
    client: Any, people: People, both: bytes
) -> None:
    found = client.search_faces_by_image(CollectionId=people.collection, Image={"Bytes": both})
    assert set(faces(found)) == {people.alone, *people.collins}
    largest = client.detect_faces(Image={"Bytes": both})["FaceDetails"][0]
    assert found["SearchedFaceBoundingBox"] == pytest.approx(largest["BoundingBox"])
    assert found["SearchedFaceConfidence"] == pytest.approx(largest["Confidence"])
    assert found["FaceModelVersion"] == "dlib-cc0"


def test_the_picture_that_was_indexed_finds_its_face_first(
    client: Any, people: People, hopper: bytes
) -> None:
    found = client.search_faces_by_image(
        CollectionId=people.collection, Image={"Bytes": hopper}, MaxFaces=1, FaceMatchThreshold=99
    )
    assert faces(found) == [people.hopper]
    assert similarities(found["FaceMatches"])[0] == pytest.approx(100, abs=0.5)


def test_a_quality_filter_refuses_to_search_with_an_unfit_face(
    client: Any, people: People, collins: bytes
) -> None:
    asked = {
        "CollectionId": people.collection,
        "Image": {"Bytes": pictures.darkened(collins)},
        "FaceMatchThreshold": 0,
    }
    assert faces(client.search_faces_by_image(**asked)) == faces(
        client.search_faces_by_image(QualityFilter="NONE", **asked)
    )
    with pytest.raises(client.exceptions.InvalidParameterException) as refused:
        client.search_faces_by_image(QualityFilter="HIGH", **asked)
    assert refused.value.response["Error"]["Message"].startswith("There are no faces in the image.")


def test_users_are_found_by_a_face_of_nobody(client: Any, people: People) -> None:
    found = client.search_users(CollectionId=people.collection, FaceId=people.alone)
    assert users(found) == ["collins"]
    assert found["SearchedFace"] == {"FaceId": people.alone}
    assert "SearchedUser" not in found
    assert found["UserMatches"][0]["User"]["UserStatus"] == "ACTIVE"
    assert found["FaceModelVersion"] == "dlib-cc0"


def test_a_user_is_not_found_when_it_is_searched_with(client: Any, people: People) -> None:
    asked = {"CollectionId": people.collection, "UserId": "collins"}
    assert users(client.search_users(**asked)) == []
    found = client.search_users(UserMatchThreshold=0, **asked)
    assert users(found) == ["hopper"]
    assert found["SearchedUser"] == {"UserId": "collins"}
    assert "SearchedFace" not in found


def test_a_user_without_faces_finds_nobody_and_is_not_found(client: Any, people: People) -> None:
    asked = {"CollectionId": people.collection, "UserMatchThreshold": 0}
    assert users(client.search_users(UserId="nobody", **asked)) == []
    assert users(client.search_users(FaceId=people.alone, **asked)) == ["collins", "hopper"]


def test_no_more_users_are_told_than_asked_for(client: Any, people: People) -> None:
    asked = {"CollectionId": people.collection, "FaceId": people.alone, "UserMatchThreshold": 0}
    assert users(client.search_users(MaxUsers=1, **asked)) == ["collins"]
    assert users(client.search_users(MaxUsers=500, **asked)) == ["collins", "hopper"]


def test_users_are_found_by_a_picture_and_its_smaller_faces_are_told(
    client: Any, people: People, both: bytes
) -> None:
    found = client.search_users_by_image(CollectionId=people.collection, Image={"Bytes": both})
    larger, smaller = client.detect_faces(Image={"Bytes": both})["FaceDetails"]
    assert users(found) == ["collins"]
    box = found["SearchedFace"]["FaceDetail"]["BoundingBox"]
    assert box == pytest.approx(larger["BoundingBox"])
    (unsearched,) = found["UnsearchedFaces"]
    assert unsearched["Reasons"] == ["FACE_NOT_LARGEST"]
    assert unsearched["FaceDetails"]["BoundingBox"] == pytest.approx(smaller["BoundingBox"])


def test_users_found_by_a_picture_come_most_similar_first_and_not_too_many(
    client: Any, people: People, hopper: bytes
) -> None:
    asked = {"CollectionId": people.collection, "Image": {"Bytes": hopper}, "UserMatchThreshold": 0}
    assert users(client.search_users_by_image(**asked)) == ["hopper", "collins"]
    assert users(client.search_users_by_image(MaxUsers=1, **asked)) == ["hopper"]


def test_a_face_below_the_quality_asked_for_is_not_searched_with_and_the_reason_is_told(
    client: Any, people: People, collins: bytes
) -> None:
    found = client.search_users_by_image(
        CollectionId=people.collection,
        Image={"Bytes": pictures.darkened(collins)},
        QualityFilter="HIGH",
    )
    assert found["UserMatches"] == []
    assert "SearchedFace" not in found
    assert "LOW_BRIGHTNESS" in found["UnsearchedFaces"][0]["Reasons"]


def test_a_picture_of_nobody_finds_no_users_and_is_no_error(client: Any, people: People) -> None:
    found = client.search_users_by_image(CollectionId=people.collection, Image={"Bytes": pictures.empty()})
    assert found["UserMatches"] == []
    assert "SearchedFace" not in found


@pytest.mark.parametrize(
    "asked",
    [
        lambda client: client.search_faces(CollectionId="people", FaceId=UNKNOWN),
        lambda client: client.search_users(CollectionId="people", FaceId=UNKNOWN),
    ],
)
@pytest.mark.usefixtures("people")
def test_a_face_that_is_not_there_cannot_be_searched_with(client: Any, asked: Callable[[Any], Any]) -> None:
    with pytest.raises(client.exceptions.InvalidParameterException):
        asked(client)

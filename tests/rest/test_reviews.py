"""Answers that people must review: seen by who may, decided by others than who asked."""

from __future__ import annotations

import base64
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from conformance import pictures
from rest.api import Api

if TYPE_CHECKING:
    from collections.abc import Iterator


class Searched:
    """A search in a collection whose answers people must review, and who may do that."""

    def __init__(self, api: Api, client: Any, mode: str, *pictures_enrolled: bytes) -> None:
        self.collection_id = f"reviewed-{uuid.uuid4()}"
        self.client = client
        self.first, self.second = (api.with_key(collections=["reviewed-*"]) for _ in range(2))
        policy = {"review": mode, "portraits": "not-kept"}
        made = api.post("/v1/collections", {"collection_id": self.collection_id, "policy": policy})
        assert made.status == 201, made.body
        for place, picture in enumerate(pictures_enrolled):
            client.index_faces(
                CollectionId=self.collection_id,
                Image={"Bytes": picture},
                ExternalImageId=f"person-{place}",
                MaxFaces=1,
            )

    def ask(self, picture: bytes) -> str:
        """Search, and return the review that the answer waits for."""
        answer = self.client.search_faces_by_image(CollectionId=self.collection_id, Image={"Bytes": picture})
        assert answer["FaceMatches"] == []
        return str(answer["ResponseMetadata"]["HTTPHeaders"]["x-countenance-review"])


@pytest.fixture
def one(api: Api, client: Any, collins: bytes) -> Searched:
    return Searched(api, client, "one", collins)


@pytest.fixture
def two(api: Api, client: Any, collins: bytes) -> Searched:
    return Searched(api, client, "two-person", collins)


def test_a_review_shows_who_was_searched_for_and_who_was_found(
    api: Api, one: Searched, collins: bytes
) -> None:
    review_id = one.ask(collins)
    shown = one.first.get(f"/v1/reviews/{review_id}")
    assert shown.status == 200
    review = shown.json
    assert pictures.opened(base64.b64decode(review["probe_jpeg_base64"])).width > 0
    (candidate,) = review["candidates"]
    assert candidate["external_image_id"] == "person-0"
    assert candidate["similarity_percent"] > 99
    assert (review["mode"], review["state"], review["votes"]) == ("one", "open", [])
    assert review["asked_by"] == api.key_id
    assert review["collection_id"] == one.collection_id
    asked = api.get(f"/v1/decisions/{review['request_id']}").json["asked"]
    assert asked["review"] == review_id


def test_a_confirmed_candidate_counts_and_the_picture_is_gone(one: Searched, collins: bytes) -> None:
    path = f"/v1/reviews/{one.ask(collins)}"
    face_id = one.first.get(path).json["candidates"][0]["candidate_id"]
    vote = {"verdict": "confirm", "candidate_id": face_id, "note": "the same scar\nabove the eye – 100 %"}
    voted = one.first.post(f"{path}/votes", vote)
    assert voted.status == 201
    assert voted.json["state"] == "confirmed"
    assert voted.json["decided_at"] is not None
    (told,) = voted.json["votes"]
    assert told == vote | {"voter": one.first.key_id, "voted_at": told["voted_at"]}
    shown = one.second.get(path).json
    assert shown["probe_jpeg_base64"] is None
    assert shown["votes"] == [told]
    late = one.second.post(f"{path}/votes", {"verdict": "reject"})
    assert (late.status, late.problem) == (409, "review-closed")


def test_the_second_of_two_does_not_see_how_the_first_voted(two: Searched, collins: bytes) -> None:
    review_id = two.ask(collins)
    path = f"/v1/reviews/{review_id}"
    first = two.first.post(f"{path}/votes", {"verdict": "reject", "note": "not her"})
    assert (first.status, first.json["state"]) == (201, "open")
    assert [vote["voter"] for vote in first.json["votes"]] == [two.first.key_id]
    assert two.second.get(path).json["votes"] == []
    (listed,) = (item for item in listed_reviews(two.second, state="open") if item["review_id"] == review_id)
    assert listed["votes"] == []
    second = two.second.post(f"{path}/votes", {"verdict": "reject"})
    assert second.json["state"] == "rejected"
    assert [vote["note"] for vote in second.json["votes"]] == ["not her", ""]
    assert len(two.first.get(path).json["votes"]) == 2


def test_neither_who_asked_nor_who_has_voted_votes(api: Api, two: Searched, collins: bytes) -> None:
    path = f"/v1/reviews/{two.ask(collins)}/votes"
    assert two.first.post(path, {"verdict": "reject"}).status == 201
    for voter in (api, two.first):
        refused = voter.post(path, {"verdict": "reject"})
        assert (refused.status, refused.problem) == (403, "review-not-yours")


@pytest.mark.parametrize(
    ("vote", "problem"),
    [
        ({"verdict": "confirm"}, "policy-invalid"),
        ({"verdict": "confirm", "candidate_id": str(uuid.uuid4())}, "policy-invalid"),
        ({"verdict": "reject", "candidate_id": str(uuid.uuid4())}, "policy-invalid"),
        ({"verdict": "perhaps"}, "request-invalid"),
        ({"verdict": "reject", "note": "a\0"}, "request-invalid"),
        ({"verdict": "reject", "note": "a" * 2001}, "request-invalid"),
        ({"verdict": "reject", "voter": "CTNC"}, "request-invalid"),
        ({}, "request-invalid"),
    ],
)
def test_what_is_no_vote_is_refused(
    one: Searched, collins: bytes, vote: dict[str, Any], problem: str
) -> None:
    refused = one.first.post(f"/v1/reviews/{one.ask(collins)}/votes", vote)
    assert (refused.status, refused.problem) == (422, problem)


def listed_reviews(api: Api, **query: Any) -> Iterator[dict[str, Any]]:
    page = api.get("/v1/reviews", **query).json
    yield from page["items"]
    while page["next"] is not None:
        page = api.get("/v1/reviews", **query, after=page["next"]).json
        yield from page["items"]


def test_reviews_are_listed_by_state_to_who_may_use_the_collection(
    api: Api, one: Searched, collins: bytes
) -> None:
    made = [one.ask(collins) for _ in range(3)]
    one.first.post(f"/v1/reviews/{made[1]}/votes", {"verdict": "reject"})
    for state, expected in (("open", [made[0], made[2]]), ("rejected", [made[1]])):
        listed = [item["review_id"] for item in listed_reviews(one.second, state=state, limit=1)]
        assert [review_id for review_id in listed if review_id in made] == expected
    assert set(made) <= {item["review_id"] for item in listed_reviews(one.second)}
    stranger = api.with_key(collections=["other"])
    assert stranger.get("/v1/reviews").json == {"items": [], "next": None}
    for reply in (
        stranger.get(f"/v1/reviews/{made[0]}"),
        stranger.post(f"/v1/reviews/{made[0]}/votes", {"verdict": "reject"}),
        one.first.get(f"/v1/reviews/{uuid.uuid4()}"),
    ):
        assert (reply.status, reply.problem) == (404, "review-not-found")

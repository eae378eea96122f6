"""Searches whose answers wait for people, and what people say of them."""

from __future__ import annotations

from contract.offices import (
    CLERK,
    acting,
    key,
    vision,
)
from countenance.access import AccessKey
from countenance.governance import (
    Review,
    ReviewState,
    Verdict,
)
from countenance.operations.review_answers import list_reviews, show_review, vote_on_review
from countenance.operations.search_faces import matching_faces
from countenance.wiring import Office
from new_faces import face_id, template

ANN, BOB, EVE = key("ann"), key("bob"), key("eve")
PROBE = b"\xff\xd8 the face of who is looked for \xff\xd9"
CONFIRM, REJECT = Verdict.CONFIRM, Verdict.REJECT
FIRST, SECOND = face_id(1), face_id(2)


def searched(
    office: Office, collection_id: str = "watch-list", number: int = 1, by: AccessKey = CLERK
) -> str | None:
    """Search for a numbered face, as SearchFacesByImage does; return the review that the answer waits for."""
    with acting(office, by) as act:
        act.permit("search_faces_by_image", collection_id)
        with office.gallery.reading() as reader:
            collection = reader.collection(collection_id)
        matches = matching_faces(
            vision(), office.gallery, act, collection, template(number), most=9, least_similarity=80,
            picture=lambda: PROBE,
        )  # fmt: skip
    assert matches == []
    return act.review_id


def vote(
    office: Office,
    by: AccessKey,
    review_id: str,
    verdict: Verdict,
    candidate_id: str | None = None,
    note: str = "",
) -> Review:
    with acting(office, by) as act:
        return vote_on_review(act, review_id, verdict, candidate_id=candidate_id, note=note)


def shown(office: Office, review_id: str, by: AccessKey = EVE) -> Review:
    with acting(office, by) as act:
        return show_review(office.gallery, act, review_id).review


def probe(office: Office, review_id: str) -> bytes | None:
    with acting(office, EVE) as act:
        return show_review(office.gallery, act, review_id).probe


def listed(office: Office, state: ReviewState | None = None, by: AccessKey = EVE) -> list[Review]:
    with acting(office, by) as act:
        return list_reviews(act, state=state, most=100).items

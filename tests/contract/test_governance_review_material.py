"""What a review holds of people is encrypted, and goes with its decision and with them."""

from __future__ import annotations

import pytest

from contract.databases import Database
from contract.erasing import names, tree_of
from contract.offices import (
    CLERK,
    acting,
    create,
    enrol,
    entries,
    looking_like,
    office_on,
)
from contract.reviewing import (
    ANN,
    BOB,
    CONFIRM,
    FIRST,
    PROBE,
    REJECT,
    SECOND,
    listed,
    probe,
    searched,
    shown,
    vote,
)
from countenance.errors import (
    CollectionNotFound,
    ReviewClosed,
    ReviewNotFound,
)
from countenance.gallery.values import Collection
from countenance.governance import (
    Candidate,
    CandidateKeys,
    ReviewState,
)
from countenance.operations.acts import Act
from countenance.operations.answers import open_review
from countenance.operations.delete_collection import delete_collection
from countenance.operations.delete_faces import delete_faces
from countenance.operations.erase_subject import erase_subject
from countenance.store import SqlStore
from countenance.wiring import Office
from new_faces import new_face


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store)


@pytest.fixture
def watched(office: Office) -> Collection:
    """A collection of two people who look alike, whose searches two people review."""
    collection = create(office, "watch-list", purpose="law-enforcement")
    enrol(office, collection, new_face(1, "max"), looking_like(2, 1, "moritz", likeness=0.9))
    return collection


@pytest.fixture
def review_id(office: Office, watched: Collection) -> str:
    """An open review of a search by the clerk."""
    waiting = searched(office, watched.collection_id)
    assert waiting is not None
    return waiting


def test_the_picture_is_encrypted_and_its_key_destroyed_with_the_decision(
    office: Office, review_id: str, database: Database
) -> None:
    ((sealed,),) = database.statement("SELECT probe FROM reviews")
    assert PROBE not in bytes(sealed)
    assert not any(PROBE in file.read_bytes() for file in database.files.rglob("*") if file.is_file())
    ((leaf,),) = database.statement(
        "SELECT leaf FROM subjects WHERE name = :name", name=f"review:{review_id}"
    )
    vote(office, ANN, review_id, REJECT)
    assert probe(office, review_id) == PROBE
    assert tree_of(database).is_live(leaf)
    vote(office, BOB, review_id, REJECT)
    assert probe(office, review_id) is None
    assert database.statement("SELECT probe FROM reviews") == [(None,)]
    assert not tree_of(database).is_live(leaf)
    assert f"review:{review_id}" not in names(database)
    (last,) = entries(office, operation="vote_on_review", state="rejected")
    (ended,) = entries(office, operation="destroy_keys")
    assert (ended["request"], ended["keys"]) == (last["request"], 1)


def test_a_review_is_void_and_forgets_who_is_erased_before_it_is_decided(
    office: Office, review_id: str, database: Database
) -> None:
    vote(office, ANN, review_id, CONFIRM, FIRST, "it is max")
    with acting(office) as act:
        delete_faces(office.gallery, act, "watch-list", [FIRST])
    review = shown(office, review_id)
    assert review.state is ReviewState.VOID
    assert [each.external_image_id for each in review.candidates] == ["moritz"]
    assert [(each.candidate_id, each.note) for each in review.votes] == [("erased", "")]
    assert probe(office, review_id) is None
    assert names(database) == {"external:moritz"}
    with pytest.raises(ReviewClosed, match="is void already"):
        vote(office, BOB, review_id, REJECT)
    content = database.content()
    assert "max" not in str({table: content[table] for table in ("review_candidates", "review_votes")})


def test_a_decision_about_somebody_else_stays_when_a_candidate_is_erased(
    office: Office, review_id: str
) -> None:
    for voter in (ANN, BOB):
        vote(office, voter, review_id, CONFIRM, SECOND, "not max but moritz")
    with acting(office) as act:
        delete_faces(office.gallery, act, "watch-list", [FIRST])
    review = shown(office, review_id)
    assert review.state is ReviewState.CONFIRMED
    assert [(each.candidate_id, each.note) for each in review.votes] == [(SECOND, "")] * 2
    with acting(office) as act:
        delete_faces(office.gallery, act, "watch-list", [SECOND])
    review = shown(office, review_id)
    assert (review.state, review.candidates) == (ReviewState.CONFIRMED, ())
    assert [each.candidate_id for each in review.votes] == ["erased"] * 2


def test_a_rejection_stays_one_of_nobody_when_a_candidate_is_erased(office: Office, review_id: str) -> None:
    for voter in (ANN, BOB):
        vote(office, voter, review_id, REJECT)
    with acting(office) as act:
        erase_subject(office.gallery, act, "max")
    assert [each.candidate_id for each in shown(office, review_id).votes] == [None, None]


def waiting_for(office: Office, act: Act, collection: Collection) -> list[tuple[Candidate, CandidateKeys]]:
    act.permit("search_faces_by_image", collection.collection_id)
    with office.gallery.reading() as reader:
        faces = reader.faces(collection, after_key=0, most=9)
    return [
        (Candidate(face.face_id, face.external_image_id, None, 99.0), CandidateKeys(face_key=face.key))
        for face in faces
    ]


def test_who_is_erased_between_search_and_review_is_in_no_review(
    office: Office, watched: Collection, database: Database
) -> None:
    with acting(office, CLERK) as act:
        found = waiting_for(office, act, watched)
        with acting(office) as erasing:
            delete_faces(office.gallery, erasing, "watch-list", [FIRST])
        open_review(act, watched, found, PROBE)
    (review,) = listed(office)
    assert review.state is ReviewState.VOID
    assert [each.external_image_id for each in review.candidates] == ["moritz"]
    assert probe(office, review.review_id) is None
    assert names(database) == {"external:moritz"}


def test_no_review_is_opened_in_a_collection_that_is_gone(office: Office, watched: Collection) -> None:
    with acting(office, CLERK) as act:
        found = waiting_for(office, act, watched)
        with acting(office) as deleting:
            delete_collection(office.gallery, deleting, "watch-list")
        with pytest.raises(CollectionNotFound):
            open_review(act, watched, found, PROBE)
    assert listed(office) == []


def test_reviews_go_with_their_collection(office: Office, review_id: str, database: Database) -> None:
    vote(office, ANN, review_id, CONFIRM, FIRST, "it is max")
    vote(office, BOB, str(searched(office)), REJECT)
    with acting(office) as act:
        delete_collection(office.gallery, act, "watch-list")
    assert listed(office) == []
    with pytest.raises(ReviewNotFound):
        shown(office, review_id)
    content = database.content()
    assert [content[table] for table in ("reviews", "review_candidates", "review_votes", "subjects")] == [
        []
    ] * 4

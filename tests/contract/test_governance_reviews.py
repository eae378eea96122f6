"""Answers wait for people: who may decide, and what they see until then."""

from __future__ import annotations

import pytest

from contract.offices import (
    CLERK,
    acting,
    create,
    enrol,
    entries,
    key,
    looking_like,
    make_user,
    office_on,
    vision,
)
from contract.reviewing import (
    ANN,
    BOB,
    CONFIRM,
    EVE,
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
    NotPermitted,
    PolicyInvalid,
    ReviewClosed,
    ReviewNotFound,
    ReviewNotYours,
)
from countenance.gallery.values import Collection
from countenance.governance import (
    ReviewMode,
    ReviewState,
)
from countenance.operations.erase_subject import erase_subject
from countenance.operations.review_answers import list_reviews
from countenance.operations.search_users import matching_users
from countenance.store import SqlStore
from countenance.wiring import Office
from new_faces import face_id, new_face, template


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


@pytest.mark.usefixtures("watched")
def test_an_answer_waits_with_the_picture_and_all_candidates(office: Office) -> None:
    review_id = searched(office)
    (review,) = listed(office)
    assert review == shown(office, str(review_id))
    assert (review.review_id, review.collection_id) == (review_id, "watch-list")
    assert (review.asked_by, review.operation) == ("clerk", "search_faces_by_image")
    assert (review.mode, review.state) == (ReviewMode.TWO_PERSON, ReviewState.OPEN)
    assert [each.external_image_id for each in review.candidates] == ["max", "moritz"]
    assert review.candidates[0].similarity_percent > review.candidates[1].similarity_percent > 80
    assert probe(office, review.review_id) == PROBE
    (entry,) = entries(office, operation="search_faces_by_image")
    assert (entry["review"], len(entry["results"])) == (review_id, 2)
    assert entry["reasons"] == ["purpose:law-enforcement", "search:allowed", "review:two-person"]
    assert "max" not in str(entry)


@pytest.mark.usefixtures("watched")
def test_an_answer_of_nobody_waits_for_nobody(office: Office) -> None:
    assert searched(office, number=99) is None
    assert listed(office) == []


def test_users_wait_as_faces_do(office: Office, watched: Collection) -> None:
    with office.gallery.reading() as reader:
        faces = reader.faces(watched, after_key=0, most=9)
    make_user(office, watched, "brothers", faces)
    with acting(office, CLERK) as act:
        act.permit("search_users_by_image", "watch-list")
        assert (
            matching_users(vision(), office.gallery, act, watched, template(1), most=9, least_similarity=80)
            == []
        )
    (review,) = listed(office)
    assert [(each.candidate_id, each.user_id) for each in review.candidates] == [("brothers", "brothers")]
    assert probe(office, review.review_id) is None
    with acting(office) as act:
        erase_subject(office.gallery, act, "brothers")
    (review,) = listed(office)
    assert (review.state, review.candidates) == (ReviewState.VOID, ())


def test_two_people_confirm_with_keys_of_their_own(office: Office, review_id: str) -> None:
    assert vote(office, ANN, review_id, CONFIRM, FIRST, "the scar").state is ReviewState.OPEN
    decided = vote(office, BOB, review_id, CONFIRM, FIRST)
    assert decided.state is ReviewState.CONFIRMED
    assert decided.decided_at is not None
    assert [(each.voter, each.verdict, each.candidate_id, each.note) for each in decided.votes] == [
        ("ann", CONFIRM, FIRST, "the scar"),
        ("bob", CONFIRM, FIRST, ""),
    ]
    states = [entry["state"] for entry in entries(office, operation="vote_on_review")]
    assert states == ["open", "confirmed"]


def test_one_person_decides_where_one_is_enough(office: Office) -> None:
    enrol(office, create(office, "guests", review="one"), new_face(1, "max"))
    for verdict, candidate, state in (
        (CONFIRM, FIRST, ReviewState.CONFIRMED),
        (REJECT, None, ReviewState.REJECTED),
    ):
        assert vote(office, ANN, str(searched(office, "guests")), verdict, candidate).state is state
    assert [review.state for review in listed(office)] == [ReviewState.CONFIRMED, ReviewState.REJECTED]
    assert len(listed(office, ReviewState.REJECTED)) == 1
    assert listed(office, ReviewState.OPEN) == []


def test_who_see_different_people_confirm_nobody(office: Office, review_id: str) -> None:
    vote(office, ANN, review_id, CONFIRM, FIRST)
    assert vote(office, BOB, review_id, CONFIRM, SECOND).state is ReviewState.DISAGREED


def test_neither_who_asked_nor_who_voted_may_vote(office: Office, review_id: str) -> None:
    with pytest.raises(ReviewNotYours, match="who asked may not review"):
        vote(office, CLERK, review_id, REJECT)
    vote(office, ANN, review_id, REJECT)
    with pytest.raises(ReviewNotYours, match="has voted already"):
        vote(office, ANN, review_id, REJECT)
    vote(office, BOB, review_id, REJECT)
    for late in (ANN, EVE, CLERK):
        with pytest.raises(ReviewClosed, match="is rejected already"):
            vote(office, late, review_id, REJECT)
    assert len(shown(office, review_id).votes) == 2


def test_the_second_sees_nothing_of_the_first_vote(office: Office, review_id: str) -> None:
    mine = vote(office, ANN, review_id, CONFIRM, FIRST, "the scar")
    assert [each.voter for each in mine.votes] == ["ann"]
    for other in (BOB, CLERK):
        assert shown(office, review_id, other).votes == ()
        assert [review.votes for review in listed(office, by=other)] == [()]
    assert shown(office, review_id, ANN).votes == mine.votes
    vote(office, BOB, review_id, CONFIRM, SECOND)
    for anybody in (ANN, BOB, CLERK, EVE):
        assert len(shown(office, review_id, anybody).votes) == 2


def test_a_vote_that_says_nothing_clear_does_not_count(office: Office, review_id: str) -> None:
    for verdict, candidate_id, note in (
        *((CONFIRM, None, ""), (CONFIRM, face_id(3), ""), (CONFIRM, "max", "")),
        *((REJECT, FIRST, ""), (REJECT, None, "x" * 2001), (REJECT, None, "\0")),
    ):
        with pytest.raises(PolicyInvalid):
            vote(office, ANN, review_id, verdict, candidate_id, note)
    assert shown(office, review_id, ANN).votes == ()
    assert vote(office, ANN, review_id, REJECT, note="äöü\n" * 500).state is ReviewState.OPEN


def test_a_key_sees_only_reviews_of_its_collections(office: Office, review_id: str) -> None:
    enrol(office, create(office, "guests", review="one"), new_face(1, "max"))
    guest_review = str(searched(office, "guests"))
    porter = key("porter", collections=("guests",))
    assert [review.review_id for review in listed(office, by=porter)] == [guest_review]
    assert shown(office, guest_review, porter).collection_id == "guests"
    with pytest.raises(ReviewNotFound):
        shown(office, review_id, porter)
    with pytest.raises(ReviewNotFound):
        vote(office, porter, review_id, REJECT)
    assert shown(office, review_id).votes == ()
    with pytest.raises(NotPermitted):
        vote(office, key("reader", operations=("list_*", "show_*")), guest_review, REJECT)


@pytest.mark.usefixtures("watched")
def test_reviews_are_listed_by_pages_that_others_reviews_do_not_shorten(office: Office) -> None:
    enrol(office, create(office, "guests", review="one"), new_face(1, "max"))
    wanted = []
    for collection_id in ("guests", "watch-list", "watch-list", "guests", "watch-list", "guests"):
        made = str(searched(office, collection_id))
        wanted += [made] if collection_id == "guests" else []
    porter, pages, after = key("porter", collections=("guests",)), [], 0
    while True:
        with acting(office, porter) as act:
            page = list_reviews(act, state=ReviewState.OPEN, most=2, after_key=after)
        pages.append([review.review_id for review in page.items])
        if page.next_after is None:
            break
        after = page.next_after
    assert pages == [wanted[:2], wanted[2:]]

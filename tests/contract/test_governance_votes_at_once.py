"""Votes in any order and at once: each counts that may, and no other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.databases import Database
from contract.offices import (
    CLERK,
    create,
    key,
    office_on,
)
from contract.reviewing import ANN, BOB, CONFIRM, EVE, PROBE, REJECT, probe, shown, vote
from countenance.access import AccessKey
from countenance.errors import (
    PolicyInvalid,
    ReviewClosed,
    ReviewNotYours,
)
from countenance.gallery.values import Collection
from countenance.governance import (
    Candidate,
    CandidateKeys,
    Review,
    ReviewMode,
    ReviewState,
    Verdict,
    Vote,
    state_after,
)
from countenance.store import SqlStore
from countenance.wiring import Office
from new_faces import PACK

_numbers = count(1)


def kept_review(store: SqlStore, collection: Collection, mode: ReviewMode) -> str:
    """Keep a review asked for by the clerk, of two candidates."""
    candidates = tuple(Candidate(each, None, None, 99.0) for each in ("x", "y"))
    review = Review(
        review_id=f"{next(_numbers):08}-0000-4000-8000-000000000000",
        collection_id=collection.collection_id,
        request_id="r",
        asked_by="clerk",
        operation="search_faces",
        mode=mode,
        state=ReviewState.OPEN,
        created_at=datetime.now(UTC),
        decided_at=None,
        candidates=candidates,
        votes=(),
    )
    with store.writing() as writer:
        writer.add_review(review, collection.key, PROBE, [CandidateKeys()] * 2)
    return review.review_id


MODES = st.sampled_from([ReviewMode.ONE, ReviewMode.TWO_PERSON])
BALLOTS = st.lists(
    st.tuples(
        st.sampled_from([ANN, BOB, EVE, CLERK]),
        st.sampled_from([(CONFIRM, "x"), (CONFIRM, "y"), (REJECT, None), (CONFIRM, "z"), (REJECT, "x")]),
    ),
    max_size=6,
)


def test_whoever_votes_in_whatever_order_each_vote_counts_that_may_and_no_other(store: SqlStore) -> None:
    office = office_on(store)
    collection = create(office, "watch-list", review="one")

    @settings(max_examples=20, deadline=None)
    @given(mode=MODES, ballots=BALLOTS)
    def any_votes(mode: ReviewMode, ballots: list[tuple[AccessKey, tuple[Verdict, str | None]]]) -> None:
        review_id, counted = kept_review(store, collection, mode), list[Vote]()
        for by, (verdict, candidate_id) in ballots:
            voters = {each.voter for each in counted}
            may = (
                by is not CLERK
                and by.key_id not in voters
                and (verdict is CONFIRM) == (candidate_id in ("x", "y"))
            )
            if state_after(mode, counted) is ReviewState.OPEN and may and candidate_id != "z":
                counted.append(Vote(by.key_id, verdict, candidate_id, "", datetime.now(UTC)))
                assert vote(office, by, review_id, verdict, candidate_id).state is state_after(mode, counted)
            else:
                with pytest.raises((ReviewClosed, ReviewNotYours, PolicyInvalid)):
                    vote(office, by, review_id, verdict, candidate_id)
        review = shown(office, review_id)
        assert review.state is state_after(mode, counted)
        assert (review.decided_at is None) == (review.state is ReviewState.OPEN)
        assert (probe(office, review_id) is None) == (review.state is not ReviewState.OPEN)
        with store.reading() as reader:
            kept = reader.review(review_id).votes
        assert [(each.voter, each.candidate_id) for each in kept] == [
            (each.voter, each.candidate_id) for each in counted
        ]
        assert len(counted) <= (2 if mode is ReviewMode.TWO_PERSON else 1)

    any_votes()


@pytest.fixture
def two_offices(database: Database, store: SqlStore) -> Iterator[list[Office]]:
    """Two processes on one database, as far as the database can tell."""
    with database.opened() as another:
        yield [office_on(store), office_on(another)]


@pytest.mark.parametrize("mode", [ReviewMode.ONE, ReviewMode.TWO_PERSON])
def test_of_votes_at_once_exactly_as_many_count_as_are_needed(
    two_offices: list[Office], store: SqlStore, mode: ReviewMode
) -> None:
    voters = [key(f"voter-{number}") for number in range(4)]
    with store.writing() as writer:
        collection = writer.create_collection("watch-list", PACK, {})
    for _ in range(4):
        review_id, everybody_is_here = kept_review(store, collection, mode), threading.Barrier(len(voters))

        def cast(place: int, review_id: str = review_id, here: threading.Barrier = everybody_is_here) -> str:
            here.wait()
            try:
                return vote(two_offices[place % 2], voters[place], review_id, CONFIRM, "x").state.value
            except ReviewClosed:
                return "closed"

        with ThreadPoolExecutor(len(voters)) as pool:
            outcomes = sorted(pool.map(cast, range(len(voters))))
        needed = 2 if mode is ReviewMode.TWO_PERSON else 1
        assert outcomes == ["closed"] * (4 - needed) + ["confirmed"] + ["open"] * (needed - 1)
        review = shown(two_offices[0], review_id)
        assert (review.state, len(review.votes)) == (ReviewState.CONFIRMED, needed)

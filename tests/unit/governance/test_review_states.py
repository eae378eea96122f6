"""When a review is decided and how, and who sees which votes before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.governance import (
    Candidate,
    Review,
    ReviewMode,
    ReviewState,
    Verdict,
    Vote,
    shown_to,
    state_after,
)

NOW = datetime(2026, 7, 1, tzinfo=UTC)
ONE, TWO = ReviewMode.ONE, ReviewMode.TWO_PERSON


def vote(voter: str, said: str | None) -> Vote:
    """Return a vote for a candidate, or for none of them."""
    verdict = Verdict.REJECT if said is None else Verdict.CONFIRM
    return Vote(voter, verdict, said, "a note", NOW)


def review(mode: ReviewMode, votes: tuple[Vote, ...]) -> Review:
    return Review(
        review_id="11111111-1111-4111-8111-111111111111",
        collection_id="watch-list",
        request_id="r",
        asked_by="asker",
        operation="search_faces",
        mode=mode,
        state=state_after(mode, votes),
        created_at=NOW,
        decided_at=None,
        candidates=(Candidate("x", None, None, 99.0), Candidate("y", None, None, 98.0)),
        votes=votes,
    )


@pytest.mark.parametrize(
    ("mode", "said", "state"),
    [
        (ONE, [], ReviewState.OPEN),
        (ONE, ["x"], ReviewState.CONFIRMED),
        (ONE, [None], ReviewState.REJECTED),
        (TWO, [], ReviewState.OPEN),
        (TWO, ["x"], ReviewState.OPEN),
        (TWO, [None], ReviewState.OPEN),
        (TWO, ["x", "x"], ReviewState.CONFIRMED),
        (TWO, [None, None], ReviewState.REJECTED),
        (TWO, ["x", "y"], ReviewState.DISAGREED),
        (TWO, ["x", None], ReviewState.DISAGREED),
        (TWO, [None, "x"], ReviewState.DISAGREED),
    ],
)
def test_votes_decide(mode: ReviewMode, said: list[str | None], state: ReviewState) -> None:
    assert state_after(mode, [vote(f"voter {place}", each) for place, each in enumerate(said)]) is state


SAID = st.lists(st.sampled_from(["x", "y", None]), max_size=3)


@given(mode=st.sampled_from([ONE, TWO]), said=SAID)
def test_nothing_is_confirmed_but_by_everybody_who_had_to_and_of_the_same_candidate(
    mode: ReviewMode, said: list[str | None]
) -> None:
    votes = [vote(f"voter {place}", each) for place, each in enumerate(said)]
    if state_after(mode, votes) is ReviewState.CONFIRMED:
        assert len(votes) >= (2 if mode is TWO else 1)
        assert len(set(said)) == 1
        assert None not in said


@given(mode=st.sampled_from([ONE, TWO]), said=SAID)
def test_the_order_of_votes_does_not_matter(mode: ReviewMode, said: list[str | None]) -> None:
    votes = [vote(f"voter {place}", each) for place, each in enumerate(said)]
    assert len({state_after(mode, order) for order in permutations(votes)}) == 1


def test_nobody_sees_anothers_vote_until_it_is_decided() -> None:
    first, second = vote("ann", "x"), vote("bob", "x")
    waiting = review(TWO, (first,))
    assert waiting.votes_shown_to("ann") == (first,)
    assert waiting.votes_shown_to("bob") == waiting.votes_shown_to("asker") == ()
    decided = review(TWO, (first, second))
    for anybody in ("ann", "bob", "asker", "eve"):
        assert decided.votes_shown_to(anybody) == (first, second)


@pytest.mark.parametrize("state", ReviewState)
def test_who_asked_learns_of_candidates_only_what_was_confirmed(state: ReviewState) -> None:
    decided = replace(review(ONE, (vote("reviewer", "x"),)), state=state)
    found = decided.candidates
    assert shown_to(decided, "asker").candidates == (found[:1] if state is ReviewState.CONFIRMED else ())
    assert shown_to(decided, "reviewer").candidates == found

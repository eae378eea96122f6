"""Review of an answer by people before it counts.

Nobody reviews what they asked themselves. Where two people must, each votes with a key of their own, and
the second does not see how the first did.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from countenance.governance.policy import ReviewMode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


class Verdict(enum.StrEnum):
    """What a reviewer says."""

    CONFIRM = "confirm"
    REJECT = "reject"


class ReviewState(enum.StrEnum):
    """What became of a review."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    DISAGREED = "disagreed"
    """Two people saw it differently, so nothing is confirmed."""
    VOID = "void"
    """Somebody it is about was erased before it was decided."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A match that waits for review; ``candidate_id`` is the face's or the user's id, similarity 0–100."""

    candidate_id: str
    external_image_id: str | None
    user_id: str | None
    similarity_percent: float


@dataclass(frozen=True, slots=True)
class CandidateKeys:
    """The gallery's keys of a candidate, a face or a user: when it is erased, so is the review's material."""

    face_key: int | None = None
    user_key: int | None = None


@dataclass(frozen=True, slots=True)
class Vote:
    """What one reviewer said; ``candidate_id`` is whom they confirmed."""

    voter: str
    verdict: Verdict
    candidate_id: str | None
    note: str
    voted_at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """An answer that waits for people, or has been decided by them.

    Attributes:
        review_id: a UUID.
        collection_id: where was searched.
        request_id: the request that asked.
        asked_by: the access key that asked; it may not vote.
        operation: what was asked.
        mode: how many must agree.
        state: what became of it.
        created_at: when it was asked.
        decided_at: when it left the state open.
        candidates: the matches, most similar first.
        votes: all votes so far, oldest first.
        key: the store's own number for it; 0 before it is kept.
    """

    review_id: str
    collection_id: str
    request_id: str
    asked_by: str
    operation: str
    mode: ReviewMode
    state: ReviewState
    created_at: datetime
    decided_at: datetime | None
    candidates: tuple[Candidate, ...]
    votes: tuple[Vote, ...]
    key: int = 0

    def votes_shown_to(self, key_id: str) -> tuple[Vote, ...]:
        """Return the votes that somebody may see: their own, and all once it is decided."""
        if self.state is not ReviewState.OPEN:
            return self.votes
        return tuple(vote for vote in self.votes if vote.voter == key_id)


def shown_to(review: Review, key_id: str) -> Review:
    """Return a review as somebody may see it.

    Who asked learns of the candidates what was confirmed, and nothing else: otherwise the review would be one
    only in name.
    """
    candidates = review.candidates
    if review.asked_by == key_id:
        confirmed = {vote.candidate_id for vote in review.votes if vote.verdict is Verdict.CONFIRM}
        if review.state is not ReviewState.CONFIRMED:
            confirmed = set()
        candidates = tuple(each for each in candidates if each.candidate_id in confirmed)
    return replace(review, candidates=candidates, votes=review.votes_shown_to(key_id))


def state_after(mode: ReviewMode, votes: Sequence[Vote]) -> ReviewState:
    """Return what a review with these votes is; two confirmations must be of the same candidate."""
    if len(votes) < (2 if mode is ReviewMode.TWO_PERSON else 1):
        return ReviewState.OPEN
    if len({(vote.verdict, vote.candidate_id) for vote in votes}) > 1:
        return ReviewState.DISAGREED
    return ReviewState.CONFIRMED if votes[0].verdict is Verdict.CONFIRM else ReviewState.REJECTED

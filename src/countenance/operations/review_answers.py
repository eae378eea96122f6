"""List, show and decide the answers that people must review before they count."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.errors import (
    FaceNotFound,
    PolicyInvalid,
    ReviewClosed,
    ReviewNotFound,
    ReviewNotYours,
    TemplateBroken,
    UserNotFound,
)
from countenance.gallery import MOST_FACES_OF_A_USER
from countenance.governance import Review, ReviewState, Verdict, Vote, shown_to, state_after
from countenance.governance.accuracy import known_others
from countenance.operations.pages import Page, page_of

if TYPE_CHECKING:
    from countenance.gallery import Gallery
    from countenance.gallery.ports import GalleryReader
    from countenance.gallery.values import Collection
    from countenance.governance import Candidate, GovernanceReader
    from countenance.operations.acts import Act

__all__ = [
    "Review",
    "ReviewState",
    "ShownReview",
    "Verdict",
    "list_reviews",
    "may_vote",
    "nearest_review",
    "show_review",
    "vote_on_review",
]

_MOST_NOTE = 2000
_BATCH = 500


def list_reviews(act: Act, *, state: ReviewState | None, most: int, after_key: int = 0) -> Page[Review]:
    """Return reviews of the collections that the caller's key may use, oldest first.

    They hold the votes and candidates that the caller may see (`governance.shown_to`).

    Raises:
        NotPermitted: the caller's key does not allow it.
    """
    act.permit("list_reviews")
    with act.governance.reading() as reader:
        return page_of(lambda count: _visible(reader, act, state, count, after_key), most, after_key)


@dataclass(frozen=True, slots=True)
class ShownReview:
    """A review with its pictures, JPEGs.

    Attributes:
        review: the review, as the caller may see it.
        probe: who was searched for, while it is open and where a picture was.
        portraits: by candidate, the picture of them, where the collection keeps portraits.
    """

    review: Review
    probe: bytes | None
    portraits: dict[str, bytes]


def show_review(gallery: Gallery, act: Act, review_id: str) -> ShownReview:
    """Return a review, with who was searched for and who was found.

    It holds the votes and candidates that the caller may see (`governance.shown_to`).

    Raises:
        NotPermitted: the caller's key does not allow it.
        ReviewNotFound: there is no such review.
    """
    act.permit("show_review")
    act.note(review=review_id)
    with act.governance.reading() as reader:
        review = shown_to(_seen(act, reader.review(review_id)), act.caller.key_id)
        probe = reader.probe(review_id)
    return ShownReview(review, probe, _portraits(gallery, review))


def vote_on_review(
    act: Act, review_id: str, verdict: Verdict, *, candidate_id: str | None = None, note: str = ""
) -> Review:
    """Confirm a candidate of a review, or reject all; returns the review as it is then.

    Raises:
        NotPermitted: the caller's key does not allow it.
        ReviewNotFound: there is no such review.
        ReviewClosed: it is decided already.
        ReviewNotYours: the caller asked, or has voted already.
        PolicyInvalid: it is not said which of the candidates is confirmed.
    """
    act.permit("vote_on_review")
    act.note(review=review_id, verdict=verdict.value)
    with act.recording() as writer:
        review = _seen(act, writer.review(review_id))
        _check(act, review, verdict, candidate_id, note)
        vote = Vote(act.caller.key_id, verdict, candidate_id, note, datetime.now(UTC))
        state = state_after(review.mode, (*review.votes, vote))
        act.note(state=state.value)
        if state is ReviewState.CONFIRMED:
            act.note(others=known_others(review.candidates, candidate_id))
        writer.add_vote(review_id, vote, state)
        return shown_to(writer.review(review_id), act.caller.key_id)


def nearest_review(act: Act, key: int, *, before: bool = False) -> Review | None:
    """Return the next open review that the caller may decide, after one by its key; None where none waits.

    Args:
        act: who asks.
        key: the key of a review, decided already or not; 0 to begin with the first.
        before: whether the one before it is wanted instead.

    Raises:
        NotPermitted: the caller's key does not allow it.
    """
    act.permit("list_reviews")
    nearest: Review | None = None
    with act.governance.reading() as reader:
        after_key = 0 if before else key
        while batch := _visible(reader, act, ReviewState.OPEN, _BATCH, after_key):
            after_key = batch[-1].key
            for review in batch:
                if before and review.key >= key:
                    return nearest
                if may_vote(review, act.caller.key_id):
                    nearest = review
                    if not before:
                        return nearest
    return nearest


def may_vote(review: Review, key_id: str) -> bool:
    """Tell whether a key may vote on an open review: it neither asked nor has voted."""
    return review.asked_by != key_id and all(vote.voter != key_id for vote in review.votes)


def _portraits(gallery: Gallery, review: Review) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with gallery.reading() as reader:
        collection = reader.collection(review.collection_id)
        for candidate in review.candidates:
            # Faces and users may go while the review is shown.
            with suppress(FaceNotFound, UserNotFound, TemplateBroken):
                for face_id in _faces_of(reader, collection, candidate):
                    portrait = reader.portrait(collection, face_id)
                    if portrait is not None:
                        found[candidate.candidate_id] = portrait
                        break
    return found


def _faces_of(reader: GalleryReader, collection: Collection, candidate: Candidate) -> list[str]:
    if candidate.candidate_id != candidate.user_id:
        return [candidate.candidate_id]
    user = reader.user(collection, candidate.user_id)
    faces = reader.faces(collection, after_key=0, most=MOST_FACES_OF_A_USER, user=user)
    return [face.face_id for face in faces]


def _check(act: Act, review: Review, verdict: Verdict, candidate_id: str | None, note: str) -> None:
    if review.state is not ReviewState.OPEN:
        raise ReviewClosed(f"the review {review.review_id} is {review.state} already")
    if review.asked_by == act.caller.key_id:
        raise ReviewNotYours("who asked may not review the answer; use another access key")
    if any(vote.voter == act.caller.key_id for vote in review.votes):
        raise ReviewNotYours("this access key has voted already; the second vote is another person's")
    if len(note) > _MOST_NOTE or "\0" in note:
        raise PolicyInvalid(f"a note has at most {_MOST_NOTE:,} characters, all of which can be read")
    candidates = {candidate.candidate_id for candidate in review.candidates}
    if verdict is Verdict.CONFIRM and candidate_id not in candidates:
        raise PolicyInvalid("to confirm, name one of the candidates; to confirm none is to reject")
    if verdict is Verdict.REJECT and candidate_id is not None:
        raise PolicyInvalid("to reject is to reject all candidates; name none")


def _seen(act: Act, review: Review) -> Review:
    if not act.caller.sees(review.collection_id):
        raise ReviewNotFound(f"there is no review {review.review_id}")
    return review


def _visible(
    reader: GovernanceReader, act: Act, state: ReviewState | None, most: int, after_key: int
) -> list[Review]:
    seen: list[Review] = []
    while len(seen) < most:
        batch = reader.reviews(state=state, after_key=after_key, most=max(most, _BATCH))
        seen += [
            shown_to(review, act.caller.key_id) for review in batch if act.caller.sees(review.collection_id)
        ]
        if len(batch) < max(most, _BATCH):
            break
        after_key = batch[-1].key
    return seen[:most]

"""List, show and decide the answers that people must review before they count."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.errors import PolicyInvalid, ReviewClosed, ReviewNotFound, ReviewNotYours
from countenance.governance import Review, ReviewState, Verdict, Vote, shown_to, state_after
from countenance.operations.pages import Page, page_of

if TYPE_CHECKING:
    from countenance.governance import GovernanceReader
    from countenance.operations.acts import Act

__all__ = ["Review", "ReviewState", "Verdict", "list_reviews", "show_review", "vote_on_review"]

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


def show_review(act: Act, review_id: str) -> tuple[Review, bytes | None]:
    """Return a review, and the picture of who was searched for, a JPEG, while it is open.

    It holds the votes and candidates that the caller may see (`governance.shown_to`).

    Raises:
        NotPermitted: the caller's key does not allow it.
        ReviewNotFound: there is no such review.
    """
    act.permit("show_review")
    act.note(review=review_id)
    with act.governance.reading() as reader:
        review = _seen(act, reader.review(review_id))
        return shown_to(review, act.caller.key_id), reader.probe(review_id)


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
        writer.add_vote(review_id, vote, state)
        return shown_to(writer.review(review_id), act.caller.key_id)


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

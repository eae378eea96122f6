"""Answers that people confirm or reject before they count: the queue, and one at a time side by side."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.doors.console.downloads import picture_address
from countenance.doors.console.routing import page
from countenance.doors.console.visit import PAGE_SIZE
from countenance.errors import PolicyInvalid, ReviewClosed, ReviewNotYours
from countenance.operations.review_answers import (
    ReviewState,
    Verdict,
    list_reviews,
    may_vote,
    nearest_review,
    show_review,
    vote_on_review,
)

if TYPE_CHECKING:
    from starlette.responses import Response

    from countenance.doors.console.visit import Visit
    from countenance.operations.review_answers import Review, ShownReview

_NONE = "none"
_CANDIDATE = "candidate:"
_SHORTCUTS = 9


@dataclass(frozen=True, slots=True)
class ShownCandidate:
    """A candidate as a reviewer sees them.

    Attributes:
        number: their place on the page, from 1.
        choice: what the form sends where they are chosen.
        name: under which they are enrolled, None where under none.
        face_id: the face's id; None where it is a user.
        picture: the address of their picture, None where none is kept.
        similarity: 0–100; None while it is hidden.
        confirmed: whether the reviewers, or this one, confirmed them.
        shortcut: the key that chooses them; empty where there are more than digits.
    """

    number: int
    choice: str
    name: str | None
    face_id: str | None
    picture: str | None
    similarity: float | None
    confirmed: bool
    shortcut: str


async def show_queue(visit: Visit) -> Response:
    """List reviews of a state, oldest first."""
    asked = visit.query.get("state", "")
    state = ReviewState(asked) if asked in set(ReviewState) else ReviewState.OPEN
    paging = visit.paging("reviews", state=state)
    found = await visit.do(
        lambda act: list_reviews(act, state=state, most=PAGE_SIZE, after_key=paging.position)
    )
    return visit.page(
        "reviews/queue.html",
        state=state.value,
        states=[each.value for each in ReviewState],
        reviews=[(review, _part(visit, review)) for review in found.items],
        next=paging.next_of(found),
    )


async def go_on(visit: Visit) -> Response:
    """Go to the next review that waits for the reader, or to the one before."""
    before = "before" in visit.query
    place = visit.desk.tokens.position(visit.query.get("before" if before else "after"), _places(visit))
    review = await visit.do(lambda act: nearest_review(act, place, before=before))
    if review is None:
        return visit.go("/reviews", done="first" if before else "last")
    return visit.go(f"/reviews/{review.review_id}")


async def show_one(visit: Visit) -> Response:
    """Show who was searched for beside whoever was found."""
    return await _shown(visit)


async def vote(visit: Visit) -> Response:
    """Take a decision."""
    form, review_id = visit.form, _id(visit)
    choice = form.text("choice")
    verdict = Verdict.CONFIRM if choice.startswith(_CANDIDATE) else Verdict.REJECT
    if verdict is Verdict.REJECT and choice != _NONE:
        return await _shown(visit, problem="choice", status=422)
    candidate = choice.removeprefix(_CANDIDATE) if verdict is Verdict.CONFIRM else None
    try:
        await visit.do(
            lambda act: vote_on_review(
                act, review_id, verdict, candidate_id=candidate, note=form.text("note")
            )
        )
    except ReviewClosed:
        return await _shown(visit, problem="closed", status=409)
    except ReviewNotYours:
        return await _shown(visit, problem="not-yours", status=403)
    except PolicyInvalid:
        return await _shown(visit, problem="invalid", status=422)
    return visit.go(f"/reviews/{review_id}", done="voted")


async def _shown(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    review_id = _id(visit)
    found = await visit.do(lambda act: show_review(visit.desk.gallery, act, review_id))
    part = _part(visit, found.review)
    return visit.page(
        "reviews/review.html",
        status,
        review=found.review,
        part=part,
        problem=problem,
        probe=picture_address(found.probe) if found.probe is not None else None,
        candidates=_candidates(visit, found),
        hides=visit.desk.hides_scores,
        none=_NONE,
        choice=visit.form.text("choice"),
        note=visit.form.text("note"),
        place=visit.desk.tokens.token(found.review.key, _places(visit)),
        me=visit.key.key_id,
    )


def _candidates(visit: Visit, found: ShownReview) -> list[ShownCandidate]:
    """Return the candidates in the order in which they are shown.

    While scores are hidden the order must not tell them either. It is random for each reviewer, and the same
    whenever the page is opened: a shuffle that anybody could wait out would be none.
    """
    review = found.review
    hidden = visit.desk.hides_scores and review.state is ReviewState.OPEN
    candidates = list(review.candidates)
    if hidden:
        candidates.sort(key=lambda each: _lot(review.review_id, visit.key.key_id, each.candidate_id))
    else:
        candidates.sort(key=lambda each: -each.similarity_percent)
    confirmed = {each.candidate_id for each in review.votes if each.verdict is Verdict.CONFIRM}
    return [
        ShownCandidate(
            number,
            f"{_CANDIDATE}{each.candidate_id}",
            each.external_image_id or each.user_id,
            each.candidate_id if each.candidate_id != each.user_id else None,
            _picture(found, each.candidate_id),
            None if hidden else each.similarity_percent,
            confirmed=each.candidate_id in confirmed,
            shortcut=str(number) if number <= _SHORTCUTS else "",
        )
        for number, each in enumerate(candidates, 1)
    ]


def _picture(found: ShownReview, candidate_id: str) -> str | None:
    portrait = found.portraits.get(candidate_id)
    return picture_address(portrait) if portrait is not None else None


def _lot(*parts: str) -> bytes:
    return hashlib.sha256("\n".join(parts).encode(errors="surrogatepass")).digest()


def _part(visit: Visit, review: Review) -> str:
    """Return the reader's part in a review: closed, asked, voted, decide or watch."""
    if review.state is not ReviewState.OPEN:
        return "closed"
    if review.asked_by == visit.key.key_id:
        return "asked"
    if not may_vote(review, visit.key.key_id):
        return "voted"
    return "decide" if visit.may("vote_on_review") else "watch"


def _places(visit: Visit) -> dict[str, object]:
    return {"list": "console/places-of-reviews", "key": visit.key.key_id}


def _id(visit: Visit) -> str:
    return str(visit.http.path_params["review_id"])


ROUTES = (
    page("/reviews", show_queue, needs=("list_reviews",)),
    page("/reviews/next", go_on, needs=("list_reviews",)),
    page("/reviews/{review_id}", show_one, needs=("show_review",)),
    page("/reviews/{review_id}/vote", vote, methods=("POST",), needs=("vote_on_review",)),
)

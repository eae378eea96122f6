"""`/v1/reviews`: answers of searches that people confirm or reject before they count."""

import base64
from typing import Annotated, Any

from fastapi import Path, Query

from countenance.doors.rest.calls import TheCall, new_router
from countenance.doors.rest.description import problems
from countenance.doors.rest.models.fields import ID_EXAMPLE, Uuid
from countenance.doors.rest.models.reviews import (
    Candidate,
    NewVote,
    Review,
    ReviewPage,
    ReviewWithProbe,
    Vote,
)
from countenance.doors.rest.paging import ThePaging
from countenance.operations import review_answers

ReviewId = Annotated[Uuid, Path(description="The review's id.", examples=[ID_EXAMPLE])]

router = new_router("reviews")


@router.get("/reviews")
async def list_reviews(
    call: TheCall,
    paging: ThePaging,
    state: Annotated[
        review_answers.ReviewState | None, Query(description="Only those of this state; all without it.")
    ] = None,
) -> ReviewPage:
    """List reviews of the collections that the key may use, oldest first."""
    belongs_to = {"list": "reviews", "state": state, "key": call.key.key_id}
    after_key = paging.position(belongs_to)
    page = await call.do(
        lambda act: review_answers.list_reviews(act, state=state, most=paging.limit, after_key=after_key)
    )
    return paging.listed(ReviewPage, page, belongs_to, lambda review: Review(**_shown(review)))


@router.get("/reviews/{review_id}", responses=problems(_404="There is no such review."))
async def show_review(call: TheCall, review_id: ReviewId) -> ReviewWithProbe:
    """Show a review: who was found and, while it is open, the picture of who was searched for."""
    shown = await call.do(lambda act: review_answers.show_review(call.desk.gallery, act, review_id))
    return ReviewWithProbe(
        **_shown(shown.review),
        probe_jpeg_base64=_encoded(shown.probe) if shown.probe is not None else None,
        portraits_jpeg_base64={name: _encoded(portrait) for name, portrait in shown.portraits.items()},
    )


@router.post(
    "/reviews/{review_id}/votes",
    status_code=201,
    responses=problems(_404="There is no such review.", _409="It is decided already."),
)
async def vote_on_review(call: TheCall, review_id: ReviewId, new: NewVote) -> Review:
    """Confirm a candidate, or reject all; neither who searched nor who has voted already may."""
    review = await call.do(
        lambda act: review_answers.vote_on_review(
            act, review_id, new.verdict, candidate_id=new.candidate_id, note=new.note
        )
    )
    return Review(**_shown(review))


def _encoded(picture: bytes) -> str:
    return base64.b64encode(picture).decode()


def _shown(review: review_answers.Review) -> dict[str, Any]:
    return {
        "review_id": review.review_id,
        "collection_id": review.collection_id,
        "request_id": review.request_id,
        "asked_by": review.asked_by,
        "operation": review.operation,
        "mode": review.mode,
        "state": review.state,
        "created_at": review.created_at,
        "decided_at": review.decided_at,
        "candidates": tuple(Candidate.model_validate(each) for each in review.candidates),
        "votes": tuple(Vote.model_validate(each) for each in review.votes),
    }

"""Answers that people review before they count."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from countenance.doors.rest.models.fields import (
    ID_EXAMPLE,
    KEY_EXAMPLE,
    REQUEST_EXAMPLE,
    TEXT,
    TIME_EXAMPLE,
    Asked,
    Listed,
    Subject,
    Told,
    text,
)
from countenance.operations.review_answers import ReviewState, Verdict

_FACE = "3c9f2a71-8d4e-4b6a-b1c2-5e6f7a8b9c0d"


class NewVote(Asked):
    """What a reviewer says."""

    verdict: Annotated[Verdict, Field(strict=False)] = Field(
        description="Whether a candidate is who was searched for, or none is.", examples=["confirm"]
    )
    candidate_id: Subject | None = Field(default=None, description="Whom they confirm.", examples=[_FACE])
    note: Annotated[str, text(TEXT, 2000, 0)] = Field(
        default="", description="What others should know.", examples=["same scar above the left eye"]
    )


class Candidate(Told):
    """Somebody who was found."""

    candidate_id: str = Field(description="The face's id, or the user's.", examples=[_FACE])
    external_image_id: str | None = Field(description="The face's.", examples=["eileen-collins"])
    user_id: str | None = Field(description="The user that the face is of.", examples=[None])
    similarity_percent: float = Field(description="How alike they are, 0–100.", examples=[99.98])


class Vote(Told):
    """What somebody said."""

    voter: str = Field(description="Their access key.", examples=[KEY_EXAMPLE])
    verdict: Verdict = Field(description="What they said.", examples=["confirm"])
    candidate_id: str | None = Field(description="Whom they confirmed.", examples=[_FACE])
    note: str = Field(description="What others should know.", examples=[""])
    voted_at: datetime = Field(description="When.", examples=[TIME_EXAMPLE])


class Review(Told):
    """An answer that waits for people, or was decided by them."""

    review_id: str = Field(description="Its id.", examples=[ID_EXAMPLE])
    collection_id: str = Field(description="Where was searched.", examples=["suspects"])
    request_id: str = Field(description="The search.", examples=[REQUEST_EXAMPLE])
    asked_by: str = Field(
        description="The access key that searched; it may not vote.", examples=[KEY_EXAMPLE]
    )
    operation: str = Field(description="What was asked.", examples=["search_faces_by_image"])
    mode: str = Field(description="How many must agree: `one` or `two-person`.", examples=["two-person"])
    state: ReviewState = Field(description="What became of it.", examples=["open"])
    created_at: datetime = Field(description="When was searched.", examples=[TIME_EXAMPLE])
    decided_at: datetime | None = Field(description="When it was decided.", examples=[None])
    candidates: tuple[Candidate, ...] = Field(description="Who was found, most similar first.")
    votes: tuple[Vote, ...] = Field(
        description="All votes once it is decided; before that, only those of the key that asks.",
        examples=[[]],
    )


class ReviewWithProbe(Review):
    """A review, the picture of who was searched for, and of who was found."""

    probe_jpeg_base64: str | None = Field(
        description="The picture; null where a stored face was searched for, and once it is decided.",
        examples=["/9j/4AAQSkZJRgABAQ=="],
    )
    portraits_jpeg_base64: dict[str, str] = Field(
        description="By candidate, the picture of them, where the collection keeps portraits.",
        examples=[{_FACE: "/9j/4AAQSkZJRgABAQ=="}],
    )


class ReviewPage(Listed[Review]):
    """One page of reviews."""

"""Subjects: people, by the names under which they are enrolled."""

from datetime import datetime

from pydantic import Field

from countenance.doors.rest.models.fields import REQUEST_EXAMPLE, TIME_EXAMPLE, Asked, Moment, Told


class ErasedSubject(Told):
    """How much was erased."""

    request_id: str = Field(
        description="The request: `/v1/receipts/{request_id}` proves the erasure.", examples=[REQUEST_EXAMPLE]
    )
    faces: int = Field(description="How many faces were erased.", examples=[3])
    users: int = Field(description="How many users were erased.", examples=[1])
    consents_ended: int = Field(description="How many consents were ended.", examples=[1])


class NewInteraction(Asked):
    """That there was something to do with somebody."""

    at: Moment | None = Field(
        default=None, description="When; now where nothing is said.", examples=["2026-03-01T09:00:00Z"]
    )


class Interaction(Told):
    """An interaction as it was recorded."""

    subject: str = Field(description="With whom.", examples=["eileen-collins"])
    at: datetime = Field(description="When.", examples=[TIME_EXAMPLE])

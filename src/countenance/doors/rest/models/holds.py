"""Legal holds."""

from datetime import datetime

from pydantic import Field

from countenance.doors.rest.models.fields import (
    ID_EXAMPLE,
    KEY_EXAMPLE,
    TIME_EXAMPLE,
    Asked,
    Line,
    Listed,
    Subject,
    Told,
)

_SUBJECT = "Whose faces, users and consents are kept: an ExternalImageId or a UserId."
_REFERENCE = "The warrant, subpoena or case that demands it."


class NewHold(Asked):
    """A hold on everything of a subject."""

    subject: Subject = Field(description=_SUBJECT, examples=["eileen-collins"])
    reference: Line = Field(description=_REFERENCE, examples=["23-CV-1187"])


class Hold(Told):
    """A hold that is, or was, in force."""

    hold_id: str = Field(description="Its id.", examples=[ID_EXAMPLE])
    subject: str = Field(description=_SUBJECT, examples=["eileen-collins"])
    reference: str = Field(description=_REFERENCE, examples=["23-CV-1187"])
    placed_at: datetime = Field(description="Since when.", examples=[TIME_EXAMPLE])
    placed_by: str = Field(description="The access key that placed it.", examples=[KEY_EXAMPLE])
    released_at: datetime | None = Field(description="When it was released.", examples=[None])
    released_by: str | None = Field(description="The access key that released it.", examples=[None])


class HoldPage(Listed[Hold]):
    """One page of holds."""

"""Moratoria."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from countenance.doors.rest.models.fields import (
    ID_EXAMPLE,
    KEY_EXAMPLE,
    LINE,
    TIME_EXAMPLE,
    Asked,
    Listed,
    Moment,
    Told,
    text,
)

_SCOPE = "What is forbidden: `search`, `enrol`, `all` use of faces, or all for `purpose:NAME`."
_REASON = "the council has not voted yet"


class NewMoratorium(Asked):
    """A use of faces to be forbidden from the next request on."""

    scope: Annotated[str, text("^(search|enrol|all|purpose:[a-z0-9][a-z0-9-]{0,63})$", 72)] = Field(
        description=_SCOPE, examples=["purpose:marketing"]
    )
    reason: Annotated[str, text(LINE, 500)] = Field(
        description="Why; whoever is refused is told.", examples=[_REASON]
    )
    until: Moment | None = Field(
        default=None, description="When it ends by itself; without it, when it is lifted.", examples=[None]
    )


class Moratorium(Told):
    """A use of faces that is, or was, forbidden."""

    moratorium_id: str | None = Field(
        description="Its id; null for one that the server was started with, which no key can lift.",
        examples=[ID_EXAMPLE],
    )
    scope: str = Field(description=_SCOPE, examples=["purpose:marketing"])
    reason: str = Field(description="Why.", examples=[_REASON])
    began_at: datetime = Field(description="Since when.", examples=[TIME_EXAMPLE])
    begun_by: str = Field(description="The access key that began it.", examples=[KEY_EXAMPLE])
    until: datetime | None = Field(description="When it ends by itself.", examples=[None])
    lifted_at: datetime | None = Field(description="When it was lifted.", examples=[None])
    lifted_by: str | None = Field(description="The access key that lifted it.", examples=[None])


class MoratoriumPage(Listed[Moratorium]):
    """One page of moratoria."""

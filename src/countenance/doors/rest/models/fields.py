"""Kinds of fields that several subjects share, and what all models have in common.

All text is bounded, and none may hold NUL, which databases and terminals do not take; lone surrogates are
refused by pydantic itself.
"""

import base64
from datetime import UTC, date, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

KEY_EXAMPLE = "CTNCQ7ZK3M2A5N4B6C7D"
ID_EXAMPLE = "5f0c1b8e-4a3d-4c2b-9e1f-7d6c5b4a3f2e"
REQUEST_EXAMPLE = "0b7e8a52-6e57-4c8d-8f4e-3a1b2c9d0e11"
JOB_EXAMPLE = "8d3f0c6a4b1e4f7c9a2d5e8b7c6f1a03"
TIME_EXAMPLE = "2026-03-01T09:00:00Z"
SHA256_EXAMPLE = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

LINE = r"^[^\u0000-\u001f\u007f-\u009f]+$"
"""A pattern of text without line breaks and other control characters."""

TEXT = r"^[^\u0000]*$"
"""A pattern of any other text."""

_FIRST_YEAR, _LAST_YEAR = 1900, 2999
_BASE64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"


class Asked(BaseModel):
    """Base of what clients send: nothing but what is described, and nothing converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Told(BaseModel):
    """Base of what clients are answered."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


Shown = TypeVar("Shown", bound=Told)


class Listed(Told, Generic[Shown]):
    """One page of a list; each kind of item has a subclass, whose name is in the API's description."""

    items: tuple[Shown, ...] = Field(description="The items of this page.")
    next: str | None = Field(
        description="What to ask the next page with, as `after`; null on the last page.",
        examples=["AAAAAAAAAGTnBpK2mQ0Vq6x1b7Y3gTcx"],
    )


def moment(value: object) -> datetime:
    """Read an ISO 8601 time with its zone; raises ValueError."""
    try:
        found = datetime.fromisoformat(value if isinstance(value, str) else "")
        in_utc = found.astimezone(UTC)
    except (ValueError, OverflowError):
        found = in_utc = datetime.min
    if found.tzinfo is None:
        raise ValueError("an ISO 8601 time with its zone is wanted, such as 2027-01-31T00:00:00Z")
    if not _FIRST_YEAR <= in_utc.year <= _LAST_YEAR:
        raise ValueError(f"a time between the years {_FIRST_YEAR} and {_LAST_YEAR} is wanted")
    return in_utc


def day(value: object) -> date:
    """Read an ISO 8601 day; raises ValueError."""
    try:
        found = date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        found = None
    if found is None or found.isoformat() != value:  # weeks and days without hyphens are days, too
        raise ValueError("an ISO 8601 day is wanted, such as 2027-01-31")
    return found


def _content(value: object) -> bytes:
    if not isinstance(value, str):
        raise ValueError("a string of base64 is wanted")  # noqa: TRY004 - pydantic takes only this one
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        raise ValueError("base64 is wanted") from None


def text(pattern: str, most: int, least: int = 1) -> StringConstraints:
    """Return what bounds a string."""
    return StringConstraints(min_length=least, max_length=most, pattern=pattern)


Moment = Annotated[
    datetime, BeforeValidator(moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
"""A time with its zone."""

Day = Annotated[date, BeforeValidator(day), WithJsonSchema({"type": "string", "format": "date"})]
"""A day."""

Content = Annotated[
    bytes,
    BeforeValidator(_content),
    WithJsonSchema({"type": "string", "contentEncoding": "base64", "pattern": _BASE64}),
]
"""Bytes, in base64."""

Uuid = Annotated[str, text("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", 36, 36)]
JobId = Annotated[str, text("^[0-9a-f]{32}$", 32, 32)]
CollectionId = Annotated[str, text(r"^[a-zA-Z0-9_.\-]+$", 255)]
Subject = Annotated[str, text(r"^[a-zA-Z0-9_.\-:]+$", 255)]
"""An ExternalImageId or a UserId."""

KeyId = Annotated[str, text("^[A-Za-z0-9_]+$", 128)]
Purpose = Annotated[str, text("^[a-z0-9][a-z0-9-]*$", 64)]
Sha256 = Annotated[str, text("^[0-9a-f]{64}$", 64, 64)]
Line = Annotated[str, text(LINE, 200)]
"""Text of one line."""

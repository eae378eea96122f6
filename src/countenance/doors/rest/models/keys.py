"""Access keys."""

from datetime import datetime
from fnmatch import fnmatchcase
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from countenance.access import Role
from countenance.doors.rest.models.fields import KEY_EXAMPLE, TIME_EXAMPLE, Asked, Line, Listed, Told, text
from countenance.operations.names import OPERATIONS

_OPERATIONS = "The operations that it may do, by name or pattern, as in the ledger."
_COLLECTIONS = "The collections that it may use, by id or pattern."
_PURPOSES = "The purposes that it may be used for, by name or pattern."
_BUCKETS = "The buckets that it may have pictures read from, by name or pattern; none where it is empty."


def _known(pattern: str) -> str:
    if not any(fnmatchcase(operation, pattern) for operation in OPERATIONS):
        raise ValueError(f"no operation has that name; there are {', '.join(OPERATIONS)}")
    return pattern


Operation = Annotated[str, text(r"^[a-z_*?]+$", 64), AfterValidator(_known)]
CollectionPattern = Annotated[str, text(r"^[a-zA-Z0-9_.\-*?]+$", 255)]
PurposePattern = Annotated[str, text(r"^[a-z0-9\-*?]+$", 64)]
BucketPattern = Annotated[str, text(r"^[0-9A-Za-z.\-_*?]+$", 255)]


class NewKey(Asked):
    """A key to be made."""

    name: Line = Field(description="Whose it is.", examples=["reception"])
    operations: list[Operation] = Field(
        default=["*"],
        description=_OPERATIONS,
        min_length=1,
        max_length=100,
        examples=[["search_*", "detect_faces"]],
    )
    collections: list[CollectionPattern] = Field(
        default=["*"],
        description=_COLLECTIONS,
        min_length=1,
        max_length=100,
        examples=[["staff", "visitors-*"]],
    )
    purposes: list[PurposePattern] = Field(
        default=["*"], description=_PURPOSES, min_length=1, max_length=100, examples=[["access-control"]]
    )
    buckets: list[BucketPattern] = Field(
        default=["*"], description=_BUCKETS, max_length=100, examples=[["visitors"]]
    )
    administrator: bool = Field(
        default=False, description="Whether it may manage keys and govern.", examples=[False]
    )
    role: Annotated[Role, Field(strict=False)] | None = Field(
        default=None,
        description="What it is for, instead of limits. A `tester` measures the server, with collections of "
        "their own, and sees no other.",
        examples=[None],
    )

    @model_validator(mode="after")
    def _either_role_or_limits(self) -> Self:
        if self.role is not None and self.model_fields_set - {"name", "role"}:
            raise ValueError("a role says what a key is limited to; give either a role or limits")
        return self


class Key(Told):
    """A key; its secret is shown when it is made, and never again."""

    access_key_id: str = Field(description="Its id.", examples=[KEY_EXAMPLE])
    name: str = Field(description="Whose it is.", examples=["reception"])
    operations: tuple[str, ...] = Field(description=_OPERATIONS, examples=[["search_*", "detect_faces"]])
    collections: tuple[str, ...] = Field(description=_COLLECTIONS, examples=[["staff", "visitors-*"]])
    purposes: tuple[str, ...] = Field(description=_PURPOSES, examples=[["access-control"]])
    buckets: tuple[str, ...] = Field(description=_BUCKETS, examples=[["visitors"]])
    administrator: bool = Field(description="Whether it may manage keys and govern.", examples=[False])
    created_at: datetime = Field(description="When it was made.", examples=[TIME_EXAMPLE])
    revoked_at: datetime | None = Field(description="When it was revoked.", examples=[None])


class CreatedKey(Key):
    """A key that was just made."""

    secret_access_key: str = Field(
        description="Its secret. The bearer token is the id, a dot and this.",
        examples=["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"],
    )


class KeyPage(Listed[Key]):
    """One page of access keys."""

"""Groups of faces, and what people say of them."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from countenance.doors.rest.models.fields import (
    ID_EXAMPLE,
    KEY_EXAMPLE,
    REQUEST_EXAMPLE,
    TIME_EXAMPLE,
    Asked,
    Listed,
    Told,
    Uuid,
    text,
)
from countenance.operations.groups.look_at_groups import EditKind, GroupState

_FACE = "3c9f2a71-8d4e-4b6a-b1c2-5e6f7a8b9c0d"
_OTHER = "9b1d7c52-2f6a-4e0b-8d3c-1a2b3c4d5e6f"
UserId = Annotated[str, text(r"^[a-zA-Z0-9_.\-:]+$", 128)]


class Group(Told):
    """Faces that are one person's, as far as is known."""

    group_id: str = Field(description="Its id.", examples=[ID_EXAMPLE])
    state: GroupState = Field(
        description="`suggested` until somebody has confirmed any of its faces.", examples=["suggested"]
    )
    user_id: str | None = Field(
        description="The user who the person was said to be; null where they have no name.", examples=[None]
    )
    face_count: int = Field(description="How many faces it has.", examples=[12])
    confirmed_count: int = Field(
        description="How many of them people confirmed; a grouping may move the others.", examples=[0]
    )
    created_at: datetime = Field(description="When it was first suggested.", examples=[TIME_EXAMPLE])


class GroupPage(Listed[Group]):
    """One page of groups."""


class GroupedFace(Told):
    """A face of a group."""

    face_id: str = Field(description="Its id.", examples=[_FACE])
    image_id: str = Field(description="The picture that it is in.", examples=[_OTHER])
    external_image_id: str | None = Field(description="The picture's own id.", examples=["1969-crew"])
    confirmed: bool = Field(description="Whether people confirmed that it belongs there.", examples=[False])


class GroupWithFaces(Group):
    """A group and one page of its faces."""

    faces: tuple[GroupedFace, ...] = Field(
        description="Its faces, without those that may not be used any more."
    )
    next: str | None = Field(
        description="What to ask the next page of faces with, as `after`; null on the last page.",
        examples=[None],
    )


class GroupsToMerge(Asked):
    """Groups that are the same person."""

    group_ids: list[Uuid] = Field(
        description="The groups whose faces come to this one.",
        min_length=1,
        max_length=100,
        examples=[[_OTHER]],
    )


class FacesOfGroup(Asked):
    """Faces that are put somewhere."""

    face_ids: list[Uuid] = Field(description="Their ids.", min_length=1, max_length=1000, examples=[[_FACE]])


class GroupName(Asked):
    """Who a group is."""

    user_id: UserId = Field(
        description="The user; made where there is none of that id. The person must have consented.",
        examples=["eileen-collins"],
    )


class EditToUndo(Asked):
    """Which edit is taken back."""

    edit_id: Uuid | None = Field(
        default=None,
        description="Its id; without it, the newest that can be undone and is not.",
        examples=[ID_EXAMPLE],
    )


class GroupEdit(Told):
    """An edit in the history of a collection's groups."""

    edit_id: str = Field(description="Its id.", examples=[ID_EXAMPLE])
    kind: EditKind = Field(description="What it did; `grouping` is the machine's.", examples=["merge"])
    made_at: datetime = Field(description="When.", examples=[TIME_EXAMPLE])
    made_by: str = Field(description="The access key that did.", examples=[KEY_EXAMPLE])
    request_id: str = Field(description="The request, as in the ledger.", examples=[REQUEST_EXAMPLE])
    faces: int = Field(
        description="How many faces it put elsewhere, confirmed or named, without those erased since.",
        examples=[7],
    )
    undoes: str | None = Field(description="The edit that it took back.", examples=[None])
    undone_by: str | None = Field(description="The edit that took it back.", examples=[None])


class GroupEditPage(Listed[GroupEdit]):
    """One page of the history."""

"""Frozen values of groups: who is in which, what people said, and the edits that made it so."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from countenance.gallery.values import EnrolledFace


class GroupState(enum.StrEnum):
    """Whether a person said of any face of a group that it belongs there."""

    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"


class EditKind(enum.StrEnum):
    """What an edit did; `GROUPING` is the machine's, the others are people's."""

    GROUPING = "grouping"
    MERGE = "merge"
    SPLIT = "split"
    MOVE = "move"
    REJECT = "reject"
    CONFIRM = "confirm"
    NAME = "name"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Group:
    """Faces of a collection that are one person's, as far as is known; it is there while it has a face.

    Attributes:
        key: the store's own number for it, ascending by age.
        group_id: a UUID.
        user_id: the user who the person was said to be; None where they have no name.
        user_key: the store's number for that user.
        face_count: how many faces it has.
        confirmed_count: of how many a person said that they belong to it; a grouping may move the others.
    """

    key: int
    group_id: str
    user_id: str | None
    user_key: int | None
    face_count: int
    confirmed_count: int
    created_at: datetime

    @property
    def state(self) -> GroupState:
        """Whether it is more than a suggestion."""
        return GroupState.CONFIRMED if self.confirmed_count else GroupState.SUGGESTED


@dataclass(frozen=True, slots=True)
class GroupedFace:
    """A face of a group; ``confirmed``: a person said that it belongs to it."""

    face: EnrolledFace
    confirmed: bool

    @property
    def key(self) -> int:
        """The face's key, by which lists go on."""
        return self.face.key


@dataclass(frozen=True, slots=True)
class Membership:
    """Which group a face is in, by keys."""

    face_key: int
    group_key: int
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Constraints:
    """What people said is not so, by keys.

    Attributes:
        apart: pairs of faces that are not of one person, the smaller key first.
        not_in: faces, and the groups that are another person.
    """

    apart: tuple[tuple[int, int], ...]
    not_in: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class NewGroupEdit:
    """An edit about to be kept; ``undoes`` is the key of the one that it takes back."""

    kind: EditKind
    made_by: str
    request_id: str
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class GroupEdit:
    """An edit in the history of a collection's groups.

    Attributes:
        key: the store's own number for it, ascending by age.
        edit_id: a UUID.
        kind: what it did.
        made_at: when.
        made_by: the access key that did.
        request_id: the request, as in the ledger.
        faces: how many faces it put elsewhere, confirmed or named, without those that were erased since.
        undoes: the id of the edit that it took back.
        undone_by: the id of the edit that took it back.
    """

    key: int
    edit_id: str
    kind: EditKind
    made_at: datetime
    made_by: str
    request_id: str
    faces: int
    undoes: str | None
    undone_by: str | None

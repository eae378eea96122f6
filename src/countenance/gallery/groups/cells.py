"""What an edit of groups changes, cell by cell, so that any edit can be taken back.

All that is known of a collection's groups is a set of cells with values. An edit writes some of them, and
notes what was in them before. The edits that stand on a cell are a pile: each found what the one below it had
left. An edit can be taken back where it is the topmost on every cell that it wrote; then what it found is put
back. Edits also lie on cells that they only rely on, so that these cannot be changed beneath them.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class CellKind(enum.StrEnum):
    """What a cell says; those it is about are a face, another face, a group or a user, by their keys."""

    MEMBER = "member"
    """Of a face: its group, and whether a person said so."""
    USER = "user"
    """Of a face: the user that it is associated with."""
    NAME = "name"
    """Of a group: the user who it is."""
    APART = "apart"
    """Of two faces: whether they are not of one person."""
    NOT_IN = "not_in"
    """Of a face and a group: whether the group is another person."""
    MADE = "made"
    """Of a user: whether naming a group made it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A place for a value; keys that a kind does not need are 0."""

    kind: CellKind
    face_key: int = 0
    other_key: int = 0

    @classmethod
    def member(cls, face_key: int) -> Cell:
        """Return where a face's group is."""
        return cls(CellKind.MEMBER, face_key)

    @classmethod
    def user(cls, face_key: int) -> Cell:
        """Return where a face's user is."""
        return cls(CellKind.USER, face_key)

    @classmethod
    def name(cls, group_key: int) -> Cell:
        """Return where a group's user is."""
        return cls(CellKind.NAME, other_key=group_key)

    @classmethod
    def apart(cls, one: int, other: int) -> Cell:
        """Return where it is said of two faces that they are not of one person."""
        return cls(CellKind.APART, min(one, other), max(one, other))

    @classmethod
    def not_in(cls, face_key: int, group_key: int) -> Cell:
        """Return where it is said of a face that a group is another person."""
        return cls(CellKind.NOT_IN, face_key, group_key)

    @classmethod
    def made(cls, user_key: int) -> Cell:
        """Return where it is said of a user that naming a group made it."""
        return cls(CellKind.MADE, other_key=user_key)


@dataclass(frozen=True, slots=True)
class CellValue:
    """What is in a cell: the key of a group or user, 0 for none; where something is so or not, 1 or 0."""

    key: int = 0
    confirmed: bool = False


NOTHING = CellValue()
SO = CellValue(1)


@dataclass(frozen=True, slots=True)
class CellChange:
    """What an edit found in a cell, and what it left; the same where it only relies on it."""

    cell: Cell
    before: CellValue
    after: CellValue

    @property
    def writes(self) -> bool:
        """Whether it changed anything."""
        return self.before != self.after

    def undone(self) -> CellChange:
        """Return the way back."""
        return CellChange(self.cell, self.after, self.before)


class Changes:
    """The changes of one edit, one for each cell."""

    def __init__(self, changes: Iterable[CellChange] = ()) -> None:
        self._by_cell = {change.cell: change for change in changes}

    def __iter__(self) -> Iterator[CellChange]:
        """Yield the changes, in the order in which they were made."""
        return iter(self._by_cell.values())

    def put(self, cell: Cell, before: CellValue, after: CellValue) -> None:
        """Note a change; of a cell that is there already the first ``before`` is kept."""
        known = self._by_cell.get(cell)
        self._by_cell[cell] = CellChange(cell, known.before if known is not None else before, after)

    def rely_on(self, cell: Cell, value: CellValue) -> None:
        """Note that the edit makes sense only as long as a cell has this value."""
        if cell not in self._by_cell:
            self._by_cell[cell] = CellChange(cell, value, value)

    def of_kind(self, *kinds: CellKind) -> list[CellChange]:
        """Return the changes of some kinds that write."""
        return [change for change in self if change.cell.kind in kinds and change.writes]

    @property
    def writes(self) -> bool:
        """Whether anything is changed."""
        return any(change.writes for change in self)

"""People of a collection who may have no names: groups of faces, what people say of them, and its history."""

from countenance.gallery.groups.cells import Cell, CellKind, CellValue, Changes
from countenance.gallery.groups.ports import GroupReader, GroupWriter
from countenance.gallery.groups.values import (
    Constraints,
    EditKind,
    Group,
    GroupedFace,
    GroupEdit,
    GroupState,
    Membership,
    NewGroupEdit,
)

__all__ = [
    "Cell",
    "CellKind",
    "CellValue",
    "Changes",
    "Constraints",
    "EditKind",
    "Group",
    "GroupEdit",
    "GroupReader",
    "GroupState",
    "GroupWriter",
    "GroupedFace",
    "Membership",
    "NewGroupEdit",
]

"""Take an edit of groups back: any one on which no later one builds, or the last, again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.errors import GroupEditInvalid
from countenance.gallery.groups import CellKind, CellValue, EditKind, GroupEdit
from countenance.gallery.groups.cells import NOTHING
from countenance.operations.groups.making import EditInMaking

if TYPE_CHECKING:
    from countenance.gallery import Gallery
    from countenance.gallery.groups.cells import CellChange
    from countenance.operations.acts import Act

__all__ = ["GroupEdit", "undo_group_edit"]

_MOST_TOLD = 5


def undo_group_edit(gallery: Gallery, act: Act, collection_id: str, edit_id: str | None = None) -> GroupEdit:
    """Put back what an edit found; that is an edit, too, which stays in the history.

    Whatever was erased since stays erased. It may be done under any policy, as it makes no suggestions.

    1. Find the edit, by default the newest that can be undone and is not.
    2. See that no later edit builds on it.
    3. Put back what it found, as far as nobody else changed it since, such as through Amazon's API.
    4. Delete the user that it made, where nothing is left of it.

    Args:
        gallery: the collections.
        act: who asks.
        collection_id: where.
        edit_id: which edit.

    Raises:
        NotPermitted: the caller's key does not allow it, or faces would become somebody's again who has not
            consented.
        CollectionNotFound: there is no such collection.
        GroupEditNotFound: there is no such edit.
        GroupEditInvalid: it is undone already, later edits build on it, or nothing is left to be undone.
        HoldInForce: a legal hold is on somebody whose faces would stop being theirs.
        GalleryFull: a user would have more than 100 faces.
    """
    act.permit("undo_group_edit", collection_id)
    with act.changing(gallery) as change:
        making = EditInMaking(act, change, change.writer.collection(collection_id))
        # 1
        edit = _edit(making, edit_id)
        act.note(undoes=edit.edit_id)
        # 2
        changes = _changes_of(making, edit)
        # 3
        _put_back(making, changes)
        undo = making.keep(EditKind.UNDO, edit.key)
        # 4
        for each in changes:
            if each.cell.kind is CellKind.MADE:
                making.delete_unused_user(each.cell.other_key)
        return undo


def _edit(making: EditInMaking, edit_id: str | None) -> GroupEdit:
    if edit_id is not None:
        return making.writer.group_edit(making.collection, edit_id)
    newest = making.writer.newest_standing_edit(making.collection)
    if newest is None:
        raise GroupEditInvalid("there is nothing left to be undone")
    return newest


def _changes_of(making: EditInMaking, edit: GroupEdit) -> list[CellChange]:
    """Return what an edit wrote and still stands; raises GroupEditInvalid."""
    if edit.kind is EditKind.UNDO:
        raise GroupEditInvalid("what takes an edit back cannot be undone; make that edit again")
    if edit.undone_by is not None:
        raise GroupEditInvalid(f"the edit {edit.edit_id} is undone already, by {edit.undone_by}")
    upon = making.writer.edits_upon(edit, _MOST_TOLD)
    if upon:
        told = ", ".join(f"{each.kind} {each.edit_id}" for each in upon)
        raise GroupEditInvalid(f"later edits build on this one; undo them first, the newest first: {told}")
    changes = [change for change in making.writer.standing_changes(edit) if change.writes]
    if not changes:
        raise GroupEditInvalid("nothing is left of this edit: all that it changed was erased")
    return changes


def _put_back(making: EditInMaking, changes: list[CellChange]) -> None:
    of_kind: dict[CellKind, list[CellChange]] = {}
    for change in changes:
        of_kind.setdefault(change.cell.kind, []).append(change)
    moves, users = of_kind.get(CellKind.MEMBER, []), of_kind.get(CellKind.USER, [])
    # A grouping may have moved what the edit left.
    where = {each.face_key: each for each in making.memberships([move.cell.face_key for move in moves])}
    for move in moves:
        there = where.get(move.cell.face_key)
        now = CellValue(there.group_key, there.confirmed) if there is not None else NOTHING
        making.changes.put(move.cell, now, move.before)
    theirs = making.writer.users_of_faces(making.collection, [each.cell.face_key for each in users])
    for each in users:
        if theirs.get(each.cell.face_key) == each.after.key:
            making.changes.put(each.cell, each.after, each.before)
    for kind in (CellKind.NAME, CellKind.APART, CellKind.NOT_IN):
        for each in of_kind.get(kind, []):
            making.changes.put(each.cell, each.after, each.before)

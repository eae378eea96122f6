"""Note what a grouping suggests, as far as it is still true when it is done."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.gallery.groups import Cell, CellValue, Changes, EditKind, NewGroupEdit
from countenance.gallery.groups.cells import NOTHING
from countenance.operations.groups.suggesting import new_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.gallery.groups import GroupEdit
    from countenance.gallery.ports import GalleryWriter
    from countenance.gallery.values import Collection
    from countenance.operations.acts import Act
    from countenance.operations.groups.suggesting import Suggestion


def keep_suggestions(
    act: Act, writer: GalleryWriter, collection: Collection, suggestions: Sequence[Suggestion]
) -> GroupEdit | None:
    """Note suggestions as an edit, in a change that has begun; returns None where there is nothing to note.

    A face that was put elsewhere since they were made, or that is gone or somebody's, is left as it is.
    """
    keys = [each.face_key for each in suggestions]
    now = {
        each.face_key: CellValue(each.group_key, each.confirmed)
        for each in writer.memberships(collection, faces=keys)
    }
    users = writer.users_of_faces(collection, keys)
    joined = {each.group_key for each in suggestions if each.group_key}
    there = {each.group_key for each in writer.memberships(collection, groups=sorted(joined))} | {0}
    kept = [
        each
        for each in suggestions
        if now.get(each.face_key, NOTHING) == each.before
        and (users.get(each.face_key) == 0 or (each.face_key in users and each.takes_out))
        and each.group_key in there
    ]
    if not kept:
        return None
    time, changes = datetime.now(UTC), Changes()
    made = {label: writer.create_group(collection, time) for label in new_labels(kept)}
    for each in kept:
        group_key = each.group_key if each.new is None else made[each.new]
        changes.put(Cell.member(each.face_key), each.before, CellValue(group_key))
    new = NewGroupEdit(EditKind.GROUPING, act.caller.key_id, act.request_id)
    edit = writer.add_group_edit(collection, new, changes, time)
    act.note(edit=edit.edit_id)
    return edit

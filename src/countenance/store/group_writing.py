"""Changes of groups and their history, within one transaction."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from countenance.gallery.groups import EditKind
from countenance.gallery.groups.cells import CellKind
from countenance.store import group_rows
from countenance.store.group_history import changes_upon
from countenance.store.group_reading import GroupReading
from countenance.store.group_tables import (
    face_groups,
    faces_apart,
    faces_not_in,
    group_changes,
    group_edits,
    grouped_faces,
)
from countenance.store.rows import in_parts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Table

    from countenance.gallery.groups import Changes, GroupEdit, NewGroupEdit
    from countenance.gallery.groups.cells import CellChange
    from countenance.gallery.values import Collection, User


class GroupWriting(GroupReading):
    """Implements `GroupWriter`."""

    def create_group(self, collection: Collection, now: datetime) -> int:
        """Make a group without faces; returns its key."""
        values = {"group_id": str(uuid.uuid4()), "collection_key": collection.key, "created_at": now}
        made = insert(face_groups).values(values).returning(face_groups.c.key)
        return int(self._connection.execute(made).scalar_one())

    def add_group_edit(
        self, collection: Collection, new: NewGroupEdit, changes: Changes, now: datetime
    ) -> GroupEdit:
        """Keep an edit, and do what it changes of groups; users are the caller's to change.

        Where it takes one back, that one counts as undone, and so does what the machine put on its cells.
        """
        edit_id = str(uuid.uuid4())
        values = {
            "edit_id": edit_id,
            "collection_key": collection.key,
            "kind": new.kind.value,
            "made_at": now,
            "made_by": new.made_by,
            "request_id": new.request_id,
            "undoes": new.undoes,
        }
        made = insert(group_edits).values(values).returning(group_edits.c.key)
        key = int(self._connection.execute(made).scalar_one())
        if new.undoes is not None:
            self._take_back(collection, new.undoes, key)
        undone_by = key if new.kind is EditKind.UNDO else None
        rows = [_row(change) | {"edit_key": key, "undone_by": undone_by} for change in changes]
        for part in in_parts(rows):
            self._connection.execute(insert(group_changes), list(part))
        self._move(changes.of_kind(CellKind.MEMBER))
        self._name(changes.of_kind(CellKind.NAME))
        self._say(changes.of_kind(CellKind.APART), faces_apart, "other_key")
        self._say(changes.of_kind(CellKind.NOT_IN), faces_not_in, "group_key")
        return self.group_edit(collection, edit_id)

    def forget_groups_of(self, collection: Collection, user: User) -> None:
        """Dissolve the groups that a user is, and forget whatever the history says of their faces."""
        del collection  # a user's key is never that of another collection's
        group_rows.forget_groups_of(self._connection, user.key)

    def _take_back(self, collection: Collection, undone: int, by: int) -> None:
        query = select(group_edits.c.edit_id).where(group_edits.c.key == undone)
        edit = self.group_edit(collection, self._connection.execute(query).scalar_one())
        upon = select(changes_upon(edit).subquery().c.key)
        for these in (group_changes.c.key.in_(upon), group_changes.c.edit_key == undone):
            standing = group_changes.c.undone_by.is_(None)
            self._connection.execute(update(group_changes).where(these, standing).values(undone_by=by))
        this = group_edits.c.key == undone
        self._connection.execute(update(group_edits).where(this).values(undone_by=by))

    def _move(self, changes: Sequence[CellChange]) -> None:
        moved = [change.cell.face_key for change in changes]
        for part in in_parts(moved):
            self._connection.execute(delete(grouped_faces).where(grouped_faces.c.face_key.in_(part)))
        rows = [
            {
                "face_key": change.cell.face_key,
                "group_key": change.after.key,
                "confirmed": change.after.confirmed,
            }
            for change in changes
            if change.after.key
        ]
        for some in in_parts(rows):
            self._connection.execute(insert(grouped_faces), list(some))

    def _name(self, changes: Sequence[CellChange]) -> None:
        if not changes:
            return
        named = update(face_groups).where(face_groups.c.key == bindparam("of_group"))
        rows = [{"of_group": change.cell.other_key, "user": change.after.key or None} for change in changes]
        self._connection.execute(named.values(user_key=bindparam("user")), rows)

    def _say(self, changes: Sequence[CellChange], table: Table, other: str) -> None:
        said = [{"face_key": c.cell.face_key, other: c.cell.other_key} for c in changes if c.after.key]
        for part in in_parts(said):
            self._connection.execute(insert(table), list(part))
        unsaid = [{"one": c.cell.face_key, "other": c.cell.other_key} for c in changes if not c.after.key]
        if unsaid:
            this = (table.c.face_key == bindparam("one"), table.c[other] == bindparam("other"))
            self._connection.execute(delete(table).where(*this), unsaid)


def _row(change: CellChange) -> dict[str, Any]:
    return {
        "kind": change.cell.kind.value,
        "face_key": change.cell.face_key,
        "other_key": change.cell.other_key,
        "before_key": change.before.key,
        "before_confirmed": change.before.confirmed,
        "after_key": change.after.key,
        "after_confirmed": change.after.confirmed,
    }

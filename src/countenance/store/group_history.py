"""Reads of the history of groups, within one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, and_, distinct, func, or_, select

from countenance.errors import GroupEditNotFound
from countenance.gallery.groups import EditKind, GroupEdit
from countenance.gallery.groups.cells import Cell, CellChange, CellKind, CellValue
from countenance.store.group_tables import group_changes, group_edits
from countenance.store.rows import in_utc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Row, Select

    from countenance.gallery.values import Collection

_undoing = group_edits.alias("undoing")
_undone = group_edits.alias("undone")


class GroupHistoryReading:
    """The part of `GroupReader` that is about the history."""

    _connection: Connection

    def group_edits(self, collection: Collection, *, before_key: int | None, most: int) -> list[GroupEdit]:
        """Return edits, the newest first, from the first smaller than ``before_key``."""
        query = _edits(collection.key).order_by(group_edits.c.key.desc()).limit(most)
        if before_key is not None:
            query = query.where(group_edits.c.key < before_key)
        return self._counted(self._connection.execute(query).all())

    def group_edit(self, collection: Collection, edit_id: str) -> GroupEdit:
        """Return one; raises GroupEditNotFound."""
        query = _edits(collection.key).where(group_edits.c.edit_id == edit_id)
        found = self._counted(self._connection.execute(query).all())
        if not found:
            raise GroupEditNotFound(
                f"the history of the groups of {collection.collection_id} has no edit {edit_id}"
            )
        return found[0]

    def newest_standing_edit(self, collection: Collection) -> GroupEdit | None:
        """Return the newest edit that can be undone and is not; None where nothing is left of any."""
        left = select(group_changes.c.key).where(group_changes.c.edit_key == group_edits.c.key, standing())
        query = _edits(collection.key).where(left.where(writing()).exists())
        found = self._counted(self._connection.execute(query.order_by(group_edits.c.key.desc()).limit(1)))
        return found[0] if found else None

    def standing_changes(self, edit: GroupEdit) -> list[CellChange]:
        """Return what an edit changed, without what was taken back or erased since."""
        query = select(group_changes).where(group_changes.c.edit_key == edit.key, standing())
        return [_change(row) for row in self._connection.execute(query.order_by(group_changes.c.key))]

    def edits_upon(self, edit: GroupEdit, most: int) -> list[GroupEdit]:
        """Return the newest of the later edits that must be taken back before an edit can be.

        They stand on a cell that it wrote, or have named a group that its faces would come back to. What the
        machine did later does not stand in the way of taking back what a person did.
        """
        in_the_way = or_(
            group_changes.c.key.in_(changes_upon(edit)), group_changes.c.key.in_(_named_since(edit))
        )
        query = _edits().where(group_edits.c.key.in_(select(group_changes.c.edit_key).where(in_the_way)))
        if edit.kind is not EditKind.GROUPING:
            query = query.where(group_edits.c.kind != EditKind.GROUPING.value)
        return self._counted(self._connection.execute(query.order_by(group_edits.c.key.desc()).limit(most)))

    def _counted(self, rows: Sequence[Row[Any]] | Any) -> list[GroupEdit]:
        found = list(rows)
        touched = group_changes.c.kind.in_((CellKind.MEMBER.value, CellKind.USER.value))
        faces = func.count(distinct(group_changes.c.face_key))
        counting = select(group_changes.c.edit_key, faces.label("faces")).where(
            group_changes.c.edit_key.in_([row.key for row in found]), touched, writing()
        )
        counts = {
            row.edit_key: row.faces
            for row in self._connection.execute(counting.group_by(group_changes.c.edit_key))
        }
        return [_edit(row, counts.get(row.key, 0)) for row in found]


def changes_upon(edit: GroupEdit) -> Select[Any]:
    """Return the query for the keys of later changes that stand on any cell that an edit wrote."""
    wrote, later = group_changes.alias("wrote"), group_changes.alias("later")
    same_cell = and_(
        later.c.face_key == wrote.c.face_key,
        later.c.other_key == wrote.c.other_key,
        later.c.kind == wrote.c.kind,
    )
    return (
        select(later.c.key)
        .select_from(wrote.join(later, same_cell))
        .where(
            wrote.c.edit_key == edit.key,
            standing(wrote),
            writing(wrote),
            later.c.edit_key > edit.key,
            standing(later),
        )
    )


def _named_since(edit: GroupEdit) -> Select[Any]:
    left, named = group_changes.alias("left"), group_changes.alias("named")
    the_group = and_(
        left.c.kind == CellKind.MEMBER.value,
        left.c.before_confirmed,
        named.c.kind == CellKind.NAME.value,
        named.c.other_key == left.c.before_key,
    )
    return (
        select(named.c.key)
        .select_from(left.join(named, the_group))
        .where(
            left.c.edit_key == edit.key,
            standing(left),
            writing(left),
            named.c.edit_key > edit.key,
            standing(named),
            writing(named),
        )
    )


def standing(table: Any = group_changes) -> ColumnElement[bool]:
    """Return the condition that a change was not taken back."""
    condition: ColumnElement[bool] = table.c.undone_by.is_(None)
    return condition


def writing(table: Any = group_changes) -> ColumnElement[bool]:
    """Return the condition that a change changed anything."""
    return or_(table.c.before_key != table.c.after_key, table.c.before_confirmed != table.c.after_confirmed)


def _edits(collection_key: int | None = None) -> Select[Any]:
    joined = group_edits.outerjoin(_undoing, group_edits.c.undone_by == _undoing.c.key)
    joined = joined.outerjoin(_undone, group_edits.c.undoes == _undone.c.key)
    names = (_undone.c.edit_id.label("undoes_id"), _undoing.c.edit_id.label("undone_by_id"))
    query = select(*group_edits.c, *names).select_from(joined)
    return query if collection_key is None else query.where(group_edits.c.collection_key == collection_key)


def _change(row: Row[Any]) -> CellChange:
    return CellChange(
        Cell(CellKind(row.kind), row.face_key, row.other_key),
        CellValue(row.before_key, row.before_confirmed),
        CellValue(row.after_key, row.after_confirmed),
    )


def _edit(row: Row[Any], face_count: int) -> GroupEdit:
    return GroupEdit(
        key=row.key,
        edit_id=row.edit_id,
        kind=EditKind(row.kind),
        made_at=in_utc(row.made_at),
        made_by=row.made_by,
        request_id=row.request_id,
        faces=face_count,
        undoes=row.undoes_id,
        undone_by=row.undone_by_id,
    )

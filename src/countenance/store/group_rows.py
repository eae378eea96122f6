"""The rows of groups rid of whoever is erased: faces, users and whole collections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, or_, select, update

from countenance.gallery.groups.cells import CellKind
from countenance.store.group_tables import (
    face_groups,
    faces_apart,
    faces_not_in,
    group_changes,
    group_edits,
    grouped_faces,
)
from countenance.store.rows import in_parts
from countenance.store.tables import faces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from countenance.gallery.values import Collection

_OF_USERS = (CellKind.USER.value, CellKind.NAME.value)


def forget_faces(connection: Connection, keys: Sequence[int]) -> None:
    """Take faces out of groups, constraints and the history."""
    for part in in_parts(keys):
        connection.execute(delete(grouped_faces).where(grouped_faces.c.face_key.in_(part)))
        connection.execute(delete(faces_not_in).where(faces_not_in.c.face_key.in_(part)))
        for column in (faces_apart.c.face_key, faces_apart.c.other_key):
            connection.execute(delete(faces_apart).where(column.in_(part)))
        mentions = group_changes.c.face_key.in_(part)
        connection.execute(delete(group_changes).where(mentions))
        pairs = and_(group_changes.c.kind == CellKind.APART.value, group_changes.c.other_key.in_(part))
        connection.execute(delete(group_changes).where(pairs))


def forget_users(connection: Connection, keys: Sequence[int]) -> None:
    """Let no group be these users any more, and the history not say that any was."""
    for part in in_parts(keys):
        named = update(face_groups).where(face_groups.c.user_key.in_(part))
        connection.execute(named.values(user_key=None))
        found_or_left = or_(group_changes.c.before_key.in_(part), group_changes.c.after_key.in_(part))
        said = and_(group_changes.c.kind.in_(_OF_USERS), found_or_left)
        connection.execute(delete(group_changes).where(said))
        made = and_(group_changes.c.kind == CellKind.MADE.value, group_changes.c.other_key.in_(part))
        connection.execute(delete(group_changes).where(made))


def forget_groups_of(connection: Connection, user_key: int) -> None:
    """Dissolve the groups that a user is, and forget whatever the history says of their faces."""
    theirs = select(face_groups.c.key).where(face_groups.c.user_key == user_key)
    groups = list(connection.execute(theirs).scalars())
    members = select(grouped_faces.c.face_key).where(grouped_faces.c.group_key.in_(groups))
    forget_faces(connection, list(connection.execute(members).scalars()))
    connection.execute(delete(faces_not_in).where(faces_not_in.c.group_key.in_(groups)))
    said = and_(group_changes.c.kind == CellKind.NOT_IN.value, group_changes.c.other_key.in_(groups))
    connection.execute(delete(group_changes).where(said))
    forget_users(connection, [user_key])


def delete_groups_of(connection: Connection, collection: Collection) -> None:
    """Delete all groups of a collection, and their history."""
    theirs = group_edits.c.collection_key == collection.key
    edits = select(group_edits.c.key).where(theirs)
    connection.execute(delete(group_changes).where(group_changes.c.edit_key.in_(edits)))
    connection.execute(delete(group_edits).where(theirs))
    groups = select(face_groups.c.key).where(face_groups.c.collection_key == collection.key)
    of_it = select(faces.c.key).where(faces.c.collection_key == collection.key)
    connection.execute(delete(faces_apart).where(faces_apart.c.face_key.in_(of_it)))
    for table in (grouped_faces, faces_not_in):
        connection.execute(delete(table).where(table.c.group_key.in_(groups)))
    connection.execute(delete(face_groups).where(face_groups.c.collection_key == collection.key))

"""Reads of groups and of what people say of them, within one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, cast, func, select

from countenance.errors import GroupNotFound
from countenance.gallery.groups import Constraints, Group, GroupedFace, GroupState, Membership
from countenance.store.group_history import GroupHistoryReading
from countenance.store.group_tables import face_groups, faces_apart, faces_not_in, grouped_faces
from countenance.store.rows import USER, as_collection, as_face, as_user, faces_of, in_parts, in_utc
from countenance.store.tables import collections, faces, users

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Row, Select, Table

    from countenance.gallery.values import Collection, User

_FACES = func.count(grouped_faces.c.face_key)
_CONFIRMED = func.sum(cast(grouped_faces.c.confirmed, Integer))


class GroupReading(GroupHistoryReading):
    """Implements `GroupReader` on a connection whose transaction has begun."""

    def count_groups(self, collection: Collection, state: GroupState | None = None) -> int:
        """Return how many groups the collection has, of one state or of any."""
        counted = select(func.count()).select_from(_groups(collection, state).subquery())
        return int(self._connection.execute(counted).scalar_one())

    def groups(
        self, collection: Collection, *, after_key: int, most: int, state: GroupState | None = None
    ) -> list[Group]:
        """Return groups by ascending key, from the first greater than ``after_key``."""
        query = _groups(collection, state).where(face_groups.c.key > after_key)
        rows = self._connection.execute(query.order_by(face_groups.c.key).limit(most))
        return [_group(row) for row in rows]

    def group(self, collection: Collection, group_id: str) -> Group:
        """Return one; raises GroupNotFound."""
        query = _groups(collection).where(face_groups.c.group_id == group_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise GroupNotFound(
                f"the collection {collection.collection_id} has no group {group_id}; a group that has no "
                "face any more, such as after a merge, is not there"
            )
        return _group(row)

    def groups_by_key(self, collection: Collection, keys: Sequence[int]) -> dict[int, Group]:
        """Return those of the groups that are there."""
        return {
            row.key: _group(row)
            for part in in_parts(keys)
            for row in self._connection.execute(_groups(collection).where(face_groups.c.key.in_(part)))
        }

    def grouped_faces(
        self, collection: Collection, group: Group, *, after_key: int, most: int
    ) -> list[GroupedFace]:
        """Return a group's faces by ascending key, from the first greater than ``after_key``."""
        theirs = select(grouped_faces.c.face_key, grouped_faces.c.confirmed).where(
            grouped_faces.c.group_key == group.key, grouped_faces.c.face_key > after_key
        )
        rows = self._connection.execute(theirs.order_by(grouped_faces.c.face_key).limit(most))
        confirmed = {row.face_key: row.confirmed for row in rows}
        found = {
            row.key: as_face(row)
            for part in in_parts(list(confirmed))
            for row in self._connection.execute(faces_of(collection).where(faces.c.key.in_(part)))
        }
        return [GroupedFace(found[key], is_confirmed) for key, is_confirmed in confirmed.items()]

    def memberships(
        self,
        collection: Collection,
        *,
        groups: Sequence[int] | None = None,
        faces: Sequence[int] | None = None,
    ) -> list[Membership]:
        """Return which face is in which group, by ascending face; of some groups or some faces, or of all."""
        query: Select[Any] = select(grouped_faces)  # no key is ever that of another collection's
        if groups is not None:
            rows = self._in_parts(query, grouped_faces.c.group_key, groups)
        elif faces is not None:
            rows = self._in_parts(query, grouped_faces.c.face_key, faces)
        else:
            joined = query.join(face_groups, grouped_faces.c.group_key == face_groups.c.key)
            of_it = joined.where(face_groups.c.collection_key == collection.key)
            rows = list(self._connection.execute(of_it))
        found = [Membership(row.face_key, row.group_key, row.confirmed) for row in rows]
        return sorted(found, key=lambda membership: membership.face_key)

    def users_of_faces(self, collection: Collection, keys: Sequence[int]) -> dict[int, int]:
        """Return, of those of the faces that exist, the key of their user, 0 for none."""
        theirs = select(faces.c.key, faces.c.user_key).where(faces.c.collection_key == collection.key)
        return {row.key: row.user_key or 0 for row in self._in_parts(theirs, faces.c.key, keys)}

    def group_constraints(
        self, collection: Collection, *, groups: Sequence[int], faces: Sequence[int]
    ) -> Constraints:
        """Return what is said of any of the faces and another of them, or of any of them and a group."""
        del collection  # keys are never those of another collection's faces
        these, those = set(faces), set(groups)
        apart = self._in_parts(select(faces_apart), faces_apart.c.face_key, faces)
        not_in = self._in_parts(select(faces_not_in), faces_not_in.c.face_key, faces)
        return Constraints(
            tuple((row.face_key, row.other_key) for row in apart if row.other_key in these),
            tuple((row.face_key, row.group_key) for row in not_in if row.group_key in those),
        )

    def all_group_constraints(self, collection: Collection) -> Constraints:
        """Return all that was said."""
        return Constraints(self._said(collection, faces_apart), self._said(collection, faces_not_in))

    def members_of_named(self, collection: Collection, user: User) -> list[Membership]:
        """Return who is in the groups that a user is."""
        theirs = select(face_groups.c.key).where(face_groups.c.user_key == user.key)
        return self.memberships(collection, groups=list(self._connection.execute(theirs).scalars()))

    def is_named(self, user: User) -> bool:
        """Tell whether any group is said to be a user, also one that has no faces at the moment."""
        query = select(face_groups.c.key).where(face_groups.c.user_key == user.key).limit(1)
        return self._connection.execute(query).one_or_none() is not None

    def named_groups(self, user_id: str | None = None) -> list[tuple[Collection, User]]:
        """Return the users, or the one of an id, who groups are said to be, in all collections."""
        named = select(face_groups.c.key).where(face_groups.c.user_key == users.c.key).exists()
        query: Select[Any] = select(*USER, users.c.collection_key).where(named).order_by(users.c.key)
        if user_id is not None:
            query = query.where(users.c.user_id == user_id)
        rows = self._connection.execute(query).all()
        owners = {row.collection_key for row in rows}
        seen = select(collections).where(collections.c.key.in_(owners), collections.c.deleted_at.is_(None))
        by_key = {row.key: as_collection(row) for row in self._connection.execute(seen)}
        return [(by_key[row.collection_key], as_user(row)) for row in rows if row.collection_key in by_key]

    def _said(self, collection: Collection, table: Table) -> tuple[tuple[int, int], ...]:
        joined = table.join(faces, table.c.face_key == faces.c.key)
        query = select(*table.c).select_from(joined).where(faces.c.collection_key == collection.key)
        return tuple((one, other) for one, other in self._connection.execute(query))

    def _in_parts(
        self, query: Select[Any], column: ColumnElement[Any], keys: Sequence[int]
    ) -> list[Row[Any]]:
        return [
            row for part in in_parts(keys) for row in self._connection.execute(query.where(column.in_(part)))
        ]


def _groups(collection: Collection, state: GroupState | None = None) -> Select[Any]:
    joined = face_groups.join(grouped_faces, grouped_faces.c.group_key == face_groups.c.key)
    joined = joined.outerjoin(users, face_groups.c.user_key == users.c.key)
    own = (face_groups.c.key, face_groups.c.group_id, face_groups.c.user_key, face_groups.c.created_at)
    columns = (*own, users.c.user_id, _FACES.label("face_count"), _CONFIRMED.label("confirmed_count"))
    query = select(*columns).select_from(joined).where(face_groups.c.collection_key == collection.key)
    query = query.group_by(*own, users.c.user_id)
    if state is not None:
        query = query.having(_CONFIRMED > 0 if state is GroupState.CONFIRMED else _CONFIRMED == 0)
    return query


def _group(row: Row[Any]) -> Group:
    return Group(
        key=row.key,
        group_id=row.group_id,
        user_id=row.user_id,
        user_key=row.user_key,
        face_count=row.face_count,
        confirmed_count=row.confirmed_count,
        created_at=in_utc(row.created_at),
    )

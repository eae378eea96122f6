"""Which faces are due for erasure, and which must not be used: `governance.expiry_of`, as SQL says it.

The statements are built once for each kind of policy: building them takes longer than running them.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, or_, select

from countenance.store.governance_tables import consents, holds
from countenance.store.rows import in_parts
from countenance.store.tables import faces, subjects, users

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Select

    from countenance.gallery.values import Collection
    from countenance.governance import Due

    _Time = ColumnElement[Any] | datetime | None


class DueReader:
    """The part of `GovernanceReader` and `GalleryReader` that is about the end of faces' stay."""

    _connection: Connection

    def due_faces(self, collection_key: int, due: Due, most: int) -> list[int]:
        """Return keys of faces that are due for erasure, ascending; those under a hold are left out."""
        query = _due_query(*_ends_of(due)).order_by(faces.c.key).limit(bindparam("most"))
        rows = self._connection.execute(query, _values(due) | {"collection": collection_key, "most": most})
        return list(rows.scalars())

    def count_due_faces(self, collection_key: int, due: Due) -> int:
        """Return how many faces are due for erasure, without those under a hold."""
        query = _due_query(*_ends_of(due)).with_only_columns(func.count(faces.c.key))
        rows = self._connection.execute(query, _values(due) | {"collection": collection_key})
        return int(rows.scalar_one())

    def count_due_faces_until(self, collection_key: int, dues: Sequence[Due]) -> list[int]:
        """Return how many faces are due at each of several times of one policy, earliest first.

        Faces under a hold are left out. What is due stays due, so that whatever is due at any of the times is
        due at the last one, and a collection is looked through once.
        """
        earlier = [func.count(case((or_(*_ends(*_told(due))), 1))) for due in dues[:-1]]
        query = _due_query(*_ends_of(dues[-1])).with_only_columns(*earlier, func.count(faces.c.key))
        values = _values(dues[-1]) | {"collection": collection_key}
        return [int(many) for many in self._connection.execute(query, values).one()]

    def unusable_faces(self, collection: Collection, keys: Sequence[int], due: Due) -> set[int]:
        """Return those of the faces that must not be used now: due for erasure, or without consent."""
        return self._unusable("key", collection, keys, due)

    def unusable_users(self, collection: Collection, keys: Sequence[int], due: Due) -> set[int]:
        """Return those of the users that have a face that must not be used now."""
        return self._unusable("user_key", collection, keys, due)

    def _unusable(self, column: str, collection: Collection, keys: Sequence[int], due: Due) -> set[int]:
        query, values = _unusable_query(column, *_ends_of(due)), _values(due)
        return {
            key
            for part in in_parts(keys)
            for key in self._connection.execute(
                query, values | {"collection": collection.key, "keys": part}
            ).scalars()
        }


def ended(before: ColumnElement[Any] | datetime) -> ColumnElement[bool]:
    """Return the condition that a consent ended before a time; it is never unknown, so it can be denied."""
    ends = (consents.c.withdrawn_at, consents.c.expires_at)
    return or_(*(and_(end.is_not(None), end <= before) for end in ends))


def _ends_of(due: Due) -> tuple[bool, bool, bool]:
    """Return which ends a policy sets: after enrolment, after the last interaction, with the consent."""
    return (
        due.enrolled_before is not None,
        due.last_interaction_before is not None,
        due.consent_purpose is not None,
    )


def _values(due: Due) -> dict[str, Any]:
    values = {
        "enrolled_before": due.enrolled_before,
        "last_interaction_before": due.last_interaction_before,
        "purpose": due.consent_purpose,
        "now": due.now,
    }
    return {name: value for name, value in values.items() if value is not None}


@functools.cache
def _due_query(enrolled: bool, interacted: bool, consented: bool) -> Select[Any]:
    names = or_(holds.c.subject == faces.c.external_image_id, holds.c.subject == users.c.user_id)
    held = select(holds.c.key).where(holds.c.released_at.is_(None), names).exists()
    return _faces(faces.c.key).where(or_(*_ends(*_bound(enrolled, interacted, consented))), ~held)


@functools.cache
def _unusable_query(column: str, enrolled: bool, interacted: bool, consented: bool) -> Select[Any]:
    reasons = _ends(*_bound(enrolled, interacted, consented))
    if consented:
        valid = (consents.c.given_at <= _now(), ~ended(_now()))
        reasons.append(~select(consents.c.key).where(_theirs(), *valid).exists())
    wanted = faces.c[column].in_(bindparam("keys", expanding=True))
    return _faces(faces.c[column]).where(or_(*reasons), wanted).distinct()


def _faces(column: ColumnElement[Any]) -> Select[Any]:
    joined = faces.join(subjects, faces.c.subject_key == subjects.c.key)
    joined = joined.outerjoin(users, faces.c.user_key == users.c.key)
    return select(column).select_from(joined).where(faces.c.collection_key == bindparam("collection"))


def _bound(enrolled: bool, interacted: bool, consented: bool) -> tuple[_Time, _Time, _Time]:
    """Return the times of ends that are told when the statement is run."""
    return (
        bindparam("enrolled_before") if enrolled else None,
        bindparam("last_interaction_before") if interacted else None,
        _now() if consented else None,
    )


def _told(due: Due) -> tuple[_Time, _Time, _Time]:
    """Return the times of ends as they are."""
    consented = due.now if due.consent_purpose is not None else None
    return due.enrolled_before, due.last_interaction_before, consented


def _ends(enrolled: _Time, interacted: _Time, consented: _Time) -> list[ColumnElement[bool]]:
    ends: list[ColumnElement[bool]] = [faces.c.key < 0]  # an empty `or` would be no condition at all
    if enrolled is not None:
        ends.append(faces.c.enrolled_at <= enrolled)
    if interacted is not None:
        ends.append(subjects.c.last_interaction_at <= interacted)
    if consented is not None:
        ever: Select[Any] = select(consents.c.key).where(_theirs())
        ends.append(and_(ever.exists(), ~ever.where(~ended(consented)).exists()))
    return ends


def _theirs() -> ColumnElement[bool]:
    consenting = func.coalesce(faces.c.external_image_id, users.c.user_id)
    return and_(consents.c.subject == consenting, consents.c.purpose == bindparam("purpose"))


def _now() -> ColumnElement[Any]:
    return bindparam("now", type_=consents.c.given_at.type)

"""The names under which people are enrolled, as SQL asks for them: each once, whatever collections know them.

A subject's row is named after what makes it one (`gallery.values.subject_name`); a name that is somebody's
external image id in one collection and their user id in another is one name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, or_, select

from countenance.store.tables import collections, subjects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select

_EXTERNAL, _USER = "external:", "user:"


def named_after(after_key: int, like: str, collection_keys: Sequence[int] | None) -> Select[Any]:
    """Return the query for names and the key of the first row of each, where that comes after a key.

    Args:
        after_key: the key.
        like: a part of the names.
        collection_keys: in which collections, None for all.
    """
    name = _name()
    earlier = subjects.alias("earlier")
    is_earlier = and_(
        earlier.c.name.in_([_EXTERNAL + name, _USER + name]),
        earlier.c.key < subjects.c.key,
        _within(earlier.c.collection_key, collection_keys),
    )
    query = select(subjects.c.key, name.label("name")).where(
        subjects.c.key > after_key,
        _is_named(),
        _within(subjects.c.collection_key, collection_keys),
        ~select(earlier.c.key).where(is_earlier).exists(),
    )
    return query.where(name.icontains(like, autoescape=True)) if like else query


def rows_of_names(names: Sequence[str], collection_keys: Sequence[int] | None) -> Select[Any]:
    """Return the query for all rows of names, in the order of their collections."""
    both = [prefix + name for name in names for prefix in (_EXTERNAL, _USER)]
    joined = subjects.join(collections, subjects.c.collection_key == collections.c.key)
    columns = (_name().label("name"), collections.c.collection_id, subjects.c.last_interaction_at)
    rows = select(*columns).select_from(joined).order_by(collections.c.key)
    rows = rows.where(subjects.c.name.in_(both), collections.c.deleted_at.is_(None))
    return rows if collection_keys is None else rows.where(collections.c.key.in_(collection_keys))


def _within(column: ColumnElement[int], collection_keys: Sequence[int] | None) -> ColumnElement[bool]:
    # Asked row by row, so that a database goes through subjects by their keys and stops when it has enough.
    there = select(collections.c.key).where(collections.c.key == column, collections.c.deleted_at.is_(None))
    if collection_keys is not None:
        there = there.where(collections.c.key.in_(collection_keys))
    return there.exists()


def _is_named() -> ColumnElement[bool]:
    return or_(subjects.c.name.startswith(_EXTERNAL), subjects.c.name.startswith(_USER))


def _name() -> ColumnElement[str]:
    """Return what follows the prefix."""
    is_users = subjects.c.name.startswith(_USER)
    start = case((is_users, len(_USER) + 1), else_=len(_EXTERNAL) + 1)
    return func.substr(subjects.c.name, start, type_=subjects.c.name.type)

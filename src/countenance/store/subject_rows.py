"""The rows of subjects: made with a key from the tree, found, touched, and deleted when nobody needs them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from countenance.errors import TemplateBroken
from countenance.store.rows import in_parts
from countenance.store.sealing import data_keys
from countenance.store.tables import dead_leaves, faces, ledger_head, subjects, users

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from sqlalchemy import Connection, Row, Select

    from countenance.gallery.values import Collection
    from countenance.store.key_tree import KeyTree


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject's row and its data key; ``is_new`` tells whether it was made just now."""

    key: int
    data_key: AESGCM
    is_new: bool


def subjects_named(
    connection: Connection, tree: KeyTree, collection: Collection, names: Sequence[str], now: datetime
) -> dict[str, Subject]:
    """Return subjects by name, making those that are not there yet; the caller holds the lock on writers.

    Raises:
        TemplateBroken: the key of one was destroyed, so nothing can be sealed for it.
    """
    found = _rows(connection, collection, names)
    known = {row.name for row in found}
    absent = [name for name in names if name not in known]
    if absent:
        leaves = new_leaves(connection, tree, len(absent))
        rows = [
            {"collection_key": collection.key, "name": name, "leaf": leaf, "last_interaction_at": now}
            for name, leaf in zip(absent, leaves, strict=True)
        ]
        connection.execute(insert(subjects), rows)
        found += _rows(connection, collection, absent)
    keys = data_keys(tree, [row.leaf for row in found])
    if any(row.leaf not in keys for row in found):
        raise TemplateBroken("the data key of a subject was destroyed; restart the server to erase it again")
    return {row.name: Subject(row.key, keys[row.leaf], row.name not in known) for row in found}


def touch(connection: Connection, keys: Sequence[int], now: datetime) -> None:
    """Note that there was something to do with these subjects."""
    for part in in_parts(keys):
        connection.execute(update(subjects).where(subjects.c.key.in_(part)).values(last_interaction_at=now))


def delete_unused_subjects(connection: Connection, keys: Sequence[int]) -> bool:
    """Delete those of the subjects that no face and no user refers to; tells whether there were any.

    Their leaves are noted, since their keys can be destroyed only after the transaction.
    """
    of_a_face = select(faces.c.key).where(faces.c.subject_key == subjects.c.key).exists()
    of_a_user = select(users.c.key).where(users.c.subject_key == subjects.c.key).exists()
    deleted = False
    for part in in_parts(sorted(set(keys))):
        unused = delete(subjects).where(subjects.c.key.in_(part), ~of_a_face, ~of_a_user)
        leaves = connection.execute(unused.returning(subjects.c.leaf)).scalars().all()
        deleted |= bury(connection, leaves)
    return deleted


def bury(connection: Connection, leaves: Sequence[int]) -> bool:
    """Note keys that are to be destroyed after the transaction; tells whether there are any."""
    if leaves:
        connection.execute(insert(dead_leaves), [{"leaf": leaf} for leaf in leaves])
    return bool(leaves)


def delete_subjects_of(connection: Connection, collection: Collection) -> bool:
    """Delete all subjects of a collection that has no faces and users left; tells whether there were any."""
    theirs = subjects.c.collection_key == collection.key
    connection.execute(insert(dead_leaves).from_select(["leaf"], select(subjects.c.leaf).where(theirs)))
    return connection.execute(delete(subjects).where(theirs)).rowcount > 0


def name_request(connection: Connection, request: str) -> None:
    """Note which request it was that deleted the subjects of this transaction."""
    unnamed = update(dead_leaves).where(dead_leaves.c.request.is_(None))
    connection.execute(unnamed.values(request=request))


def new_leaves(connection: Connection, tree: KeyTree, count: int) -> list[int]:
    """Return leaves that nobody ever had, and that are live; the caller holds the lock on writers.

    A database that was restored does not know which ones were given out after it was copied; of those, the
    destroyed are passed over here.
    """
    following, leaves = connection.execute(select(ledger_head.c.next_leaf)).scalar_one(), []
    for _ in range(count):
        leaves.append(tree.first_live(following))
        following = leaves[-1] + 1
    connection.execute(update(ledger_head).values(next_leaf=following))
    return leaves


def _rows(connection: Connection, collection: Collection, names: Sequence[str]) -> list[Row[Any]]:
    columns: tuple[Any, ...] = (subjects.c.key, subjects.c.name, subjects.c.leaf)
    theirs: Select[Any] = select(*columns).where(subjects.c.collection_key == collection.key)
    return [
        row for part in in_parts(names) for row in connection.execute(theirs.where(subjects.c.name.in_(part)))
    ]

"""Which faces and users each change touched, so that the search indexes of other processes can follow.

Writers come one after the other, so the order of the notes is that of the changes. No note says what was
changed: who follows looks at how things are now.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import Column, DateTime, LargeBinary, String, Table, delete, func, insert, select

from countenance.gallery.values import NotedChange
from countenance.store.tables import Key, metadata

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

# Without a reference to the collection, which may be what was deleted.
index_changes = Table(
    "index_changes",
    metadata,
    Column("sequence", Key, primary_key=True, autoincrement=True),
    Column("made_by", String(32), nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, index=True),
    Column("collection_key", Key, nullable=False),
    Column("face_keys", LargeBinary, nullable=False),
    Column("user_keys", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)


class IndexChangeReading:
    """What `GalleryReader` tells of noted changes."""

    _connection: Connection

    def newest_change(self) -> int:
        """Return the number of the newest note, 0 where there never was one."""
        newest = select(func.max(index_changes.c.sequence))
        return int(self._connection.execute(newest).scalar_one() or 0)

    def changes_after(self, sequence: int, most: int) -> list[NotedChange] | None:
        """Return notes by ascending number; None where some after this one are forgotten already."""
        oldest = self._connection.execute(select(func.min(index_changes.c.sequence))).scalar_one()
        if oldest is not None and oldest > sequence + 1:
            return None
        query = select(index_changes).where(index_changes.c.sequence > sequence)
        rows = self._connection.execute(query.order_by(index_changes.c.sequence).limit(most))
        return [
            NotedChange(
                sequence=row.sequence,
                made_by=row.made_by,
                collection_key=row.collection_key,
                face_keys=np.frombuffer(row.face_keys, "<i8").tolist(),
                user_keys=np.frombuffer(row.user_keys, "<i8").tolist(),
            )
            for row in rows
        ]


class IndexChangeWriting:
    """What `GalleryWriter` notes of changes."""

    _connection: Connection

    def note_change(
        self, made_by: str, collection_key: int, face_keys: Sequence[int], user_keys: Sequence[int]
    ) -> None:
        """Note what a change touched."""
        values = {
            "made_by": made_by,
            "made_at": datetime.now(UTC),
            "collection_key": collection_key,
            "face_keys": np.array(face_keys, "<i8").tobytes(),
            "user_keys": np.array(user_keys, "<i8").tobytes(),
        }
        self._connection.execute(insert(index_changes).values(values))

    def forget_changes(self, made_before: datetime) -> None:
        """Forget the notes before a time, but for the newest: its number tells who missed some."""
        newest = select(func.max(index_changes.c.sequence)).scalar_subquery()
        old = (index_changes.c.made_at < made_before, index_changes.c.sequence < newest)
        self._connection.execute(delete(index_changes).where(*old))

"""The rows of what pictures came with: kept, found, and deleted with the last face of the picture."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from countenance.archive.values import KeptRecord, PictureRecord
from countenance.store.picture_tables import picture_records
from countenance.store.rows import in_parts, in_utc
from countenance.store.tables import faces, subjects

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from countenance.gallery.values import Collection


class PictureReading:
    """Implements `PictureRecordReader`."""

    _connection: Connection

    def records_of_pictures(
        self, collection: Collection, image_ids: Sequence[str]
    ) -> dict[str, list[PictureRecord]]:
        """Return, by image id, what those of the pictures that came with something came with."""
        found: dict[str, list[PictureRecord]] = {}
        query = select(picture_records.c.image_id, picture_records.c.record)
        query = query.where(picture_records.c.collection_key == collection.key).order_by(
            picture_records.c.key
        )
        for part in in_parts(sorted(set(image_ids))):
            for row in self._connection.execute(query.where(picture_records.c.image_id.in_(part))):
                found.setdefault(row.image_id, []).append(PictureRecord.from_json(json.loads(row.record)))
        return found

    def picture_records(self, collection: Collection, *, after_key: int, most: int) -> list[KeptRecord]:
        """Return records by ascending key, from the first greater than ``after_key``."""
        these = (picture_records.c.collection_key == collection.key, picture_records.c.key > after_key)
        query = select(picture_records).where(*these).order_by(picture_records.c.key).limit(most)
        return [
            KeptRecord(row.key, row.image_id, PictureRecord.from_json(json.loads(row.record)))
            for row in self._connection.execute(query)
        ]


class PictureWriting(PictureReading):
    """Implements `PictureRecordWriter`."""

    def add_picture_records(
        self, collection: Collection, records: Sequence[tuple[str, PictureRecord]]
    ) -> int:
        """Keep what pictures came with, by image id; what is there stays; returns how many are new."""
        wanted = {(image_id, record.digest): record for image_id, record in records}
        image_ids = sorted({image_id for image_id, _ in wanted})
        shown, known = set(), set()
        of_faces = select(faces.c.image_id).where(faces.c.collection_key == collection.key).distinct()
        of_records = select(picture_records.c.image_id, picture_records.c.digest)
        of_records = of_records.where(picture_records.c.collection_key == collection.key)
        for part in in_parts(image_ids):
            shown |= set(self._connection.execute(of_faces.where(faces.c.image_id.in_(part))).scalars())
            rows = self._connection.execute(of_records.where(picture_records.c.image_id.in_(part)))
            known |= {(row.image_id, row.digest) for row in rows}
        new = [
            {
                "collection_key": collection.key,
                "image_id": image_id,
                "digest": digest,
                "record": record.text(),
            }
            for (image_id, digest), record in wanted.items()
            if image_id in shown and (image_id, digest) not in known
        ]
        if new:
            self._connection.execute(insert(picture_records), new)
        return len(new)

    def set_interactions(self, collection: Collection, times: Mapping[str, datetime]) -> None:
        """Note when there was last something to do with subjects, by name; later times change nothing."""
        if not times:
            return
        this = (subjects.c.collection_key == collection.key, subjects.c.name == bindparam("subject"))
        later = subjects.c.last_interaction_at > bindparam("at", type_=subjects.c.last_interaction_at.type)
        change = update(subjects).where(*this, later)
        change = change.values(last_interaction_at=bindparam("at", type_=subjects.c.last_interaction_at.type))
        values = [{"subject": name, "at": in_utc(at)} for name, at in times.items()]
        self._connection.execute(change, values)


def forget_pictures(connection: Connection, collection: Collection, image_ids: Sequence[str]) -> None:
    """Delete what pictures came with of which no face is left in the collection."""
    theirs = picture_records.c.collection_key == collection.key
    for part in in_parts(sorted(set(image_ids))):
        _forget(connection, theirs, picture_records.c.image_id.in_(part))


def forget_pictures_without_faces(connection: Connection) -> None:
    """Delete what pictures of any collection came with of which no face is left."""
    _forget(connection)


def forget_pictures_of(connection: Connection, collection: Collection) -> None:
    """Delete what the pictures of a collection came with."""
    connection.execute(delete(picture_records).where(picture_records.c.collection_key == collection.key))


def _forget(connection: Connection, *these: ColumnElement[Any]) -> None:
    shown = select(faces.c.key).where(
        faces.c.collection_key == picture_records.c.collection_key,
        faces.c.image_id == picture_records.c.image_id,
    )
    connection.execute(delete(picture_records).where(*these, ~shown.exists()))

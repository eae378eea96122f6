"""Export a collection with its templates, to move it to another server.

1. Ask whether the caller may: it is as if templates were made of everybody's pictures, so a moratorium on
   that holds here; and since they are other people's, it takes an administrator's key.
2. Page by page, as of one moment: record to the ledger whose templates are disclosed, then write them.
3. Users, what pictures came with, and the manifest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.archive.exports import ROWS_AT_ONCE, ExportedFace, ExportManifest, ExportWriter
from countenance.errors import NotPermitted
from countenance.operations.imports.ports import archive_reader
from countenance.operations.usable import usable_faces

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from countenance.gallery import Gallery
    from countenance.gallery.values import Collection, EnrolledFace
    from countenance.operations.acts import Act
    from countenance.operations.imports.ports import ArchiveReader


@dataclass(frozen=True, slots=True)
class Exported:
    """What was exported; ``left_out`` counts faces whose consent or time had ended."""

    faces: int
    left_out: int
    users: int
    records: int


def export_collection(
    gallery: Gallery,
    act: Act,
    collection_id: str,
    folder: Path,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Exported:
    """Write a collection into a new folder.

    Faces that must not be used any more are left out.

    Args:
        gallery: the collections.
        act: who asks.
        collection_id: which.
        folder: where to; it must be empty or not be there.
        progress: is told how many of how many faces are written.

    Raises:
        NotPermitted: the caller's key is no administrator's, or a moratorium is in force.
        CollectionNotFound: there is no such collection.
        ExportInvalid: nothing can be written there, or something is there.
        ExtraMissing: pyarrow is not installed.
        TemplateBroken: a template was altered.
    """
    # 1
    act.permit("export_collection", collection_id)
    if not act.caller.administrator:
        raise NotPermitted(
            "an export discloses everybody's templates; it needs an administrator's access key"
        )
    with gallery.reading() as plain:
        reader = archive_reader(plain)
        collection = reader.collection(collection_id)
        total = reader.count_faces(collection)
        dimensions = _dimensions(reader, collection)
        tags = reader.tags(collection)
        exported_at = datetime.now(UTC).isoformat(timespec="seconds")
        with ExportWriter(folder, dimensions) as writer:
            # 2
            faces = _write_faces(act, reader, collection, writer, lambda done: progress(done, total))
            # 3
            users = _write_users(reader, collection, writer)
            records = _write_records(reader, collection, writer)
            made = Exported(faces, total - faces, users, records)
            act.note(faces=faces, left_out=made.left_out, users=users, records=records, pack=collection.pack)
            writer.finish(
                ExportManifest(
                    collection_id=collection.collection_id,
                    pack=collection.pack,
                    dimensions=dimensions,
                    exported_at=exported_at,
                    tags=tags,
                    faces=faces,
                    left_out=made.left_out,
                    users=users,
                    records=records,
                )
            )
    return made


def _write_faces(
    act: Act,
    reader: ArchiveReader,
    collection: Collection,
    writer: ExportWriter,
    progress: Callable[[int], None],
) -> int:
    """Write the faces that may be used; returns how many."""
    usable, after, done, written = usable_faces(act, collection), 0, 0, 0
    while page := reader.faces(collection, after_key=after, most=ROWS_AT_ONCE):
        after = page[-1].key
        faces = list(usable(reader, page)) if usable is not None else page
        with act.going_on("disclose_templates") as entry:
            entry.note(collection=collection.collection_id, faces=len(faces))
            entry.note(subjects=sorted(set(entry.subjects(reader, collection, faces))))
        writer.write_faces(_exported(reader, collection, faces))
        done, written = done + len(page), written + len(faces)
        progress(done)
    return written


def _exported(reader: ArchiveReader, collection: Collection, faces: list[EnrolledFace]) -> list[ExportedFace]:
    block = reader.templates(collection, [face.key for face in faces])
    vectors = dict(zip(block.keys.tolist(), block.vectors, strict=True))
    times = reader.last_interaction(collection, sorted({face.subject for face in faces}))
    return [
        ExportedFace(
            face_id=face.face_id,
            image_id=face.image_id,
            external_image_id=face.external_image_id,
            user_id=face.user_id,
            source=face.source,
            box=face.box,
            confidence=face.confidence,
            quality=face.quality,
            enrolled_at=face.enrolled_at,
            last_interaction_at=times.get(face.subject, face.enrolled_at),
            vector=vectors[face.key],
            portrait=reader.portrait(collection, face.face_id),
        )
        for face in faces
    ]


def _write_users(reader: ArchiveReader, collection: Collection, writer: ExportWriter) -> int:
    after, count = 0, 0
    while page := reader.users(collection, after_key=after, most=ROWS_AT_ONCE):
        writer.write_users([user.user_id for user in page])
        after, count = page[-1].key, count + len(page)
    return count


def _write_records(reader: ArchiveReader, collection: Collection, writer: ExportWriter) -> int:
    after, count = 0, 0
    while page := reader.picture_records(collection, after_key=after, most=ROWS_AT_ONCE):
        writer.write_records(page)
        after, count = page[-1].key, count + len(page)
    return count


def _dimensions(reader: ArchiveReader, collection: Collection) -> int:
    """Return how many numbers a template has; 1 where there is none."""
    faces = reader.faces(collection, after_key=0, most=1)
    if not faces:
        return 1
    return int(reader.templates(collection, [faces[0].key]).vectors.shape[1])

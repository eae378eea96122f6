"""Faces with what is sealed of them: rows of new ones, and those that come under another subject."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from countenance.errors import TemplateBroken
from countenance.store.reading import opened
from countenance.store.rows import in_utc
from countenance.store.sealing import face_data, open_sealed, portrait_data, seal, seal_template

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from sqlalchemy import Row

    from countenance.gallery.values import Collection, NewFace
    from countenance.store.subject_rows import Subject


def face_row(collection: Collection, face: NewFace, owner: Subject, now: datetime) -> dict[str, Any]:
    """Return the row of a new face."""
    place = collection.key, face.face_id, collection.pack
    portrait = face.portrait
    return {
        "collection_key": collection.key,
        "face_id": face.face_id,
        "image_id": face.image_id,
        "external_image_id": face.external_image_id,
        "subject_key": owner.key,
        "box_left": face.box.left,
        "box_top": face.box.top,
        "box_width": face.box.width,
        "box_height": face.box.height,
        "confidence": face.confidence,
        "quality": face.quality,
        "template": seal_template(owner.data_key, face.vector, face_data(*place)),
        "portrait": seal(owner.data_key, portrait, portrait_data(*place)) if portrait is not None else None,
        "source": face.source,
        "enrolled_at": now if face.enrolled_at is None else in_utc(face.enrolled_at),
    }


def sealed_anew(
    collection: Collection, row: Row[Any], opening: dict[int, AESGCM], owner: Subject
) -> dict[str, Any] | None:
    """Return what changes when a face comes under another subject, None where its template does not open."""
    place = collection.key, row.face_id, collection.pack
    try:
        template = seal_template(owner.data_key, opened(collection, row, opening), face_data(*place))
    except TemplateBroken:
        return None
    portrait = None
    if row.portrait is not None:
        with suppress(TemplateBroken):
            content = open_sealed(opening[row.leaf], row.portrait, portrait_data(*place), "a stored portrait")
            portrait = seal(owner.data_key, content, portrait_data(*place))
    return {"face": row.key, "subject": owner.key, "sealed": template, "sealed_portrait": portrait}

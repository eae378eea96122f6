"""Enrol the faces of a picture in a collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.gallery.values import NewFace
from countenance.images import portrait
from countenance.operations.probes import require_pack, template_of
from countenance.operations.questions import Enrolling
from countenance.vision.filtering import QualityLevel, RejectedFace, filter_faces

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from countenance.faces import Face
    from countenance.gallery import Gallery
    from countenance.gallery.values import EnrolledFace
    from countenance.images import Photograph
    from countenance.operations.acts import Act
    from countenance.operations.identifiers import Identifiers
    from countenance.vision import FaceAnalyzer


@dataclass(frozen=True, slots=True)
class IndexedFaces:
    """What became of a picture's faces: those enrolled, largest first, and those set aside with reasons."""

    enrolled: list[tuple[EnrolledFace, Face]]
    rejected: list[RejectedFace]
    width_px: int
    height_px: int
    pack: str


def index_faces(
    vision: FaceAnalyzer,
    gallery: Gallery,
    identifiers: Identifiers,
    act: Act,
    collection_id: str,
    open_picture: Callable[[], Photograph],
    *,
    external_image_id: str | None = None,
    source: str | None = None,
    most: int | None = None,
    level: QualityLevel = QualityLevel.AUTO,
) -> IndexedFaces:
    """Find the faces of a picture and enrol them, so that they are durable and searchable on return.

    1. Ask whether the caller may.
    2. Find the collection and check that its pack is ours.
    3. See: faces of the picture, and which of them are fit.
    4. Name them, the same each time.
    5. Store them; a face that is there already is not added again.

    Raises:
        NotPermitted: the caller's key, a moratorium or the collection's policy does not allow it.
        ConsentMissing: whose face it is has not consented, where that is required.
        PolicyInvalid: there is no such source.
        CollectionNotFound: there is no such collection.
        PacksDiffer: the collection was filled by another pack.
        ImageError: the picture cannot be read.
        GalleryFull: the collection has 20 million faces.
        StoreUnavailable: the store did not take them; none is enrolled.
    """
    # 1
    act.permit("index_faces", collection_id, enrolling=Enrolling(external_image_id, source))
    policy = act.policy
    # 2
    with gallery.reading() as reader:
        require_pack(vision, reader.collection(collection_id))
    # 3
    photograph = open_picture()
    act.note_picture(photograph)
    found = vision.faces(photograph)
    fit, rejected = filter_faces(found, level, most)
    act.note(pack=vision.pack, faces=len(found), rejected=len(rejected))
    # 4
    new = new_faces(
        identifiers,
        photograph,
        identifiers.image_id(photograph),
        external_image_id,
        found,
        fit,
        act.source,
        keeps_portraits=policy is not None and policy.keeps_portraits,
    )
    # 5
    enrolled: list[EnrolledFace] = []
    if new:
        with act.changing(gallery) as change:
            collection = change.writer.collection(collection_id)
            enrolled = change.enrol(collection, new)
            act.note(subjects=act.subjects(change.writer, collection, enrolled))
    pairs = list(zip(enrolled, fit, strict=True))
    return IndexedFaces(pairs, rejected, photograph.width_px, photograph.height_px, vision.pack)


def new_faces(
    identifiers: Identifiers,
    photograph: Photograph,
    image_id: str,
    external_image_id: str | None,
    found: Sequence[Face],
    fit: Sequence[Face],
    source: str,
    *,
    keeps_portraits: bool,
) -> list[NewFace]:
    """Return the fit ones of a picture's faces as they are enrolled, the same each time.

    Args:
        identifiers: makes their ids.
        photograph: the picture.
        image_id: its id.
        external_image_id: whose faces they are said to be.
        found: all faces that were found, largest first; each face's id follows from its place here.
        fit: those to enrol.
        source: where the picture comes from.
        keeps_portraits: whether a small picture of each is kept, too.

    Raises:
        ImageError: the picture cannot be decoded for its portraits.
    """
    places = {id(face): place for place, face in enumerate(found)}
    return [
        NewFace(
            face_id=identifiers.face_id(
                image_id, external_image_id, template_of(face).pack, places[id(face)]
            ),
            image_id=image_id,
            external_image_id=external_image_id,
            box=face.box.relative_to(photograph.width_px, photograph.height_px),
            confidence=face.confidence,
            quality=face.quality.unified_score,
            vector=template_of(face).vector,
            source=source,
            portrait=portrait(photograph, face.box) if keeps_portraits else None,
        )
        for face in fit
    ]

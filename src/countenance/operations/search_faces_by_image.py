"""Search a collection for the largest face of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from countenance.images import portrait
from countenance.operations.probes import fit_faces, require_pack, vector_of
from countenance.operations.search_faces import FaceMatch, matching_faces
from countenance.vision.filtering import QualityLevel

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.faces import Face
    from countenance.gallery import Gallery
    from countenance.images import Photograph
    from countenance.operations.acts import Act
    from countenance.vision import FaceAnalyzer


@dataclass(frozen=True, slots=True)
class FaceMatchesByImage:
    """The face that was searched for, its picture's size, and the matches, most similar first."""

    searched: Face
    width_px: int
    height_px: int
    matches: list[FaceMatch]
    pack: str


def search_faces_by_image(
    vision: FaceAnalyzer,
    gallery: Gallery,
    act: Act,
    collection_id: str,
    open_picture: Callable[[], Photograph],
    *,
    most: int,
    least_similarity: float,
    level: QualityLevel = QualityLevel.NONE,
) -> FaceMatchesByImage:
    """Return the faces of a collection that are like the largest fit face of a picture.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
        PacksDiffer: the collection was filled by another pack.
        ImageError: the picture cannot be read.
        NoFaceFound: it shows no face that is fit.
        PackNotCalibrated: the pack cannot say what a score means.
    """
    act.permit("search_faces_by_image", collection_id)
    with gallery.reading() as reader:
        collection = reader.collection(collection_id)
    require_pack(vision, collection)
    photograph = open_picture()
    act.note_picture(photograph)
    face = fit_faces(vision, photograph, level)[0]
    matches = matching_faces(
        vision,
        gallery,
        act,
        collection,
        vector_of(face),
        most=most,
        least_similarity=least_similarity,
        picture=partial(portrait, photograph, face.box),
    )
    return FaceMatchesByImage(face, photograph.width_px, photograph.height_px, matches, collection.pack)

"""Search a collection for the largest face of a picture, with what the pictures of who is found came with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.operations.imports.ports import archive_reader
from countenance.operations.search_faces_by_image import search_faces_by_image
from countenance.vision.filtering import QualityLevel

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.archive.values import PictureRecord
    from countenance.gallery import Gallery
    from countenance.images import Photograph
    from countenance.operations.acts import Act
    from countenance.operations.search_faces import FaceMatch
    from countenance.operations.search_faces_by_image import FaceMatchesByImage
    from countenance.vision import FaceAnalyzer


@dataclass(frozen=True, slots=True)
class RecordedMatch:
    """An enrolled face that is like the probe, and what its picture came with, such as articles."""

    match: FaceMatch
    records: tuple[PictureRecord, ...]


@dataclass(frozen=True, slots=True)
class RecordedMatches:
    """The answer of a search with the records of each match, most similar first."""

    answer: FaceMatchesByImage
    matches: tuple[RecordedMatch, ...]


def search_records(
    vision: FaceAnalyzer,
    gallery: Gallery,
    act: Act,
    collection_id: str,
    open_picture: Callable[[], Photograph],
    *,
    most: int,
    least_similarity: float,
    level: QualityLevel = QualityLevel.NONE,
) -> RecordedMatches:
    """Search as `search_faces_by_image` does, and add what the pictures of those found came with.

    Where people must review the answer first, there are neither matches nor records.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
        PacksDiffer: the collection was filled by another pack.
        ImageError: the picture cannot be read.
        NoFaceFound: it shows no face that is fit.
        PackNotCalibrated: the pack cannot say what a score means.
    """
    answer = search_faces_by_image(
        vision,
        gallery,
        act,
        collection_id,
        open_picture,
        most=most,
        least_similarity=least_similarity,
        level=level,
    )
    with gallery.reading() as plain:
        reader = archive_reader(plain)
        image_ids = [match.face.image_id for match in answer.matches]
        found = reader.records_of_pictures(reader.collection(collection_id), image_ids) if image_ids else {}
    matches = tuple(
        RecordedMatch(match, tuple(found.get(match.face.image_id, ()))) for match in answer.matches
    )
    act.note(records=sum(len(each.records) for each in matches))
    return RecordedMatches(answer, matches)

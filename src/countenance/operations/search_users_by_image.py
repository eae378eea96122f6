"""Search a collection's users for the largest face of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from countenance.images import portrait
from countenance.operations.probes import require_pack, vector_of
from countenance.operations.search_users import UserMatch, matching_users
from countenance.vision.filtering import QualityLevel, RejectedFace, filter_faces

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.faces import Face
    from countenance.gallery import Gallery
    from countenance.images import Photograph
    from countenance.operations.acts import Act
    from countenance.vision import FaceAnalyzer


@dataclass(frozen=True, slots=True)
class UserMatchesByImage:
    """The face that was searched for (None where no face is fit), the others, and the matches.

    ``smaller`` are fit faces that are not the largest; ``rejected`` are not fit, with reasons.
    """

    searched: Face | None
    smaller: list[Face]
    rejected: list[RejectedFace]
    width_px: int
    height_px: int
    matches: list[UserMatch]
    pack: str


def search_users_by_image(
    vision: FaceAnalyzer,
    gallery: Gallery,
    act: Act,
    collection_id: str,
    open_picture: Callable[[], Photograph],
    *,
    most: int,
    least_similarity: float,
    level: QualityLevel = QualityLevel.NONE,
) -> UserMatchesByImage:
    """Return the users of a collection that are like the largest fit face of a picture.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
        PacksDiffer: the collection was filled by another pack.
        ImageError: the picture cannot be read.
        PackNotCalibrated: the pack cannot say what a score means.
    """
    act.permit("search_users_by_image", collection_id)
    with gallery.reading() as reader:
        collection = reader.collection(collection_id)
    require_pack(vision, collection)
    photograph = open_picture()
    act.note_picture(photograph)
    fit, rejected = filter_faces(vision.faces(photograph), level)
    matches = (
        matching_users(
            vision,
            gallery,
            act,
            collection,
            vector_of(fit[0]),
            most=most,
            least_similarity=least_similarity,
            picture=partial(portrait, photograph, fit[0].box),
        )
        if fit
        else []
    )
    return UserMatchesByImage(
        searched=fit[0] if fit else None,
        smaller=fit[1:],
        rejected=rejected,
        width_px=photograph.width_px,
        height_px=photograph.height_px,
        matches=matches,
        pack=collection.pack,
    )

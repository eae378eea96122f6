"""List the faces of a collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.operations.pages import Page, page_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.gallery import Gallery
    from countenance.gallery.values import EnrolledFace
    from countenance.operations.acts import Act


@dataclass(frozen=True, slots=True)
class ListedFaces:
    """A page of faces and the pack that made their templates."""

    page: Page[EnrolledFace]
    pack: str


def list_faces(
    gallery: Gallery,
    act: Act,
    collection_id: str,
    *,
    most: int,
    after_key: int = 0,
    user_id: str | None = None,
    face_ids: Sequence[str] | None = None,
) -> ListedFaces:
    """Return faces in the order they were enrolled, only a user's or those of some ids where these are given.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
        UserNotFound: there is no such user.
    """
    act.permit("list_faces", collection_id)
    with gallery.reading() as reader:
        collection = reader.collection(collection_id)
        user = reader.user(collection, user_id) if user_id is not None else None
        page = page_of(
            lambda count: reader.faces(
                collection, after_key=after_key, most=count, user=user, face_ids=face_ids
            ),
            most,
            after_key,
        )
    return ListedFaces(page, collection.pack)

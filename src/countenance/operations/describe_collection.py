"""Tell what a collection holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countenance.gallery import Gallery
    from countenance.gallery.values import Collection
    from countenance.operations.acts import Act


@dataclass(frozen=True, slots=True)
class CollectionDescription:
    """A collection and how much it holds."""

    collection: Collection
    face_count: int
    user_count: int


def describe_collection(gallery: Gallery, act: Act, collection_id: str) -> CollectionDescription:
    """Return a collection with the numbers of its faces and users.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
    """
    act.permit("describe_collection", collection_id)
    with gallery.reading() as reader:
        collection = reader.collection(collection_id)
        return CollectionDescription(
            collection, reader.count_faces(collection), reader.count_users(collection)
        )

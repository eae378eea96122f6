"""Delete a collection with everything in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countenance.gallery import Gallery
    from countenance.operations.acts import Act


def delete_collection(gallery: Gallery, act: Act, collection_id: str) -> None:
    """Delete a collection, its faces, users and tags, and the data keys of its subjects.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
    """
    act.permit("delete_collection", collection_id)
    with act.changing(gallery) as change:
        collection = change.writer.collection(collection_id)
        act.note(faces=change.writer.count_faces(collection))
        change.delete_collection(collection)

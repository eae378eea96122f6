"""Delete a collection with everything in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countenance.access import AccessKey
    from countenance.gallery import Gallery


def delete_collection(gallery: Gallery, caller: AccessKey, collection_id: str) -> None:
    """Delete a collection, its faces, users and tags, and the data keys of its subjects.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
    """
    caller.permit("delete_collection", collection_id)
    with gallery.changing() as change:
        change.delete_collection(change.writer.collection(collection_id))

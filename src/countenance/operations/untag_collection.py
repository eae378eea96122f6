"""Take tags from a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.access import AccessKey
    from countenance.gallery import Gallery


def untag_collection(gallery: Gallery, caller: AccessKey, collection_id: str, names: Sequence[str]) -> None:
    """Remove tags by their names; a name that is not there is passed over.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
    """
    caller.permit("untag_collection", collection_id)
    with gallery.changing() as change:
        change.writer.remove_tags(change.writer.collection(collection_id), names)

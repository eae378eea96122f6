"""List the tags of a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countenance.access import AccessKey
    from countenance.gallery import Gallery


def list_tags(gallery: Gallery, caller: AccessKey, collection_id: str) -> dict[str, str]:
    """Return the collection's tags, by name.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
    """
    caller.permit("list_tags", collection_id)
    with gallery.reading() as reader:
        return reader.tags(reader.collection(collection_id))

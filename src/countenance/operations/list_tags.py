"""List the tags of a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countenance.gallery import Gallery
    from countenance.operations.acts import Act


def list_tags(gallery: Gallery, act: Act, collection_id: str) -> dict[str, str]:
    """Return the collection's tags, by name.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
    """
    act.permit("list_tags", collection_id)
    with gallery.reading() as reader:
        return reader.tags(reader.collection(collection_id))

"""List the collections that a key may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.operations.pages import Page, page_of

if TYPE_CHECKING:
    from countenance.gallery import Gallery
    from countenance.gallery.ports import GalleryReader
    from countenance.gallery.values import Collection
    from countenance.operations.acts import Act

_BATCH = 1000


def list_collections(gallery: Gallery, act: Act, *, most: int, after_key: int = 0) -> Page[Collection]:
    """Return collections, oldest first; those that the caller's key may not use are not shown.

    Raises:
        NotPermitted: the caller's key does not allow it.
    """
    act.permit("list_collections")
    with gallery.reading() as reader:
        return page_of(lambda count: _visible(reader, act, count, after_key), most, after_key)


def _visible(reader: GalleryReader, act: Act, most: int, after_key: int) -> list[Collection]:
    seen: list[Collection] = []
    while len(seen) < most:
        batch = reader.collections(after_key=after_key, most=max(most, _BATCH))
        seen += [collection for collection in batch if act.caller.sees(collection.collection_id)]
        if len(batch) < max(most, _BATCH):
            break
        after_key = batch[-1].key
    return seen[:most]

"""List the users of a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.operations.pages import Page, page_of

if TYPE_CHECKING:
    from countenance.gallery import Gallery
    from countenance.gallery.values import User
    from countenance.operations.acts import Act


def list_users(
    gallery: Gallery, act: Act, collection_id: str, *, most: int, after_key: int = 0
) -> Page[User]:
    """Return users in the order they were created.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
    """
    act.permit("list_users", collection_id)
    with gallery.reading() as reader:
        collection = reader.collection(collection_id)
        return page_of(
            lambda count: reader.users(collection, after_key=after_key, most=count), most, after_key
        )

"""Users of a collection, which may not be there yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.errors import UserNotFound

if TYPE_CHECKING:
    from countenance.gallery.ports import GalleryReader
    from countenance.gallery.values import Collection, User


def user_or_none(reader: GalleryReader, collection: Collection, user_id: str) -> User | None:
    """Return a user, None where there is none of that id."""
    try:
        return reader.user(collection, user_id)
    except UserNotFound:
        return None

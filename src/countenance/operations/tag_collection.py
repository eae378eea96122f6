"""Put tags on a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.errors import GalleryFull
from countenance.governance.policy import governing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from countenance.gallery import Gallery
    from countenance.operations.acts import Act

MOST_TAGS = 50


def tag_collection(gallery: Gallery, act: Act, collection_id: str, tags: Mapping[str, str]) -> None:
    """Add tags, or replace those of the same name; what changes the policy needs an administrator's key.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
        GalleryFull: the collection would have more than 50 tags.
        PolicyInvalid: the tags are no policy.
    """
    act.permit("tag_collection", collection_id, tags=tags)
    act.note(tags=governing(tags))
    with act.changing(gallery) as change:
        collection = change.writer.collection(collection_id)
        require_tag_room(change.writer.tags(collection) | dict(tags))
        change.writer.set_tags(collection, tags)


def require_tag_room(tags: Mapping[str, str]) -> None:
    """Do nothing where a collection may have so many tags.

    Raises:
        GalleryFull: they are more than 50.
    """
    if len(tags) > MOST_TAGS:
        raise GalleryFull(f"{len(tags)} tags are too many; a collection may have {MOST_TAGS}")

"""Create a collection, bound to the pack in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.governance.policy import governing
from countenance.operations.tag_collection import require_tag_room

if TYPE_CHECKING:
    from collections.abc import Mapping

    from countenance.gallery import Gallery
    from countenance.gallery.values import Collection
    from countenance.operations.acts import Act
    from countenance.vision import FaceAnalyzer


def create_collection(
    vision: FaceAnalyzer, gallery: Gallery, act: Act, collection_id: str, tags: Mapping[str, str]
) -> Collection:
    """Create an empty collection whose faces the pack in use will describe.

    Raises:
        NotPermitted: the caller's key does not allow it, or the tags do not declare what must be declared.
        PolicyInvalid: the tags are no policy.
        CollectionExists: there is one of that id.
        GalleryFull: there are more than 50 tags.
    """
    act.permit("create_collection", collection_id, tags=tags)
    require_tag_room(tags)
    act.note(tags=governing(tags))
    with act.changing(gallery) as change:
        return change.writer.create_collection(collection_id, vision.pack, tags)

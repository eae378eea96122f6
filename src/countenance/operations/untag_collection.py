"""Take tags from a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.governance.policy import PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.gallery import Gallery
    from countenance.operations.acts import Act


def untag_collection(gallery: Gallery, act: Act, collection_id: str, names: Sequence[str]) -> None:
    """Remove tags by their names; a name that is not there is passed over.

    What changes the policy needs an administrator's key.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
        PolicyInvalid: what is left is no policy.
    """
    act.permit("untag_collection", collection_id, tags={}, without=names)
    act.note(removed=sorted(name for name in names if name.startswith(PREFIX)))
    with act.changing(gallery) as change:
        change.writer.remove_tags(change.writer.collection(collection_id), names)

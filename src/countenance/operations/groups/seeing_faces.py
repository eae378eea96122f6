"""Which faces of a collection may be grouped at this moment, with their templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from countenance.operations.groups.suggesting import KnownGroups, SeenFaces
from countenance.operations.usable import usable_faces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from countenance.gallery import Gallery
    from countenance.gallery.ports import GalleryReader
    from countenance.gallery.values import Collection
    from countenance.operations.acts import Act


def seen_faces(gallery: Gallery, act: Act, collection: Collection, check: Callable[[], None]) -> SeenFaces:
    """Return the faces that may be used; a template that is damaged is left out, and logged.

    Args:
        gallery: the collections.
        act: the act, which has asked for leave.
        collection: whose faces.
        check: is called for each block of faces, and raises what ends this.
    """
    blocks = list(_blocks(gallery, act, collection, check))
    if not blocks:
        empty, none = np.empty(0, np.int64), np.empty((0, 0), np.float32)
        return SeenFaces(empty, none, np.empty(0, np.float32), empty, empty)
    return SeenFaces(
        keys=np.concatenate([block.keys for block in blocks]),
        vectors=np.concatenate([block.vectors for block in blocks]),
        qualities=np.concatenate([block.qualities for block in blocks]),
        user_keys=np.concatenate([block.user_keys for block in blocks]),
        pictures=np.concatenate([block.pictures for block in blocks]),
    )


def known_groups(reader: GalleryReader, collection: Collection) -> KnownGroups:
    """Return what is known of a collection's groups."""
    memberships = {each.face_key: each for each in reader.memberships(collection)}
    anchored = sorted({each.group_key for each in memberships.values() if each.confirmed})
    groups = reader.groups_by_key(collection, anchored)
    named: dict[int, int] = {}
    for key in anchored:  # of several groups of one name, the oldest gets those faces of the user's
        user_key = groups[key].user_key
        if user_key is not None:
            named.setdefault(user_key, key)
    return KnownGroups(memberships, reader.all_group_constraints(collection), named)


def _blocks(
    gallery: Gallery, act: Act, collection: Collection, check: Callable[[], None]
) -> Iterator[SeenFaces]:
    pictures: dict[tuple[str, str | None], int] = {}
    pick = usable_faces(act, collection)
    for block in gallery.all_templates(collection):
        check()
        with gallery.reading() as reader:
            found = list(reader.faces_by_key(collection, block.keys.tolist()).values())
            usable = {face.key: face for face in (found if pick is None else pick(reader, found))}
        kept = np.array([key in usable for key in block.keys.tolist()], bool)
        # A picture that was enrolled for two subjects has each of its faces twice.
        numbers = [
            pictures.setdefault((usable[key].image_id, usable[key].external_image_id), len(pictures))
            for key in block.keys[kept].tolist()
        ]
        yield SeenFaces(
            block.keys[kept],
            block.vectors[kept],
            block.qualities[kept],
            block.user_keys[kept],
            np.array(numbers, np.int64),
        )

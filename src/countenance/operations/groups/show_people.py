"""Show who is in the largest groups, where the collection keeps pictures of faces."""

from __future__ import annotations

import heapq
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.errors import FaceNotFound, TemplateBroken
from countenance.operations.usable import usable_faces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.gallery import Gallery
    from countenance.gallery.groups import Group, GroupedFace
    from countenance.gallery.ports import GalleryReader
    from countenance.gallery.values import Collection
    from countenance.operations.acts import Act

MOST_PEOPLE_SHOWN = 500
MOST_FACES_SHOWN = 24
_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class PortrayedFace:
    """A face of a group and its picture, a JPEG."""

    grouped: GroupedFace
    portrait: bytes


@dataclass(frozen=True, slots=True)
class PortrayedGroup:
    """A group and those of its first faces that there are pictures of."""

    group: Group
    faces: tuple[PortrayedFace, ...]


@dataclass(frozen=True, slots=True)
class ShownPeople:
    """The largest groups, and how many others there are."""

    people: tuple[PortrayedGroup, ...]
    left_out: int


def show_people(
    gallery: Gallery,
    act: Act,
    collection_id: str,
    *,
    most_groups: int = MOST_PEOPLE_SHOWN,
    most_faces: int = MOST_FACES_SHOWN,
) -> ShownPeople:
    """Return the largest groups, with pictures of faces that may be used.

    Raises:
        NotPermitted: the caller's key does not allow it, or the policy allows no groups.
        CollectionNotFound: there is no such collection.
    """
    act.permit("show_group", collection_id)
    with gallery.reading() as reader:
        collection = reader.collection(collection_id)
        total = reader.count_groups(collection)
        largest = heapq.nlargest(
            most_groups, _all(reader, collection), key=lambda group: (group.face_count, -group.key)
        )
        pick = usable_faces(act, collection)
        shown = []
        for group in largest:
            faces = reader.grouped_faces(collection, group, after_key=0, most=most_faces)
            if pick is not None:
                usable = {face.key for face in pick(reader, [each.face for each in faces])}
                faces = [each for each in faces if each.key in usable]
            shown.append(PortrayedGroup(group, tuple(_portrayed(reader, collection, faces))))
    act.note(groups=len(shown))
    return ShownPeople(tuple(shown), total - len(shown))


def _all(reader: GalleryReader, collection: Collection) -> Iterator[Group]:
    after_key = 0
    while batch := reader.groups(collection, after_key=after_key, most=_BATCH):
        yield from batch
        after_key = batch[-1].key


def _portrayed(
    reader: GalleryReader, collection: Collection, faces: list[GroupedFace]
) -> Iterator[PortrayedFace]:
    for each in faces:
        with suppress(FaceNotFound, TemplateBroken):
            portrait = reader.portrait(collection, each.face.face_id)
            if portrait is not None:
                yield PortrayedFace(each, portrait)

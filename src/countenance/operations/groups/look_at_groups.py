"""List and show groups of faces and the history of edits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.gallery.groups import EditKind, Group, GroupedFace, GroupEdit, GroupState
from countenance.operations.pages import Page, page_of
from countenance.operations.usable import usable_faces

if TYPE_CHECKING:
    from countenance.gallery import Gallery
    from countenance.operations.acts import Act

__all__ = [
    "EditKind",
    "Group",
    "GroupEdit",
    "GroupState",
    "GroupedFace",
    "ShownGroup",
    "list_group_edits",
    "list_groups",
    "show_group",
]


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group and a page of its faces; those that may not be used any more are left out."""

    group: Group
    faces: Page[GroupedFace]


def list_groups(
    gallery: Gallery,
    act: Act,
    collection_id: str,
    *,
    state: GroupState | None = None,
    most: int,
    after_key: int = 0,
) -> Page[Group]:
    """Return groups, the oldest first.

    Raises:
        NotPermitted: the caller's key does not allow it, or the policy allows no groups.
        CollectionNotFound: there is no such collection.
    """
    act.permit("list_groups", collection_id)
    with gallery.reading() as reader:
        collection = reader.collection(collection_id)
        return page_of(
            lambda count: reader.groups(collection, after_key=after_key, most=count, state=state),
            most,
            after_key,
        )


def show_group(
    gallery: Gallery, act: Act, collection_id: str, group_id: str, *, most: int, after_key: int = 0
) -> ShownGroup:
    """Return a group and faces of it, in the order they were enrolled.

    Raises:
        NotPermitted: the caller's key does not allow it, or the policy allows no groups.
        CollectionNotFound: there is no such collection.
        GroupNotFound: there is no such group.
    """
    act.permit("show_group", collection_id)
    with gallery.reading() as reader:
        collection = reader.collection(collection_id)
        group, pick = reader.group(collection, group_id), usable_faces(act, collection)
        page = page_of(
            lambda count: reader.grouped_faces(collection, group, after_key=after_key, most=count),
            most,
            after_key,
        )
        if pick is None:
            return ShownGroup(group, page)
        usable = {face.key for face in pick(reader, [each.face for each in page.items])}
        return ShownGroup(group, Page([each for each in page.items if each.key in usable], page.next_after))


def list_group_edits(
    gallery: Gallery, act: Act, collection_id: str, *, most: int, before_key: int | None = None
) -> Page[GroupEdit]:
    """Return the history, the newest edit first; it may be looked at under any policy.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
    """
    act.permit("list_group_edits", collection_id)
    with gallery.reading() as reader:
        collection = reader.collection(collection_id)
        found = reader.group_edits(collection, before_key=before_key, most=most + 1)
    return Page(found[:most], found[most - 1].key if len(found) > most else None)

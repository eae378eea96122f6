"""Merge, split and confirm groups, move faces between them, and say who is not in one.

What people say stays: faces that they put somewhere are confirmed there, and a grouping does not move them
any more. Where faces come to a group that was only suggested, the rest of it is confirmed with them, since
they were said to be of one person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.errors import GroupEditInvalid
from countenance.gallery.groups import EditKind, GroupEdit, GroupState
from countenance.operations.groups.making import EditInMaking

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from countenance.gallery import Gallery
    from countenance.gallery.groups import Group, Membership
    from countenance.operations.acts import Act

__all__ = [
    "MOST_GROUPS_SAID",
    "GroupEdit",
    "confirm_group",
    "merge_groups",
    "move_faces",
    "reject_faces",
    "split_group",
]

MOST_GROUPS_SAID = 100
"""How many groups may be merged into one at a time."""

_MOST_PAIRS = 100_000


def merge_groups(
    gallery: Gallery, act: Act, collection_id: str, group_id: str, others: Sequence[str]
) -> GroupEdit:
    """Put all faces of other groups into one: they are the same person.

    Raises:
        NotPermitted: the caller's key does not allow it, or it takes a consent that is not there.
        CollectionNotFound: there is no such collection.
        GroupNotFound: there is no such group.
        GroupEditInvalid: there is nothing to merge, or a group that would end has a name.
        GalleryFull: the user who the group is would have more than 100 faces.
    """

    def merge(making: EditInMaking) -> None:
        target = making.group(group_id)
        wanted = [other for other in dict.fromkeys(others) if other != group_id]
        if not 0 < len(wanted) <= MOST_GROUPS_SAID:
            raise GroupEditInvalid(f"1 to {MOST_GROUPS_SAID} other groups can be merged into one at a time")
        sources = [making.group(other) for other in wanted]
        named = [source.group_id for source in sources if source.user_id not in (None, target.user_id)]
        if named:
            raise GroupEditInvalid(
                f"the group {named[0]} has a name, which would be lost; merge the others into it, or undo "
                "its naming first"
            )
        making.put(making.members(*sources), target.key)
        _confirm_rest(making, target)
        all_faces = [each.face_key for each in making.members(target, *sources)]
        making.unsay(all_faces, (target, *sources))

    act.permit("merge_groups", collection_id)
    return _edited(gallery, act, collection_id, EditKind.MERGE, merge)


def split_group(
    gallery: Gallery, act: Act, collection_id: str, group_id: str, face_ids: Sequence[str]
) -> GroupEdit:
    """Put some faces of a group into a new one: they are one person, and the rest is another.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
        GroupNotFound: there is no such group.
        FaceNotFound: there is no such face.
        GroupEditInvalid: a face is not in the group, or all faces of the group are named.
        HoldInForce: the group has a name, and a legal hold is on that person.
    """

    def split(making: EditInMaking) -> None:
        group = making.group(group_id)
        leaving, staying = _parted(making, group, face_ids)
        if not staying:
            raise GroupEditInvalid("these are all faces of the group; name those that are somebody else's")
        new_key = making.new_group()
        making.put(leaving, new_key)
        # A grouping may move these, but not there.
        making.say_not_in([each for each in staying if not each.confirmed], new_key)

    act.permit("split_group", collection_id)
    return _edited(gallery, act, collection_id, EditKind.SPLIT, split)


def move_faces(
    gallery: Gallery, act: Act, collection_id: str, group_id: str, face_ids: Sequence[str]
) -> GroupEdit:
    """Put faces into a group, whether they are in another one or in none.

    Raises:
        NotPermitted: the caller's key does not allow it, or it takes a consent that is not there.
        CollectionNotFound: there is no such collection.
        GroupNotFound: there is no such group.
        FaceNotFound: there is no such face.
        GroupEditInvalid: they are confirmed to be in the group already, or are another user's.
        GalleryFull: the user who the group is would have more than 100 faces.
        HoldInForce: a face leaves a group that has a name, and a legal hold is on that person.
    """

    def move(making: EditInMaking) -> None:
        target = making.group(group_id)
        faces = making.said(face_ids)
        there = {each.face_key: each for each in making.memberships(faces)}
        making.put(there.values(), target.key)
        making.put_alone([face for face in faces if face not in there], target.key)
        if not making.changes.writes:
            raise GroupEditInvalid("these faces are confirmed to be in this group already")
        _confirm_rest(making, target)
        theirs = {each.face_key for each in making.members(target)}
        making.unsay(sorted(theirs.union(faces)), [target])

    act.permit("move_faces", collection_id)
    return _edited(gallery, act, collection_id, EditKind.MOVE, move)


def reject_faces(
    gallery: Gallery, act: Act, collection_id: str, group_id: str, face_ids: Sequence[str]
) -> GroupEdit:
    """Take faces out of a group: they are not this person, and no grouping puts them there again.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
        GroupNotFound: there is no such group.
        FaceNotFound: there is no such face.
        GroupEditInvalid: a face is not in the group, or nobody would be left in it.
        HoldInForce: the group has a name, and a legal hold is on that person.
    """

    def reject(making: EditInMaking) -> None:
        group = making.group(group_id)
        leaving, staying = _parted(making, group, face_ids)
        if not staying:
            raise GroupEditInvalid("these are all faces of the group, so nobody is left whom they are not")
        making.put(leaving, 0)
        if any(each.confirmed for each in staying):
            making.say_not_in(leaving, group.key)
            return
        # The group is a suggestion, which the next grouping may dissolve; its faces stay.
        if len(leaving) * len(staying) > _MOST_PAIRS:
            raise GroupEditInvalid(
                f"that would be {len(leaving) * len(staying):,} pairs of faces, and {_MOST_PAIRS:,} is the "
                "limit; reject fewer faces at a time, or move those that are right into another group first"
            )
        making.say_apart(leaving, staying)

    act.permit("reject_faces", collection_id)
    return _edited(gallery, act, collection_id, EditKind.REJECT, reject)


def confirm_group(gallery: Gallery, act: Act, collection_id: str, group_id: str) -> GroupEdit:
    """Say that all faces of a group are one person's; a grouping adds to them and moves none any more.

    Raises:
        NotPermitted: the caller's key does not allow it, or it takes a consent that is not there.
        CollectionNotFound: there is no such collection.
        GroupNotFound: there is no such group.
        GroupEditInvalid: all of them are confirmed already.
        GalleryFull: the user who the group is would have more than 100 faces.
    """

    def confirm(making: EditInMaking) -> None:
        group = making.group(group_id)
        suggested = [each for each in making.members(group) if not each.confirmed]
        if not suggested:
            raise GroupEditInvalid(f"all faces of the group {group_id} are confirmed already")
        making.put(suggested, group.key)

    act.permit("confirm_group", collection_id)
    return _edited(gallery, act, collection_id, EditKind.CONFIRM, confirm)


def _edited(
    gallery: Gallery,
    act: Act,
    collection_id: str,
    kind: EditKind,
    plan: Callable[[EditInMaking], None],
) -> GroupEdit:
    """Plan an edit and make it, with its entry."""
    with act.changing(gallery) as change:
        making = EditInMaking(act, change, change.writer.collection(collection_id))
        plan(making)
        making.settle_users()
        return making.keep(kind)


def _confirm_rest(making: EditInMaking, target: Group) -> None:
    if target.state is GroupState.SUGGESTED:
        making.put(making.members(target), target.key)


def _parted(
    making: EditInMaking, group: Group, face_ids: Sequence[str]
) -> tuple[list[Membership], list[Membership]]:
    """Return the memberships of the faces that are named, and those of the rest of the group."""
    wanted = set(making.said(face_ids))
    members = making.members(group)
    leaving = [each for each in members if each.face_key in wanted]
    if len(leaving) < len(wanted):
        raise GroupEditInvalid(
            f"{len(wanted) - len(leaving):,} of these faces are not in the group {group.group_id}"
        )
    return leaving, [each for each in members if each.face_key not in wanted]

"""Say who a group is: its faces become a user's, which takes that person's consent."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from countenance.errors import GalleryFull, GroupEditInvalid, UserNotFound
from countenance.gallery import MOST_FACES_OF_A_USER
from countenance.gallery.groups import Cell, CellValue, EditKind, GroupEdit
from countenance.gallery.groups.cells import NOTHING, SO
from countenance.operations.groups.making import EditInMaking
from countenance.operations.questions import Enrolling

if TYPE_CHECKING:
    from countenance.gallery import Gallery
    from countenance.gallery.groups import Group
    from countenance.gallery.values import User
    from countenance.operations.acts import Act

__all__ = ["GroupEdit", "name_group"]

_USER_ID = re.compile(r"[a-zA-Z0-9_.\-:]{1,128}")


def name_group(gallery: Gallery, act: Act, collection_id: str, group_id: str, user_id: str) -> GroupEdit:
    """Make all faces of a group a user's, whom it makes where there is none of that id.

    1. Ask for leave, which takes a valid consent of the named person to the collection's purpose, whether or
       not its policy asks for consent.
    2. Find or make the user.
    3. Confirm the group's faces and make them the user's.

    Raises:
        GroupEditInvalid: it is no user id, the group has a name, or a face of it is another user's.
        ConsentMissing: the person has not consented.
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
        GroupNotFound: there is no such group.
        GalleryFull: the user would have more than 100 faces.
    """
    if _USER_ID.fullmatch(user_id) is None:
        raise GroupEditInvalid("a user's id has 1 to 128 letters, digits and _ . - :")
    # 1
    act.permit("name_group", collection_id, enrolling=Enrolling(user_id, names=True))
    with act.changing(gallery) as change:
        making = EditInMaking(act, change, change.writer.collection(collection_id))
        group = making.group(group_id)
        _check(group)
        # 2
        user = _user(making, user_id)
        # 3
        making.changes.put(Cell.name(group.key), NOTHING, CellValue(user.key))
        making.put(making.members(group), group.key)
        making.settle_users()
        return making.keep(EditKind.NAME)


def _check(group: Group) -> None:
    if group.user_id is not None:
        raise GroupEditInvalid(
            f"the group {group.group_id} has a name already; undo that naming first, or merge the group into "
            "another"
        )
    if group.face_count > MOST_FACES_OF_A_USER:
        raise GalleryFull(
            f"the group {group.group_id} has {group.face_count:,} faces and a user has at most "
            f"{MOST_FACES_OF_A_USER}; split off the faces that the user is to have, and name those"
        )


def _user(making: EditInMaking, user_id: str) -> User:
    with suppress(UserNotFound):
        return making.writer.user(making.collection, user_id)
    user = making.writer.create_user(making.collection, user_id)
    making.changes.put(Cell.made(user.key), NOTHING, SO)
    return user

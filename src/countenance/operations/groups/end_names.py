"""End the names of groups whose persons do not consent any more, as their faces' use ends elsewhere.

A name rests on the consent of the named, whatever else the collection's policy says. Where that ends, nobody
may know any more whose faces they are: the groups are dissolved with what the history says of them, and the
user is deleted where it has no faces left. The faces stay, unless the policy asks for consent to them, too.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.errors import PolicyInvalid
from countenance.gallery import MOST_FACES_OF_A_USER
from countenance.governance import valid_consent

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from countenance.gallery import Change, Gallery
    from countenance.gallery.values import Collection, User
    from countenance.operations.acts import Act, Register


def end_names(
    gallery: Gallery,
    register: Register,
    following: Callable[[], AbstractContextManager[Act]],
    subject: str | None = None,
) -> bool:
    """End the names whose consents have ended; each is recorded, and nothing where there is none.

    Args:
        gallery: the collections.
        register: the records.
        following: opens an act for what follows from what was asked.
        subject: whose names; None for everybody's.

    Returns:
        Whether a legal hold kept any.
    """
    with gallery.reading() as reader:
        named = reader.named_groups(subject)
        tags = {collection.key: reader.tags(collection) for collection, _ in named}
    held = False
    for collection, user in named:
        if not _ended(register, tags[collection.key], user.user_id):
            continue
        if _is_held(register, user.user_id):
            held = True
            continue
        with following() as act, act.changing(gallery) as change:
            _end(act, change, collection, user)
    return held


def _end(act: Act, change: Change, collection: Collection, user: User) -> None:
    """Dissolve the groups that a user is; the user goes where it has no faces besides theirs."""
    writer = change.writer
    act.note_more(
        "ended_names",
        {
            "collection": collection.collection_id,
            "subjects": act.users(writer, collection, [user.user_id]),
        },
    )
    members = {each.face_key for each in writer.members_of_named(collection, user)}
    theirs = writer.faces(collection, after_key=0, most=MOST_FACES_OF_A_USER, user=user)
    taken = [face.key for face in theirs if face.key in members]
    if taken:
        change.disassociate(collection, user, taken)
    writer.forget_groups_of(collection, user)
    writer.forget_answers([json.dumps(user.user_id)])
    if len(taken) == len(theirs):
        change.delete_user(collection, user)


def _ended(register: Register, tags: dict[str, str], subject: str) -> bool:
    """Tell whether there was a consent and is none; of faces, too, nothing is erased that had none ever."""
    try:
        purpose = register.policy_of(tags).purpose
    except PolicyInvalid:
        return False  # nothing can be done with the faces; whoever mends the policy decides
    with register.governance.reading() as records:
        consents = records.consents_to(purpose or "", [subject]).get(subject, [])
    return bool(consents) and valid_consent(consents, datetime.now(UTC)) is None


def _is_held(register: Register, subject: str) -> bool:
    with register.governance.reading() as records:
        return bool(records.holds(subjects=[subject]))

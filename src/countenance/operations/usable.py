"""Which enrolled faces may be used at this moment: those whose stay has not ended and whose subject consents.

What may not is erased soon; until then it is as if it were not there.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.errors import ConsentMissing
from countenance.governance import due_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from countenance.gallery.ports import GalleryReader
    from countenance.gallery.values import Collection, EnrolledFace, User
    from countenance.governance import Policy
    from countenance.operations.acts import Act

    UsableFaces = Callable[[GalleryReader, list[EnrolledFace]], Iterable[EnrolledFace]]
    UsableUsers = Callable[[GalleryReader, list[User]], Iterable[User]]


def usable_faces(act: Act, collection: Collection) -> UsableFaces | None:
    """Return what picks the usable ones of a collection's faces, None where all are."""
    policy = _ending(act)
    if policy is None:
        return None

    def pick(reader: GalleryReader, faces: list[EnrolledFace]) -> Iterable[EnrolledFace]:
        due = due_now(policy, datetime.now(UTC))
        unusable = reader.unusable_faces(collection, [face.key for face in faces], due)
        return [face for face in faces if face.key not in unusable]

    return pick


def usable_users(act: Act, collection: Collection) -> UsableUsers | None:
    """Return what picks the users all of whose faces are usable, None where all are."""
    policy = _ending(act)
    if policy is None:
        return None

    def pick(reader: GalleryReader, users: list[User]) -> Iterable[User]:
        due = due_now(policy, datetime.now(UTC))
        unusable = reader.unusable_users(collection, [user.key for user in users], due)
        return [user for user in users if user.key not in unusable]

    return pick


def require_usable(act: Act, reader: GalleryReader, collection: Collection, face: EnrolledFace) -> None:
    """Do nothing where a face may be used.

    Raises:
        ConsentMissing: the consent to it, or its time, has ended.
    """
    pick = usable_faces(act, collection)
    if pick is not None and not pick(reader, [face]):
        raise ConsentMissing("the consent to this face, or the time for which it may be kept, has ended")


def require_usable_user(act: Act, reader: GalleryReader, collection: Collection, user: User) -> None:
    """Do nothing where all faces of a user may be used.

    Raises:
        ConsentMissing: the consent to one, or its time, has ended.
    """
    pick = usable_users(act, collection)
    if pick is not None and not pick(reader, [user]):
        raise ConsentMissing("the consent to a face of this user, or the time for it, has ended")


def _ending(act: Act) -> Policy | None:
    return act.policy if act.policy is not None and act.policy.ends_use else None

"""Delete a user; its faces stay in the collection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.operations.erase_faces import require_no_hold
from countenance.operations.once import once

if TYPE_CHECKING:
    from countenance.gallery import Gallery
    from countenance.operations.acts import Act
    from countenance.operations.once import Json


def delete_user(
    gallery: Gallery, act: Act, collection_id: str, user_id: str, *, token: str | None = None
) -> None:
    """Delete a user and take its faces from it.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
        UserNotFound: there is no such user.
        HoldInForce: a legal hold is on the user; without it nobody would know whose faces they are.
        RequestTokenReused: the token came before with other parameters.
    """
    act.permit("delete_user", collection_id)
    with act.changing(gallery) as change:
        collection = change.writer.collection(collection_id)
        act.note(subjects=act.users(change.writer, collection, [user_id]))

        def work() -> None:
            user = change.writer.user(collection, user_id)
            require_no_hold(act, (), [user_id])
            change.delete_user(collection, user)

        parameters: dict[str, Json] = {"collection": collection.key, "user": user_id}
        once(change.writer, act.caller, "delete_user", token, parameters, work)

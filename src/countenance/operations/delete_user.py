"""Delete a user; its faces stay in the collection."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
        RequestTokenReused: the token came before with other parameters.
    """
    act.permit("delete_user", collection_id)
    with act.changing(gallery) as change:
        collection = change.writer.collection(collection_id)
        act.note(subjects=[act.user(collection, user_id)])

        def work() -> None:
            change.delete_user(collection, change.writer.user(collection, user_id))

        parameters: dict[str, Json] = {"collection": collection.key, "user": user_id}
        once(change.writer, act.caller, "delete_user", token, parameters, work)

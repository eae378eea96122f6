"""Create a user, a person whose faces are searched as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.operations.once import once

if TYPE_CHECKING:
    from countenance.access import AccessKey
    from countenance.gallery import Gallery
    from countenance.operations.once import Json


def create_user(
    gallery: Gallery, caller: AccessKey, collection_id: str, user_id: str, *, token: str | None = None
) -> None:
    """Create a user without faces.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
        UserExists: there is such a user.
        RequestTokenReused: the token came before with other parameters.
    """
    caller.permit("create_user", collection_id)
    with gallery.changing() as change:
        collection = change.writer.collection(collection_id)

        def act() -> None:
            change.writer.create_user(collection, user_id)

        parameters: dict[str, Json] = {"collection": collection.key, "user": user_id}
        once(change.writer, caller, "create_user", token, parameters, act)

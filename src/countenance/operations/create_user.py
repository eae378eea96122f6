"""Create a user, a person whose faces are searched as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.operations.once import once

if TYPE_CHECKING:
    from countenance.gallery import Gallery
    from countenance.operations.acts import Act
    from countenance.operations.once import Json


def create_user(
    gallery: Gallery, act: Act, collection_id: str, user_id: str, *, token: str | None = None
) -> None:
    """Create a user without faces.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
        UserExists: there is such a user.
        RequestTokenReused: the token came before with other parameters.
    """
    act.permit("create_user", collection_id)
    with act.changing(gallery) as change:
        collection = change.writer.collection(collection_id)

        def work() -> None:
            change.writer.create_user(collection, user_id)

        parameters: dict[str, Json] = {"collection": collection.key, "user": user_id}
        once(change.writer, act.caller, "create_user", token, parameters, work)
        act.note(subjects=act.users(change.writer, collection, [user_id]))

"""What a gallery needs of a database. `store` implements it; one contract test suite holds for every kind.

All methods raise `StoreUnavailable` when the database does not answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from countenance.gallery.values import (
        Collection,
        EnrolledFace,
        NewFace,
        RememberedAnswer,
        TemplateBlock,
        User,
    )


class GalleryReader(Protocol):
    """Reads of one consistent state of the database; collections are found by id, the rest within one."""

    def collection(self, collection_id: str) -> Collection:
        """Return a collection; raises CollectionNotFound."""

    def collections(self, *, after_key: int, most: int) -> list[Collection]:
        """Return collections by ascending key, oldest first, from the first greater than ``after_key``."""

    def tags(self, collection: Collection) -> dict[str, str]:
        """Return the collection's tags, by name."""

    def count_faces(self, collection: Collection) -> int:
        """Return how many faces the collection has."""

    def count_users(self, collection: Collection) -> int:
        """Return how many users the collection has."""

    def faces(
        self,
        collection: Collection,
        *,
        after_key: int,
        most: int,
        user: User | None = None,
        face_ids: Sequence[str] | None = None,
    ) -> list[EnrolledFace]:
        """Return faces by ascending key, from the first greater than ``after_key``.

        ``user`` and ``face_ids`` narrow the list down; both must hold where both are given.
        """

    def faces_by_key(self, collection: Collection, keys: Sequence[int]) -> dict[int, EnrolledFace]:
        """Return those of the faces that exist."""

    def face(self, collection: Collection, face_id: str) -> EnrolledFace:
        """Return one face; raises FaceNotFound."""

    def templates(self, collection: Collection, keys: Sequence[int]) -> TemplateBlock:
        """Return the templates of those of the faces that exist, by ascending key; raises TemplateBroken."""

    def user(self, collection: Collection, user_id: str) -> User:
        """Return one user; raises UserNotFound."""

    def users(self, collection: Collection, *, after_key: int, most: int) -> list[User]:
        """Return users by ascending key, from the first greater than ``after_key``."""

    def users_by_key(self, collection: Collection, keys: Sequence[int]) -> dict[int, User]:
        """Return those of the users that exist."""

    def remembered_answer(self, scope: str, token: str) -> RememberedAnswer | None:
        """Return what was answered to this token in the last day; ``scope`` names operation and caller."""


class GalleryWriter(GalleryReader, Protocol):
    """Changes that become durable together when the transaction ends, or not at all."""

    def create_collection(self, collection_id: str, pack: str, tags: Mapping[str, str]) -> Collection:
        """Add a collection; raises CollectionExists."""

    def delete_collection(self, collection: Collection) -> None:
        """Delete a collection, all that is in it, and the keys of its subjects."""

    def set_tags(self, collection: Collection, tags: Mapping[str, str]) -> None:
        """Add or replace tags."""

    def remove_tags(self, collection: Collection, names: Sequence[str]) -> None:
        """Remove tags; a name that is not there is passed over."""

    def add_faces(self, collection: Collection, faces: Sequence[NewFace]) -> list[tuple[EnrolledFace, bool]]:
        """Enrol faces; each answer says whether the face is new, or is the one of that id already there."""

    def delete_faces(self, collection: Collection, keys: Sequence[int]) -> None:
        """Delete faces, and the data keys of subjects of whom nothing is left."""

    def create_user(self, collection: Collection, user_id: str) -> User:
        """Add a user; raises UserExists."""

    def delete_user(self, collection: Collection, user: User) -> None:
        """Delete a user; its faces stay, without a user."""

    def associate(self, collection: Collection, user: User, keys: Sequence[int]) -> None:
        """Make the faces the user's; those without an external image id come under the user's data key."""

    def disassociate(self, collection: Collection, keys: Sequence[int]) -> None:
        """Take the faces from their users; those without an external image id get a data key of their own."""

    def append_entry(self, record: Mapping[str, Any]) -> None:
        """Add an entry to the ledger; its time is added here and never runs backwards."""

    def remember_answer(self, scope: str, token: str, remembered: RememberedAnswer) -> None:
        """Keep an answer for a day, and forget those kept longer."""


class GalleryStore(Protocol):
    """A database of collections, safe to use from many threads."""

    def reading(self) -> AbstractContextManager[GalleryReader]:
        """Open a read transaction; it never waits for writers."""

    def writing(self) -> AbstractContextManager[GalleryWriter]:
        """Open a write transaction; leaving it makes the changes durable, an exception undoes them all."""

    def all_templates(self, collection: Collection) -> Iterator[TemplateBlock]:
        """Yield the templates of a collection by ascending key, as of one moment.

        A template that cannot be decrypted is left out and logged by its face's key, so that one damaged row
        does not take the collection down.
        """

"""What a gallery needs of a database. `store` implements it; one contract test suite holds for every kind.

All methods raise `StoreUnavailable` when the database does not answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from countenance.gallery.groups.ports import GroupReader, GroupWriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from countenance.gallery.values import (
        Collection,
        EnrolledFace,
        NamedSubject,
        NewFace,
        NotedChange,
        RememberedAnswer,
        TemplateBlock,
        User,
    )
    from countenance.governance import Due


class GalleryReader(GroupReader, Protocol):
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

    def count_subjects(self, collection: Collection) -> int:
        """Return how many subjects the collection's faces and users are of."""

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

    def hidden_collections(self) -> list[tuple[Collection, str]]:
        """Return the collections that are being deleted, by ascending key, and for which request.

        Nothing else here shows them.
        """

    def pseudonyms(self, collection: Collection, names: Sequence[str]) -> dict[str, str]:
        """Return, by the subject's name, 32 hexadecimal characters that stand for it.

        They follow from the subject's data key: nobody can make them again when that is destroyed. Names that
        nothing is left of are absent. For names see `subject_name`.
        """

    def last_interaction(self, collection: Collection, names: Sequence[str]) -> dict[str, datetime]:
        """Return, by the subject's name, when it was last enrolled or touched; absent as in `pseudonyms`."""

    def unusable_faces(self, collection: Collection, keys: Sequence[int], due: Due) -> set[int]:
        """Return those of the faces that must not be used now: due for erasure, or without consent."""

    def unusable_users(self, collection: Collection, keys: Sequence[int], due: Due) -> set[int]:
        """Return those of the users that have a face that must not be used now."""

    def portrait(self, collection: Collection, face_id: str) -> bytes | None:
        """Return a face's portrait, a JPEG, None where it has none; raises FaceNotFound, TemplateBroken."""

    def faces_of_subject(self, subject: str) -> list[tuple[Collection, EnrolledFace]]:
        """Return the faces in all collections that have this external image id, or whose user has this id."""

    def users_of_subject(self, subject: str) -> list[tuple[Collection, User]]:
        """Return the users in all collections that have this id."""

    def named_subjects(
        self, *, within: Sequence[Collection] | None, like: str, after_key: int, most: int
    ) -> list[NamedSubject]:
        """Return whoever is enrolled under a name, each once, by ascending key.

        ``within`` are the collections that are looked at, None for all; ``like`` is a part of the name, in
        large or small letters. The first one's key is greater than ``after_key``.
        """

    def remembered_answer(self, scope: str, token: str) -> RememberedAnswer | None:
        """Return what was answered to this token in the last day; ``scope`` names operation and caller."""

    def newest_change(self) -> int:
        """Return the number of the newest note of a change, 0 where there never was one."""

    def changes_after(self, sequence: int, most: int) -> list[NotedChange] | None:
        """Return notes by ascending number; None where some after this one are forgotten already."""


class GalleryWriter(GalleryReader, GroupWriter, Protocol):
    """Changes that become durable together when the transaction ends, or not at all."""

    def create_collection(self, collection_id: str, pack: str, tags: Mapping[str, str]) -> Collection:
        """Add a collection; raises CollectionExists."""

    def hide_collection(self, collection: Collection, request_id: str) -> None:
        """Let nobody find a collection any more, and free its id; what is in it is deleted afterwards."""

    def delete_collection(self, collection: Collection) -> None:
        """Delete a collection, all that is in it, and the keys of its subjects."""

    def set_tags(self, collection: Collection, tags: Mapping[str, str]) -> None:
        """Add or replace tags."""

    def remove_tags(self, collection: Collection, names: Sequence[str]) -> None:
        """Remove tags; a name that is not there is passed over."""

    def add_faces(self, collection: Collection, faces: Sequence[NewFace]) -> list[tuple[EnrolledFace, bool]]:
        """Enrol faces; each answer says whether the face is new, or is the one of that id already there."""

    def delete_faces(self, collection: Collection, keys: Sequence[int]) -> list[bytes]:
        """Delete faces, and the data keys of subjects of whom nothing is left.

        Returns the SHA-256 digests of the sealed templates, by ascending key of those that were there.
        """

    def create_user(self, collection: Collection, user_id: str) -> User:
        """Add a user; raises UserExists."""

    def delete_user(self, collection: Collection, user: User) -> None:
        """Delete a user; its faces stay, without a user."""

    def associate(self, collection: Collection, user: User, keys: Sequence[int]) -> None:
        """Make the faces the user's; those without an external image id come under the user's data key."""

    def disassociate(self, collection: Collection, keys: Sequence[int]) -> None:
        """Take the faces from their users; those without an external image id get a data key of their own."""

    def touch_subjects(self, subject: str, at: datetime) -> int:
        """Note, in all collections, that there was something to do with a subject; returns how many knew it.

        ``subject`` is an external image id or a user id; a time before the noted one changes nothing.
        """

    def append_entry(self, record: Mapping[str, Any]) -> None:
        """Add an entry to the ledger; its time is added here and never runs backwards."""

    def forget_answers(self, texts: Sequence[str]) -> None:
        """Forget the remembered answers that hold any of these texts, as a part or as a whole."""

    def note_change(
        self, made_by: str, collection_key: int, face_keys: Sequence[int], user_keys: Sequence[int]
    ) -> None:
        """Note what a change touched, for the indexes of other processes; no keys at all mean everything."""

    def forget_changes(self, made_before: datetime) -> None:
        """Forget the notes before a time, but for the newest: its number tells who missed some."""

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

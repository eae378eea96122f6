"""Changes within one transaction."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from countenance.errors import CollectionExists, TemplateBroken, UserExists
from countenance.gallery.values import subject_name
from countenance.store.ledger_log import append_entries
from countenance.store.reading import REMEMBERED_FOR, Reader, in_parts, sealed_of
from countenance.store.sealing import (
    face_data,
    new_data_key,
    seal_template,
    subject_data,
)
from countenance.store.tables import collections, faces, remembered_answers, subjects, tags, users

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from sqlalchemy import Connection, Row

    from countenance.gallery.values import Collection, EnrolledFace, NewFace, RememberedAnswer, User
    from countenance.store.sealing import MasterKeys


class Writer(Reader):
    """Implements `GalleryWriter` on a connection whose write transaction has begun.

    ``has_destroyed_keys`` tells whether data keys were deleted.
    """

    has_destroyed_keys = False

    def __init__(
        self, connection: Connection, master_keys: MasterKeys, signing_key: Ed25519PrivateKey
    ) -> None:
        super().__init__(connection, master_keys)
        self._signing_key = signing_key

    def append_entry(self, record: Mapping[str, Any]) -> None:
        """Add an entry to the ledger."""
        append_entries(self._connection, self._signing_key, [record])

    def create_collection(self, collection_id: str, pack: str, tags: Mapping[str, str]) -> Collection:
        """Add a collection; raises CollectionExists."""
        try:
            self._connection.execute(
                insert(collections).values(
                    collection_id=collection_id, pack=pack, created_at=datetime.now(UTC)
                )
            )
        except IntegrityError:
            raise CollectionExists(f"The collection id: {collection_id} already exists.") from None
        collection = self.collection(collection_id)
        self.set_tags(collection, tags)
        return collection

    def delete_collection(self, collection: Collection) -> None:
        """Delete a collection, all that is in it, and the keys of its subjects."""
        self.has_destroyed_keys = True
        for table in (faces, subjects, users, tags):
            self._connection.execute(delete(table).where(table.c.collection_key == collection.key))
        self._connection.execute(delete(collections).where(collections.c.key == collection.key))

    def set_tags(self, collection: Collection, tags: Mapping[str, str]) -> None:
        """Add or replace tags."""
        if not tags:
            return
        self.remove_tags(collection, list(tags))
        rows = [
            {"collection_key": collection.key, "name": name, "value": value} for name, value in tags.items()
        ]
        self._connection.execute(insert(_TAGS), rows)

    def remove_tags(self, collection: Collection, names: Sequence[str]) -> None:
        """Remove tags; a name that is not there is passed over."""
        theirs = _TAGS.c.collection_key == collection.key
        self._connection.execute(delete(_TAGS).where(theirs, _TAGS.c.name.in_(names)))

    def add_faces(self, collection: Collection, new: Sequence[NewFace]) -> list[tuple[EnrolledFace, bool]]:
        """Enrol faces; each answer says whether the face is new, or is the one of that id already there."""
        by_id: dict[str, NewFace] = {}
        for face in new:
            by_id.setdefault(face.face_id, face)
        there = self._by_id(collection, list(by_id))
        absent = [face for face_id, face in by_id.items() if face_id not in there]
        if absent:
            self._insert(collection, absent)
        found = self._by_id(collection, list(by_id))
        fresh = {face.face_id for face in absent}
        answers = []
        for face in new:
            answers.append((found[face.face_id], face.face_id in fresh))
            fresh.discard(face.face_id)
        return answers

    def delete_faces(self, collection: Collection, keys: Sequence[int]) -> None:
        """Delete faces, and the data keys of subjects of whom nothing is left."""
        for part in in_parts(keys):
            these = (faces.c.collection_key == collection.key, faces.c.key.in_(part))
            owners = (
                self._connection.execute(select(faces.c.subject_key).where(*these).distinct()).scalars().all()
            )
            self._connection.execute(delete(faces).where(*these))
            self._delete_unused_subjects(owners)

    def create_user(self, collection: Collection, user_id: str) -> User:
        """Add a user; raises UserExists."""
        try:
            self._connection.execute(
                insert(users).values(
                    collection_key=collection.key, user_id=user_id, created_at=datetime.now(UTC)
                )
            )
        except IntegrityError:
            raise UserExists(f"The user id: {user_id} already exists in {collection.collection_id}") from None
        return self.user(collection, user_id)

    def delete_user(self, collection: Collection, user: User) -> None:
        """Delete a user; its faces stay, without a user."""
        query = select(faces.c.key).where(faces.c.user_key == user.key)
        self.disassociate(collection, self._connection.execute(query).scalars().all())
        self._connection.execute(delete(users).where(users.c.key == user.key))

    def associate(self, collection: Collection, user: User, keys: Sequence[int]) -> None:
        """Make the faces the user's; those without an external image id come under the user's data key."""
        self._give_to(collection, keys, user.key, lambda face_id: subject_name(face_id, None, user.user_id))

    def disassociate(self, collection: Collection, keys: Sequence[int]) -> None:
        """Take the faces from their users; those without an external image id get a data key of their own."""
        self._give_to(collection, keys, None, lambda face_id: subject_name(face_id, None, None))

    def remember_answer(self, scope: str, token: str, remembered: RememberedAnswer) -> None:
        """Keep an answer for a day, and forget those kept longer."""
        now = datetime.now(UTC)
        table = remembered_answers
        self._connection.execute(delete(table).where(table.c.created_at <= now - REMEMBERED_FOR))
        self._connection.execute(
            insert(table).values(
                scope=scope, token=token, request=remembered.request, answer=remembered.answer, created_at=now
            )
        )

    def _by_id(self, collection: Collection, face_ids: Sequence[str]) -> dict[str, EnrolledFace]:
        found = self.faces(collection, after_key=0, most=len(face_ids), face_ids=face_ids)
        return {face.face_id: face for face in found}

    def _insert(self, collection: Collection, new: Sequence[NewFace]) -> None:
        names = {face.face_id: subject_name(face.face_id, face.external_image_id, None) for face in new}
        owners = self._subjects(collection, sorted(set(names.values())))
        now = datetime.now(UTC)
        rows = []
        for face in new:
            subject_key, data_key = owners[names[face.face_id]]
            bound_to = face_data(collection.key, face.face_id, collection.pack)
            rows.append(
                {
                    "collection_key": collection.key,
                    "face_id": face.face_id,
                    "image_id": face.image_id,
                    "external_image_id": face.external_image_id,
                    "subject_key": subject_key,
                    "box_left": face.box.left,
                    "box_top": face.box.top,
                    "box_width": face.box.width,
                    "box_height": face.box.height,
                    "confidence": face.confidence,
                    "quality": face.quality,
                    "template": seal_template(data_key, face.vector, bound_to),
                    "enrolled_at": now,
                }
            )
        self._connection.execute(insert(faces), rows)

    def _subjects(self, collection: Collection, names: Sequence[str]) -> dict[str, tuple[int, AESGCM]]:
        """Return, by name, the keys of subjects and their data keys, making those that are not there yet."""
        found = self._known_subjects(collection, names)
        absent = [name for name in names if name not in found]
        if absent:
            made = {name: new_data_key() for name in absent}
            rows = []
            for name, data_key in made.items():
                wrapped, master = self._master_keys.seal(data_key, subject_data(collection.key, name))
                rows.append(
                    {
                        "collection_key": collection.key,
                        "name": name,
                        "wrapped_key": wrapped,
                        "master_key_id": master,
                    }
                )
            self._connection.execute(insert(subjects), rows)
            found |= {
                row.name: (row.key, AESGCM(made[row.name])) for row in self._subject_rows(collection, absent)
            }
        return found

    def _known_subjects(self, collection: Collection, names: Sequence[str]) -> dict[str, tuple[int, AESGCM]]:
        return {
            row.name: (
                row.key,
                AESGCM(
                    self._master_keys.open(
                        row.wrapped_key, row.master_key_id, subject_data(collection.key, row.name)
                    )
                ),
            )
            for row in self._subject_rows(collection, names)
        }

    def _subject_rows(self, collection: Collection, names: Sequence[str]) -> list[Row[Any]]:
        theirs = select(subjects).where(subjects.c.collection_key == collection.key)
        return [
            row
            for part in in_parts(names)
            for row in self._connection.execute(theirs.where(subjects.c.name.in_(part)))
        ]

    def _give_to(
        self,
        collection: Collection,
        keys: Sequence[int],
        user_key: int | None,
        subject_of: Callable[[str], str],
    ) -> None:
        """Set the user of faces; those without an external image id are sealed anew for another subject.

        A template that does not open stays with the subject that it has.
        """
        if not keys:
            return
        theirs = (faces.c.collection_key == collection.key, faces.c.key.in_(keys))
        self._connection.execute(update(faces).where(*theirs).values(user_key=user_key))
        nameless = sealed_of(collection).where(faces.c.key.in_(keys), faces.c.external_image_id.is_(None))
        rows = self._connection.execute(nameless).all()
        if not rows:
            return
        owners = self._subjects(collection, sorted({subject_of(row.face_id) for row in rows}))
        changes = []
        for row in rows:
            subject_key, data_key = owners[subject_of(row.face_id)]
            try:
                vector = self._opened(collection, row)
            except TemplateBroken:
                continue
            template = seal_template(
                data_key, vector, face_data(collection.key, row.face_id, collection.pack)
            )
            changes.append({"face": row.key, "subject": subject_key, "sealed": template})
        if changes:
            self._connection.execute(
                update(faces)
                .where(faces.c.key == bindparam("face"))
                .values(subject_key=bindparam("subject"), template=bindparam("sealed")),
                changes,
            )
        given = [key for key, _ in owners.values()]
        self._delete_unused_subjects([*given, *(row.subject_key for row in rows)])

    def _delete_unused_subjects(self, keys: Sequence[int]) -> None:
        in_use = select(faces.c.key).where(faces.c.subject_key == subjects.c.key).exists()
        for part in in_parts(sorted(set(keys))):
            done = self._connection.execute(delete(subjects).where(subjects.c.key.in_(part), ~in_use))
            self.has_destroyed_keys |= done.rowcount > 0


_TAGS = tags

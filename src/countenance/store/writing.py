"""Changes within one transaction."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from countenance.errors import CollectionExists, UserExists
from countenance.gallery.values import subject_name
from countenance.store import group_rows, review_rows
from countenance.store.evaluation_rows import EvaluationWriting
from countenance.store.governance_tables import review_candidates, reviews
from countenance.store.governance_writing import GovernanceWriting
from countenance.store.group_writing import GroupWriting
from countenance.store.index_changes import IndexChangeWriting
from countenance.store.job_writing import JobWriting
from countenance.store.ledger_log import append_entries
from countenance.store.monitor_rows import MonitorWriting
from countenance.store.picture_rows import PictureWriting, forget_pictures, forget_pictures_of
from countenance.store.reading import REMEMBERED_FOR, Reader
from countenance.store.rows import in_parts, sealed_of
from countenance.store.sealed_faces import face_row, sealed_anew
from countenance.store.sealing import data_keys
from countenance.store.subject_rows import (
    delete_subjects_of,
    delete_unused_subjects,
    name_request,
    subjects_named,
    touch,
)
from countenance.store.tables import collections, faces, remembered_answers, subjects, tags, users
from countenance.store.video_writing import VideoWriting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from sqlalchemy import ColumnElement, Connection

    from countenance.gallery.values import Collection, EnrolledFace, NewFace, RememberedAnswer, User
    from countenance.store.key_tree import KeyTree
    from countenance.store.sealing import MasterKeys


# SQLite takes 1,000 conditions in a row.
_TEXTS_AT_ONCE = 500


class Writer(
    PictureWriting,
    GroupWriting,
    EvaluationWriting,
    MonitorWriting,
    VideoWriting,
    JobWriting,
    IndexChangeWriting,
    GovernanceWriting,
    Reader,
):
    """Implements `GalleryWriter` and `GovernanceWriter` on a connection whose write transaction has begun.

    There is no other one at the time.

    ``has_deleted_subjects`` tells whether there are data keys to destroy after the transaction.
    """

    def __init__(
        self,
        connection: Connection,
        tree: KeyTree,
        evidence_key: bytes,
        master_keys: MasterKeys,
        signing_key: Ed25519PrivateKey,
    ) -> None:
        super().__init__(connection, tree, evidence_key)
        self._master_keys = master_keys
        self._signing_key = signing_key
        self._request = ""

    def append_entry(self, record: Mapping[str, Any]) -> None:
        """Add an entry to the ledger."""
        append_entries(self._connection, self._signing_key, [record])
        self._request = str(record["request"])

    def finish(self) -> None:
        """Note for whom data keys are to be destroyed; the last thing before the transaction ends."""
        if self.has_deleted_subjects:
            name_request(self._connection, self._request)

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

    def hide_collection(self, collection: Collection, request_id: str) -> None:
        """Let nobody find a collection any more, and free its id; what is in it is deleted afterwards."""
        hidden = {
            "collection_id": f"deleted:{collection.key}",
            "deleted_at": datetime.now(UTC),
            "deleted_by": request_id,
        }
        this = collections.c.key == collection.key
        self._connection.execute(update(collections).where(this).values(hidden))
        self._cancel_jobs_of(collection)
        self._delete_monitors_of(collection)

    def delete_collection(self, collection: Collection) -> None:
        """Delete a collection, all that is in it, and the keys of its subjects."""
        review_rows.delete_reviews_of(self._connection, reviews.c.collection_key == collection.key)
        self.delete_videos_of(collection)
        group_rows.delete_groups_of(self._connection, collection)
        forget_pictures_of(self._connection, collection)
        for table in (faces, users, tags):
            self._connection.execute(delete(table).where(table.c.collection_key == collection.key))
        self.has_deleted_subjects |= delete_subjects_of(self._connection, collection)
        self._connection.execute(delete(remembered_answers))  # whose they were cannot be told any more
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

    def delete_faces(self, collection: Collection, keys: Sequence[int]) -> list[bytes]:
        """Delete faces, and the data keys of subjects of whom nothing is left.

        Returns the SHA-256 digests of the sealed templates, by ascending key of those that were there.
        """
        digests = []
        columns = faces.c.key, faces.c.subject_key, faces.c.template, faces.c.image_id
        for part in in_parts(sorted(set(keys))):
            these = (faces.c.collection_key == collection.key, faces.c.key.in_(part))
            query = select(*columns).where(*these).order_by(faces.c.key)
            rows = self._connection.execute(query).all()
            digests += [hashlib.sha256(row.template).digest() for row in rows]
            group_rows.forget_faces(self._connection, [row.key for row in rows])
            self._connection.execute(delete(faces).where(*these))
            self._delete_unused([row.subject_key for row in rows])
            forget_pictures(self._connection, collection, [row.image_id for row in rows])
            self._forget_candidates(review_candidates.c.face_key, part)
            self.forget_in_videos(part)
        return digests

    def create_user(self, collection: Collection, user_id: str) -> User:
        """Add a user; raises UserExists."""
        now, name = datetime.now(UTC), subject_name("", None, user_id)
        subject = subjects_named(self._connection, self._tree, collection, [name], now)[name]
        try:
            self._connection.execute(
                insert(users).values(
                    collection_key=collection.key, user_id=user_id, subject_key=subject.key, created_at=now
                )
            )
        except IntegrityError:
            raise UserExists(f"The user id: {user_id} already exists in {collection.collection_id}") from None
        return self.user(collection, user_id)

    def delete_user(self, collection: Collection, user: User) -> None:
        """Delete a user; its faces stay, without a user."""
        query = select(faces.c.key).where(faces.c.user_key == user.key)
        self.disassociate(collection, self._connection.execute(query).scalars().all())
        owner = select(users.c.subject_key).where(users.c.key == user.key)
        subject_keys = self._connection.execute(owner).scalars().all()
        group_rows.forget_users(self._connection, [user.key])
        self._connection.execute(delete(users).where(users.c.key == user.key))
        self._delete_unused(subject_keys)
        self._forget_candidates(review_candidates.c.user_key, [user.key])

    def touch_subjects(self, subject: str, at: datetime) -> int:
        """Note, in all collections, that there was something to do with a subject; returns how many knew it.

        ``subject`` is an external image id or a user id; a time before the noted one changes nothing.
        """
        at = at.astimezone(UTC)
        these = subjects.c.name.in_([subject_name("", subject, None), subject_name("", None, subject)])
        earlier = subjects.c.last_interaction_at < at
        self._connection.execute(update(subjects).where(these, earlier).values(last_interaction_at=at))
        return int(self._connection.execute(select(func.count(subjects.c.key)).where(these)).scalar_one())

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

    def forget_answers(self, texts: Sequence[str]) -> None:
        """Forget the remembered answers that hold any of these texts, as a part or as a whole."""
        table = remembered_answers
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            some = texts[start : start + _TEXTS_AT_ONCE]
            holding = or_(*(table.c.answer.contains(text, autoescape=True) for text in some))
            self._connection.execute(delete(table).where(holding))

    def _by_id(self, collection: Collection, face_ids: Sequence[str]) -> dict[str, EnrolledFace]:
        found = self.faces(collection, after_key=0, most=len(face_ids), face_ids=face_ids)
        return {face.face_id: face for face in found}

    def _insert(self, collection: Collection, new: Sequence[NewFace]) -> None:
        names = {face.face_id: subject_name(face.face_id, face.external_image_id, None) for face in new}
        now = datetime.now(UTC)
        owners = subjects_named(
            self._connection, self._tree, collection, list(dict.fromkeys(names.values())), now
        )
        touch(self._connection, [owner.key for owner in owners.values() if not owner.is_new], now)
        rows = [face_row(collection, face, owners[names[face.face_id]], now) for face in new]
        self._connection.execute(insert(faces), rows)

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
        nameless = sealed_of(collection).add_columns(faces.c.portrait)
        nameless = nameless.where(faces.c.key.in_(keys), faces.c.external_image_id.is_(None))
        rows = self._connection.execute(nameless).all()
        if not rows:
            return
        names = sorted({subject_of(row.face_id) for row in rows})
        owners = subjects_named(self._connection, self._tree, collection, names, datetime.now(UTC))
        opening = data_keys(self._tree, (row.leaf for row in rows))
        changes = [
            change
            for row in rows
            if (change := sealed_anew(collection, row, opening, owners[subject_of(row.face_id)]))
        ]
        if changes:
            self._connection.execute(
                update(faces)
                .where(faces.c.key == bindparam("face"))
                .values(
                    subject_key=bindparam("subject"),
                    template=bindparam("sealed"),
                    portrait=bindparam("sealed_portrait"),
                ),
                changes,
            )
        given = [owner.key for owner in owners.values()]
        self._delete_unused([*given, *(row.subject_key for row in rows)])

    def _forget_candidates(self, column: ColumnElement[Any], keys: Sequence[int]) -> None:
        self.has_deleted_subjects |= review_rows.forget_candidates(self._connection, column, keys)

    def _delete_unused(self, keys: Sequence[int]) -> None:
        self.has_deleted_subjects |= delete_unused_subjects(self._connection, keys)


_TAGS = tags

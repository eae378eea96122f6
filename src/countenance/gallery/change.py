"""`Change`: a change of a gallery in the making, and what it means for search indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.errors import GalleryFull, TemplateBroken
from countenance.gallery.indexes import IndexChange
from countenance.gallery.users import user_vector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.faces import Vector
    from countenance.gallery.ports import GalleryReader, GalleryWriter
    from countenance.gallery.values import Collection, EnrolledFace, NewFace, User

MOST_FACES_OF_A_COLLECTION = 20_000_000
MOST_FACES_OF_A_USER = 100


class Change:
    """A change in the making; it becomes durable when `Gallery.changing` is left.

    What search does not see (collections, tags, new users, remembered answers) is written through ``writer``;
    for faces and their users there are methods here, which also note what the indexes must learn.
    """

    def __init__(self, writer: GalleryWriter, face_counts: dict[int, int]) -> None:
        self.writer = writer
        self._face_counts = face_counts
        self.noted: dict[int, IndexChange] = {}
        self.deleted_collections: list[int] = []

    def enrol(self, collection: Collection, faces: Sequence[NewFace]) -> list[EnrolledFace]:
        """Add faces; one whose id is there already is not added again but answered as it is.

        Raises:
            GalleryFull: the collection has 20 million faces.
        """
        if collection.key not in self._face_counts:
            self._face_counts[collection.key] = self.writer.count_faces(collection)
        added, note = self.writer.add_faces(collection, faces), self._note(collection)
        count = self._face_counts[collection.key] + note.growth() + sum(is_new for _, is_new in added)
        if count > MOST_FACES_OF_A_COLLECTION:
            raise GalleryFull(
                f"the collection {collection.collection_id} is full; the limit is "
                f"{MOST_FACES_OF_A_COLLECTION:,} faces; use another collection"
            )
        for (enrolled, is_new), face in zip(added, faces, strict=True):
            if is_new:
                note.faces[enrolled.key] = face.vector
        return [enrolled for enrolled, _ in added]

    def delete_faces(self, collection: Collection, faces: Sequence[EnrolledFace]) -> list[bytes]:
        """Delete faces; their users stay, with the faces that they have left.

        Returns the SHA-256 digests of the sealed templates.
        """
        keys = [face.key for face in faces]
        digests = self.writer.delete_faces(collection, keys)
        self._note(collection).faces.update(dict.fromkeys(keys))
        for user_id in dict.fromkeys(face.user_id for face in faces if face.user_id is not None):
            self._renew(collection, self.writer.user(collection, user_id))
        return digests

    def associate(self, collection: Collection, user: User, keys: Sequence[int]) -> None:
        """Make faces the user's."""
        self.writer.associate(collection, user, keys)
        self._renew(collection, user)

    def disassociate(self, collection: Collection, user: User, keys: Sequence[int]) -> None:
        """Take faces from the user."""
        self.writer.disassociate(collection, keys)
        self._renew(collection, user)

    def delete_user(self, collection: Collection, user: User) -> None:
        """Delete a user; its faces stay."""
        self.writer.delete_user(collection, user)
        self._note(collection).users[user.key] = None

    def hide_collection(self, collection: Collection, request_id: str) -> None:
        """Let nobody find a collection any more; what is in it is deleted afterwards, for that request."""
        self.writer.hide_collection(collection, request_id)
        self.deleted_collections.append(collection.key)

    def delete_collection(self, collection: Collection) -> None:
        """Delete a collection and all that is left in it."""
        self.writer.delete_collection(collection)
        self.deleted_collections.append(collection.key)

    def tell_others(self, made_by: str) -> None:
        """Note, in the change itself, what other processes' indexes must look at."""
        for key, note in self.noted.items():
            self.writer.note_change(made_by, key, sorted(note.faces), sorted(note.users))
        for key in self.deleted_collections:
            self.writer.note_change(made_by, key, [], [])

    def _renew(self, collection: Collection, user: User) -> None:
        self._note(collection).users[user.key] = vector_of_user(self.writer, collection, user)

    def _note(self, collection: Collection) -> IndexChange:
        return self.noted.setdefault(collection.key, IndexChange())


def as_they_are(
    reader: GalleryReader, collection: Collection, face_keys: Sequence[int], user_keys: Sequence[int]
) -> IndexChange | None:
    """Return what brings these faces and users into step; None where a template of them is damaged."""
    try:
        block = reader.templates(collection, face_keys)
        users = reader.users_by_key(collection, user_keys)
        vectors = {key: vector_of_user(reader, collection, user) for key, user in users.items()}
    except TemplateBroken:
        return None
    faces = dict(zip(block.keys.tolist(), block.vectors, strict=True))
    return IndexChange(
        faces={key: faces.get(key) for key in face_keys}, users={key: vectors.get(key) for key in user_keys}
    )


def vector_of_user(reader: GalleryReader, collection: Collection, user: User) -> Vector | None:
    """Return one vector for all faces of a user, None where it has no face."""
    faces = reader.faces(collection, after_key=0, most=MOST_FACES_OF_A_USER, user=user)
    if not faces:
        return None
    block = reader.templates(collection, [face.key for face in faces])
    return user_vector(block.vectors, block.qualities)

"""See enrolled faces: with their portraits, where the policy has any kept, and when their stay ends."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.errors import FaceNotFound, TemplateBroken
from countenance.governance import expiry_of
from countenance.operations.imports.ports import archive_reader
from countenance.operations.pages import Page, page_of
from countenance.operations.usable import usable_faces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.archive.values import PictureRecord
    from countenance.gallery import Gallery
    from countenance.gallery.ports import GalleryReader
    from countenance.gallery.values import Collection, EnrolledFace
    from countenance.governance import Consent, Expiry
    from countenance.operations.acts import Act


@dataclass(frozen=True, slots=True)
class SeenFaces:
    """A page of faces.

    Attributes:
        page: the faces, in the order of their enrolment.
        pack: what made their templates.
        portraits: by face id, a JPEG; only where the policy keeps portraits and the key may see them.
        expiries: by face id, when its stay ends and by which clause; absent where nothing ends it.
        ended: the ids of those that no search finds any more, since their time or their consent has ended.
    """

    page: Page[EnrolledFace]
    pack: str
    portraits: dict[str, bytes]
    expiries: dict[str, Expiry]
    ended: frozenset[str]


@dataclass(frozen=True, slots=True)
class SeenFace:
    """One face, as `SeenFaces` has them, and what its picture came with, such as articles."""

    face: EnrolledFace
    pack: str
    portrait: bytes | None
    expiry: Expiry | None
    ended: bool
    records: tuple[PictureRecord, ...]


def see_faces(
    gallery: Gallery,
    act: Act,
    collection_id: str,
    *,
    most: int,
    after_key: int = 0,
    user_id: str | None = None,
) -> SeenFaces:
    """Return faces in the order they were enrolled, only a user's where one is named.

    Raises:
        NotPermitted: the caller's key may not list the faces.
        CollectionNotFound: there is no such collection.
        UserNotFound: there is no such user.
    """
    _permit(act, collection_id)
    with gallery.reading() as reader:
        collection = reader.collection(collection_id)
        user = reader.user(collection, user_id) if user_id is not None else None
        page = page_of(
            lambda count: reader.faces(collection, after_key=after_key, most=count, user=user),
            most,
            after_key,
        )
        portraits = portraits_of(act, reader, collection, page.items)
        expiries = _expiries(act, reader, collection, page.items)
        ended = _ended(act, reader, collection, page.items)
    return SeenFaces(page, collection.pack, portraits, expiries, ended)


def see_face(gallery: Gallery, act: Act, collection_id: str, face_id: str) -> SeenFace:
    """Return one face.

    Raises:
        NotPermitted: the caller's key may not list the faces.
        CollectionNotFound: there is no such collection.
        FaceNotFound: there is no such face.
    """
    _permit(act, collection_id)
    with gallery.reading() as reader:
        collection = reader.collection(collection_id)
        face = reader.face(collection, face_id)
        act.note(subjects=act.subjects(reader, collection, [face]))
        return SeenFace(
            face=face,
            pack=collection.pack,
            portrait=portraits_of(act, reader, collection, [face]).get(face_id),
            expiry=_expiries(act, reader, collection, [face]).get(face_id),
            ended=bool(_ended(act, reader, collection, [face])),
            records=tuple(
                archive_reader(reader).records_of_pictures(collection, [face.image_id]).get(face.image_id, ())
            ),
        )


def portraits_of(
    act: Act, reader: GalleryReader, collection: Collection, faces: Sequence[EnrolledFace]
) -> dict[str, bytes]:
    """Return, by face id, the portraits that the caller may see, and note whose they are.

    There are none where the policy no longer keeps any, though some may still be stored, and none of a face
    that may not be used any more.
    """
    keeps = act.policy is not None and act.policy.keeps_portraits
    if not keeps or not act.caller.does("show_portraits"):
        return {}
    found: dict[str, bytes] = {}
    ended = _ended(act, reader, collection, faces)
    for face in (face for face in faces if face.face_id not in ended):
        # Faces may go while a page is read; a damaged portrait must not hide the others.
        with suppress(FaceNotFound, TemplateBroken):
            portrait = reader.portrait(collection, face.face_id)
            if portrait is not None:
                found[face.face_id] = portrait
    shown = [face for face in faces if face.face_id in found]
    act.note(portraits=act.subjects(reader, collection, shown))
    return found


def _permit(act: Act, collection_id: str) -> None:
    """Ask for leave to list faces, and to see portraits where the policy keeps them and the key may.

    The entry names the greater of the two.
    """
    act.permit("list_faces", collection_id)
    keeps = act.policy is not None and act.policy.keeps_portraits
    if keeps and act.caller.does("show_portraits"):
        act.permit("show_portraits", collection_id)


def _ended(
    act: Act, reader: GalleryReader, collection: Collection, faces: Sequence[EnrolledFace]
) -> frozenset[str]:
    pick = usable_faces(act, collection)
    if pick is None:
        return frozenset()
    usable = {face.face_id for face in pick(reader, list(faces))}
    return frozenset(face.face_id for face in faces if face.face_id not in usable)


def _expiries(
    act: Act, reader: GalleryReader, collection: Collection, faces: Sequence[EnrolledFace]
) -> dict[str, Expiry]:
    policy = act.policy
    if policy is None or not policy.ends_use or not faces:
        return {}
    interactions = reader.last_interaction(collection, list({face.subject for face in faces}))
    consents: dict[str, list[Consent]] = {}
    if policy.consent_required and policy.purpose is not None:
        subjects = sorted({face.consenting for face in faces if face.consenting is not None})
        with act.governance.reading() as records:
            consents = records.consents_to(policy.purpose, subjects)
    ends = {
        face.face_id: expiry_of(
            policy,
            face.enrolled_at,
            interactions.get(face.subject, face.enrolled_at),
            consents.get(face.consenting or "", ()),
        )
        for face in faces
    }
    return {face_id: expiry for face_id, expiry in ends.items() if expiry is not None}

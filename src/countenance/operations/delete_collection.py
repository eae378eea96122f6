"""Delete a collection with everything in it.

It is gone from the next request on; what was in it is erased in batches that let others in between. Where
the process ends meanwhile, the next one goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.operations.erase_faces import commitment, note_backups, require_no_hold
from countenance.operations.queueing import job_writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.gallery import Gallery
    from countenance.gallery.ports import GalleryReader
    from countenance.gallery.values import Collection
    from countenance.operations.acts import Act, Register

BATCH = 10_000


def delete_collection(gallery: Gallery, act: Act, collection_id: str) -> None:
    """Delete a collection, its faces, users and tags, and the data keys of its subjects.

    Raises:
        NotPermitted: the caller's key does not allow it.
        CollectionNotFound: there is no such collection.
        HoldInForce: a legal hold is on somebody in it.
    """
    act.permit("delete_collection", collection_id)
    with act.changing(gallery) as change:
        collection = change.writer.collection(collection_id)
        hide(act, change.writer, collection)
        change.hide_collection(collection, act.request_id)
    finish_deletions(gallery, act.register)


def hide(act: Act, reader: GalleryReader, collection: Collection) -> None:
    """Note a collection that is about to be hidden; raises HoldInForce where that is forbidden."""
    with act.governance.reading() as records:
        on_hold = [hold.subject for hold in records.holds()]
    require_no_hold(act, (), [subject for subject in on_hold if _holds(reader, collection, subject)])
    act.note_more(
        "deleted", {"collection": collection.collection_id, "faces": reader.count_faces(collection)}
    )


def _holds(reader: GalleryReader, collection: Collection, subject: str) -> bool:
    found = (*reader.faces_of_subject(subject), *reader.users_of_subject(subject))
    return any(where.key == collection.key for where, _ in found)


def finish_deletions(
    gallery: Gallery, register: Register, progress: Callable[[int], None] = lambda _: None
) -> int:
    """Erase what is in collections that were deleted; returns how many faces that were.

    Each batch is recorded under the request that deleted the collection.

    Args:
        gallery: the collections.
        register: where it is recorded.
        progress: is told how many faces were erased since it was told last.
    """
    total = 0
    while True:
        with gallery.reading() as reader:
            hidden = reader.hidden_collections()
        if not hidden:
            return total
        for collection, request_id in hidden:
            total += _empty(gallery, register, collection, request_id, progress)


def _empty(
    gallery: Gallery,
    register: Register,
    collection: Collection,
    request_id: str,
    progress: Callable[[int], None],
) -> int:
    total = 0
    while True:
        with register.following(request_id, "erase_collection") as act, act.changing(gallery) as change:
            faces = change.writer.faces(collection, after_key=0, most=BATCH)
            digests = change.delete_faces(collection, faces)
            items = job_writer(change.writer).forget_items_of(collection.key, BATCH)
            finished = len(faces) < BATCH and items < BATCH
            note_backups(act)
            act.note_more("erased", {"faces": len(digests), "commitment": commitment(digests)})
            if finished:
                change.delete_collection(collection)
                act.note(finished=True)
        total += len(faces)
        progress(len(faces))
        if finished:
            return total

"""Commit a batch of an import: enrolment, users, records, items and ledger entry in one transaction.

1. Ask once more, within the transaction, whether each may be enrolled: consent may be gone since.
2. Leave out what cannot become the user's whom its row names.
3. Enrol; faces that are there already stay as they are.
4. Make each picture's largest face the named user's, who is created where there is none.
5. Keep what the pictures came with.
6. Settle the items.
7. Note what was done.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from itertools import zip_longest
from typing import TYPE_CHECKING

from countenance.errors import ImageError
from countenance.gallery import MOST_FACES_OF_A_USER
from countenance.jobs.retrying import back_off
from countenance.jobs.values import Settled
from countenance.operations.imports.batches import questions_of
from countenance.operations.imports.ports import import_writer
from countenance.operations.imports.users import user_or_none

if TYPE_CHECKING:
    from countenance.gallery import Change
    from countenance.gallery.values import Collection, EnrolledFace, NewFace
    from countenance.jobs.run import JobRun
    from countenance.operations.imports.batches import Batch, SeenPicture
    from countenance.operations.imports.ports import ImportWriter
    from countenance.operations.imports.rooms import ImportRooms
    from countenance.operations.imports.values import ImportAsked


def commit(rooms: ImportRooms, run: JobRun, asked: ImportAsked, batch: Batch) -> None:
    """Make a batch durable.

    Raises:
        NotPermitted: the import as such is not allowed any more.
        CollectionNotFound: the collection was deleted.
        GalleryFull: the collection has 20 million faces.
        JobLost: another worker has the job.
        JobItemsGone: somebody in it was erased meanwhile; nothing of it was kept.
        StoreUnavailable: the store did not take it.
    """
    collection_id, act = str(run.job.asked.collection_id), batch.act
    run.caller()
    new = _complete(batch)
    with act.changing(rooms.gallery) as change:
        writer = import_writer(change)
        # 1
        allowed = _allowed(writer, collection_id, asked, batch)
        collection = writer.collection(collection_id)
        known = _known(writer, collection, [face for seen in allowed for face in new[seen.place]])
        # 2
        kept = _with_room(writer, collection, allowed, known, batch)
        # 3
        enrolled = change.enrol(collection, [face for seen in kept for face in new[seen.place]])
        by_id = {face.face_id: face for face in enrolled}
        # 4
        users = _give_to_users(change, collection, kept, by_id)
        # 5
        records = [(seen.faces[0].image_id, seen.item.record) for seen in kept if seen.item.record]
        fresh = len(by_id.keys() - known.keys())
        counts = {
            "faces": fresh,
            "faces_there": sum(len(seen.faces) for seen in kept) - fresh,
            "faces_set_aside": batch.set_aside,
            "users": users,
            "records": writer.add_picture_records(collection, records) if records else 0,
        }
        # 6
        writer.settle_items(run.job, run.claim, _settled(batch, kept, counts))
        # 7
        faces = writer.faces_by_key(collection, [face.key for face in by_id.values()])
        act.note(
            job=run.job.job_id,
            pack=rooms.vision.pack,
            **counts,
            skipped=len(batch.skipped),
            failed=dict(Counter(reason.partition(":")[0] for reason in batch.failed.values())),
            subjects=sorted(set(act.subjects(writer, collection, faces.values()))),
        )
        for sha256 in batch.pictures:
            act.note_picture_of(sha256)


def _complete(batch: Batch) -> dict[int, list[NewFace]]:
    """Return the faces with their portraits, by the item's place; pictures that have none fail."""
    complete = {}
    for seen in batch.seen:
        try:
            portraits = [made.result() for made in seen.portraits]
        except ImageError as error:
            batch.failed[seen.place] = f"{type(error).__name__}: {error}"
            continue
        pairs = zip_longest(seen.faces, portraits)  # none where the policy keeps none
        complete[seen.place] = [replace(face, portrait=made) for face, made in pairs]
    return complete


def _allowed(writer: ImportWriter, collection_id: str, asked: ImportAsked, batch: Batch) -> list[SeenPicture]:
    """Return the pictures that may still be enrolled; the others fail."""
    seen = [each for each in batch.seen if each.place not in batch.failed]
    questions = questions_of([each.item for each in seen], asked)
    refusals = batch.act.permit_each("import_faces", collection_id, questions, writer)
    allowed = []
    for each, refusal in zip(seen, refusals, strict=True):
        if refusal is None:
            allowed.append(each)
        else:
            batch.failed[each.place] = f"{type(refusal).__name__}: {refusal}"
    return allowed


def _known(writer: ImportWriter, collection: Collection, faces: list[NewFace]) -> dict[str, EnrolledFace]:
    ids = sorted({face.face_id for face in faces})
    found = writer.faces(collection, after_key=0, most=len(ids), face_ids=ids) if ids else []
    return {face.face_id: face for face in found}


def _with_room(
    writer: ImportWriter,
    collection: Collection,
    allowed: list[SeenPicture],
    known: dict[str, EnrolledFace],
    batch: Batch,
) -> list[SeenPicture]:
    """Return the pictures whose largest face can become the user's that is named, if one is."""
    kept, given = [], Counter[str]()
    counts = {
        user_id: user.face_count if (user := user_or_none(writer, collection, user_id)) is not None else 0
        for user_id in {seen.item.user_id for seen in allowed if seen.item.user_id is not None}
    }
    owners = {face_id: face.user_id for face_id, face in known.items() if face.user_id is not None}
    for seen in allowed:
        user_id, face_id = seen.item.user_id, seen.faces[0].face_id
        if user_id is None:
            kept.append(seen)
            continue
        owner = owners.get(face_id)
        if owner is not None and owner != user_id:
            batch.failed[seen.place] = "UserExists: its largest face is another user's already"
        elif owner is None and counts[user_id] + given[user_id] >= MOST_FACES_OF_A_USER:
            batch.failed[seen.place] = (
                f"GalleryFull: the user {user_id} has {MOST_FACES_OF_A_USER} faces, the limit"
            )
        else:
            given[user_id] += owner is None
            owners[face_id] = user_id
            kept.append(seen)
    return kept


def _give_to_users(
    change: Change, collection: Collection, kept: list[SeenPicture], by_id: dict[str, EnrolledFace]
) -> int:
    """Make largest faces the users' that are named; returns how many users were created."""
    created, wanted = 0, dict[str, dict[int, None]]()
    for seen in kept:
        if seen.item.user_id is not None:
            face = by_id[seen.faces[0].face_id]
            keys = wanted.setdefault(seen.item.user_id, {})
            if face.user_id is None:
                keys[face.key] = None
    for user_id, keys in wanted.items():
        user = user_or_none(change.writer, collection, user_id)
        if user is None:
            user = change.writer.create_user(collection, user_id)
            created += 1
        if keys:
            change.associate(collection, user, list(keys))
    return created


def _settled(batch: Batch, kept: list[SeenPicture], counts: dict[str, int]) -> Settled:
    now = datetime.now(UTC)
    return Settled(
        done=tuple(seen.place for seen in kept),
        skipped=batch.skipped,
        failed=batch.failed,
        retried={
            place: (now + back_off(tried, random.random()), reason)  # noqa: S311 - no secret
            for place, (tried, reason) in batch.later.items()
        },
        counts={name: count for name, count in counts.items() if count},
    )

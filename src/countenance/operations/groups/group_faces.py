"""Group the faces of a collection: the work of a job of that kind.

1. Ask for leave, and see which faces may be used now: consents and retention hold, as for a search.
2. Group them; what people confirmed and what they said is not so holds.
3. Ask for leave again, and note what is suggested in one transaction with the history, the ledger and the
   job. A face that people put somewhere meanwhile, or that is gone, is left as it is.

Done again, as after a worker was killed, it finds the same and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.errors import GalleryFull
from countenance.gallery.grouping import group_faces as grouped
from countenance.operations.grouping_settings import grouping_settings
from countenance.operations.groups.keep_suggestions import keep_suggestions
from countenance.operations.groups.seeing_faces import known_groups, seen_faces
from countenance.operations.groups.suggesting import question_of, suggestions_of
from countenance.operations.probes import require_pack
from countenance.operations.queueing import job_writer

if TYPE_CHECKING:
    from countenance.gallery import Gallery
    from countenance.gallery.ports import GalleryReader
    from countenance.gallery.values import Collection
    from countenance.jobs.run import JobRun
    from countenance.operations.acts import Act, Register
    from countenance.operations.groups.suggesting import Labels, Question
    from countenance.vision import FaceAnalyzer

MOST_FACES_GROUPED = 1_000_000


@dataclass(frozen=True, slots=True)
class GroupingRooms:
    """What the work needs besides the job."""

    vision: FaceAnalyzer
    gallery: Gallery
    register: Register


def group_faces(rooms: GroupingRooms, run: JobRun) -> None:
    """Do a job of the kind ``group_faces``.

    Raises:
        NotPermitted: who asked may not do it any more, or the policy or a moratorium does not allow it.
        CollectionNotFound: there is no such collection any more.
        PacksDiffer: the collection was filled by another pack.
        PackNotCalibrated: the pack cannot say what a score means.
        GalleryFull: the collection has more than a million faces.
        JobStopped: the job is cancelled, or the worker ends.
        JobLost: another worker has the job.
    """
    collection_id, gallery = str(run.job.asked.collection_id), rooms.gallery
    with rooms.register.act(run.caller(), run.job.asked.request_id) as act:

        def go_on() -> None:
            run.check()
            act.permit("group_faces", collection_id)

        # 1
        go_on()
        act.note(job=run.job.job_id)
        with gallery.reading() as reader:
            collection = reader.collection(collection_id)
            _require_size(reader, collection)
        require_pack(rooms.vision, collection)
        faces = seen_faces(gallery, act, collection, go_on)
        with gallery.reading() as reader:
            known = known_groups(reader, collection)
        # 2
        question = question_of(faces, known)
        suggestions = suggestions_of(faces, known, question, _labels(act, rooms.vision, question))
        # 3
        go_on()
        with act.changing(gallery) as change:
            edit = keep_suggestions(act, change.writer, collection, suggestions)
            groups = change.writer.count_groups(collection)
            counts = {"faces": len(faces.keys), "groups": groups, "changed": edit.faces if edit else 0}
            act.note(pack=collection.pack, **counts)
            job_writer(change.writer).save_checkpoint(run.job, run.claim, {"noted": True}, counts=counts)


def _require_size(reader: GalleryReader, collection: Collection) -> None:
    count = reader.count_faces(collection)
    if count > MOST_FACES_GROUPED:
        raise GalleryFull(
            f"the collection {collection.collection_id} has {count:,} faces and at most "
            f"{MOST_FACES_GROUPED:,} can be grouped; put parts of it into collections of their own"
        )


def _labels(act: Act, vision: FaceAnalyzer, question: Question) -> Labels:
    faces, settings = question.faces, grouping_settings(vision)
    if settings.surroundings is not None:
        act.note(calibration="fair")
    answer = grouped(
        faces.vectors,
        faces.qualities,
        settings=settings,
        confirmed=question.confirmed,
        apart=question.apart,
        not_in=question.not_in,
        pictures=faces.pictures,
    )
    return answer.labels

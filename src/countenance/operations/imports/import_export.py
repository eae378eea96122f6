"""Import what another server exported: faces with the templates that they have, users, records.

Every face needs its consent here as any other; where it came from must be allowed here, too. Ids and times of
enrolment are kept, so that what refers to a face still does and no retention begins anew. Rows are items of
the job, one for each face and one for each page of users and of records, which come after the faces.

1. See that the export is whole, and its pack ours; list its rows.
2. Batch by batch: read, ask for leave, enrol, give to users, settle, in one transaction with its entry.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from countenance.archive.exported_rows import face_of, record_of, user_id_of
from countenance.archive.exports import (
    FACES,
    RECORDS,
    ROWS_AT_ONCE,
    USERS,
    read_manifest_of,
    read_row_group,
    read_rows,
)
from countenance.errors import ManifestInvalid, PacksDiffer, PolicyInvalid
from countenance.gallery import MOST_FACES_OF_A_USER
from countenance.gallery.values import NewFace, subject_name
from countenance.governance import Source
from countenance.jobs.values import NewItem, Settled
from countenance.operations.imports.ports import import_writer
from countenance.operations.imports.users import user_or_none
from countenance.operations.questions import Enrolling

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from countenance.archive.exports import ExportedFace
    from countenance.gallery import Change
    from countenance.gallery.values import Collection
    from countenance.jobs.run import JobRun
    from countenance.jobs.values import JobItem
    from countenance.operations.acts import Act
    from countenance.operations.imports.ports import ImportWriter
    from countenance.operations.imports.rooms import ImportRooms

_BATCH = 500
_FAR = datetime.min.replace(tzinfo=UTC)


def import_export(rooms: ImportRooms, run: JobRun, folder: Path) -> None:
    """Import an export, or go on with that.

    Raises:
        NotPermitted: the import is not allowed, or not any more.
        CollectionNotFound: there is no such collection.
        ExportInvalid, ManifestInvalid: the export is not whole, or damaged.
        PacksDiffer: it was made with another pack.
        ExtraMissing: pyarrow is not installed.
        JobStopped, JobLost, JobItemsGone: the job is to be left as it is, or gone on with anew.
        StoreUnavailable: the database does not answer.
    """
    # 1
    manifest = read_manifest_of(folder)
    if manifest.pack != rooms.vision.pack:
        raise PacksDiffer(
            f"{folder} was exported with the pack {manifest.pack} and {rooms.vision.pack} is in use; use "
            "that pack, or import the pictures"
        )
    if not run.job.checkpoint.get("listed"):
        _list(run, folder)
    # 2
    pages = _Pages(folder, manifest.dimensions)
    after = 0
    while True:
        run.check()
        with run.store.reading() as reader:
            items = reader.due_items(run.job, after_place=after, most=_BATCH, now=datetime.now(UTC))
        if not items:
            return
        after = items[-1].place
        _import_batch(rooms, run, pages, items)


def _list(run: JobRun, folder: Path) -> None:
    count = int(run.job.checkpoint.get("items", 0))
    for items in _new_items(folder):
        run.check()
        run.caller()
        with run.store.writing() as writer:
            count += writer.add_items(run.job, run.claim, items)
            writer.save_checkpoint(run.job, run.claim, {"items": count})
    with run.store.writing() as writer:
        writer.save_checkpoint(run.job, run.claim, {"items": count, "listed": True}, total=count)


def _new_items(folder: Path) -> Iterator[list[NewItem]]:
    named = read_rows(folder, FACES, ["face_id", "external_image_id", "user_id"])
    for number, rows in enumerate(named):
        if len(rows) > ROWS_AT_ONCE:
            raise ManifestInvalid(f"{folder / FACES} has row groups of more than {ROWS_AT_ONCE:,} rows")
        yield [
            NewItem(
                f"{folder}: face {row['face_id']}",
                row["external_image_id"] or row["user_id"],
                {"of": FACES, "group": number, "row": place},
            )
            for place, row in enumerate(rows)
        ]
    for name, column in ((USERS, "user_id"), (RECORDS, "image_id")):
        for group, _ in enumerate(read_rows(folder, name, [column])):
            yield [NewItem(f"{folder}: {name}, part {group + 1}", None, {"of": name, "group": group})]


class _Pages:
    """Row groups of an export, the last one of each file kept."""

    def __init__(self, folder: Path, dimensions: int) -> None:
        self._folder = folder
        self._dimensions = dimensions
        self._kept: dict[str, tuple[int, list[dict[str, Any]]]] = {}

    def rows(self, name: str, group: int) -> list[dict[str, Any]]:
        """Return the rows of a group; raises ManifestInvalid."""
        kept = self._kept.get(name)
        if kept is None or kept[0] != group:
            kept = self._kept[name] = (group, read_row_group(self._folder, name, group))
        return kept[1]

    def face(self, item: JobItem) -> ExportedFace:
        """Return an item's face; raises ManifestInvalid."""
        rows = self.rows(FACES, item.asked.details["group"])
        return face_of(rows[item.asked.details["row"]], self._dimensions)


@dataclass(slots=True, eq=False)
class _Step:
    """What a batch comes to."""

    done: list[int] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


def _import_batch(rooms: ImportRooms, run: JobRun, pages: _Pages, items: list[JobItem]) -> None:
    step = _Step()
    faces = _read(pages, items, step)
    collection_id = str(run.job.asked.collection_id)
    with (
        rooms.register.act(run.caller(), run.job.asked.request_id) as act,
        act.changing(rooms.gallery) as change,
    ):
        writer = import_writer(change)
        collection = writer.collection(collection_id)
        _ask(act, writer, collection_id, faces, step)
        keeps_portraits = act.policy is not None and act.policy.keeps_portraits
        _enrol(change, collection, faces, step, keeps_portraits=keeps_portraits)
        for item in items:
            if item.asked.details["of"] != FACES:
                _keep(writer, collection, pages, item, step)
        counts = {name: count for name, count in step.counts.items() if count}
        settled = Settled(done=tuple(step.done), failed=step.failed, counts=counts)
        writer.settle_items(run.job, run.claim, settled)
        ids = [face.face_id for face in faces.values()]
        found = writer.faces(collection, after_key=0, most=len(ids), face_ids=ids)
        act.note(
            job=run.job.job_id,
            pack=collection.pack,
            **counts,
            failed=dict(Counter(reason.partition(":")[0] for reason in step.failed.values())),
            subjects=sorted(set(act.subjects(writer, collection, found))),
        )


def _read(pages: _Pages, items: list[JobItem], step: _Step) -> dict[int, ExportedFace]:
    """Return the faces of a batch by their items' places; those that are not as exports have them fail."""
    faces = {}
    for item in items:
        if item.asked.details["of"] == FACES:
            try:
                faces[item.place] = _checked(pages.face(item))
            except (ManifestInvalid, PolicyInvalid) as error:
                step.failed[item.place] = f"{type(error).__name__}: {error}"
    return faces


def _ask(
    act: Act, writer: ImportWriter, collection_id: str, faces: dict[int, ExportedFace], step: _Step
) -> None:
    """Take out the faces that may not be enrolled; they fail."""
    questions = [Enrolling(face.external_image_id or face.user_id, face.source) for face in faces.values()]
    refusals = act.permit_each("import_faces", collection_id, questions, writer)
    for place, refusal in zip(tuple(faces), refusals, strict=True):
        if refusal is not None:
            step.failed[place] = f"{type(refusal).__name__}: {refusal}"
            del faces[place]


def _checked(face: ExportedFace) -> ExportedFace:
    Source.parse(face.source)
    return face


def _enrol(
    change: Change,
    collection: Collection,
    faces: dict[int, ExportedFace],
    step: _Step,
    *,
    keeps_portraits: bool,
) -> None:
    """Enrol faces, give them to their users, and set back what this changed of times."""
    if not faces:
        return
    writer = import_writer(change)
    ids = [face.face_id for face in faces.values()]
    known = {face.face_id for face in writer.faces(collection, after_key=0, most=len(ids), face_ids=ids)}
    times = {
        subject_name(face.face_id, face.external_image_id, face.user_id): face.last_interaction_at
        for face in faces.values()
    }
    before = writer.last_interaction(collection, list(times))
    new = [_new_face(face, keeps_portraits=keeps_portraits) for face in faces.values()]
    enrolled = {face.face_id: face for face in change.enrol(collection, new)}
    wanted: dict[str, dict[int, int]] = {}
    for place, face in faces.items():
        there = enrolled[face.face_id]
        if face.user_id is not None and there.user_id is None:
            wanted.setdefault(face.user_id, {})[there.key] = place
        elif face.user_id is not None and there.user_id != face.user_id:
            step.failed[place] = "UserExists: the face is another user's here"
    for user_id, keys in wanted.items():
        user = user_or_none(writer, collection, user_id)
        if user is None:
            user = writer.create_user(collection, user_id)
            step.counts["users"] += 1
        if user.face_count + len(keys) > MOST_FACES_OF_A_USER:
            full = f"GalleryFull: the user {user_id} would have more than {MOST_FACES_OF_A_USER} faces"
            step.failed.update(dict.fromkeys(keys.values(), full))
        else:
            change.associate(collection, user, list(keys))
    writer.set_interactions(collection, {name: max(at, before.get(name, _FAR)) for name, at in times.items()})
    step.done += [place for place in faces if place not in step.failed]
    step.counts["faces"] += len(set(ids) - known)
    step.counts["faces_there"] += len(set(ids) & known)


def _new_face(face: ExportedFace, *, keeps_portraits: bool) -> NewFace:
    return NewFace(
        face_id=face.face_id,
        image_id=face.image_id,
        external_image_id=face.external_image_id,
        box=face.box,
        confidence=face.confidence,
        quality=face.quality,
        vector=face.vector,
        source=face.source,
        portrait=face.portrait if keeps_portraits else None,
        enrolled_at=face.enrolled_at,
    )


def _keep(writer: ImportWriter, collection: Collection, pages: _Pages, item: JobItem, step: _Step) -> None:
    """Add a page of users, or of what pictures came with."""
    name, group = item.asked.details["of"], item.asked.details["group"]
    try:
        rows = pages.rows(name, group)
        if name == RECORDS:
            records = [(kept.image_id, kept.record) for kept in map(record_of, rows)]
            step.counts["records"] += writer.add_picture_records(collection, records)
        else:
            for user_id in map(user_id_of, rows):
                if user_or_none(writer, collection, user_id) is None:
                    writer.create_user(collection, user_id)
                    step.counts["users"] += 1
    except ManifestInvalid as error:
        step.failed[item.place] = str(error)
    else:
        step.done.append(item.place)

"""Everything that is held of a subject, gathered for its report."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from countenance.errors import TemplateBroken
from countenance.gallery.values import subject_name
from countenance.governance import due_now
from countenance.operations.imports.ports import archive_reader
from countenance.operations.queueing import job_reader
from countenance.operations.reports.described import DescribedCollection, described

if TYPE_CHECKING:
    from collections.abc import Iterator

    from countenance.archive.values import PictureRecord
    from countenance.gallery import Gallery
    from countenance.gallery.groups import Group
    from countenance.gallery.ports import GalleryReader
    from countenance.gallery.values import Collection, EnrolledFace, User
    from countenance.governance import Candidate, Consent, GovernanceReader, Hold, Review
    from countenance.jobs.ports import JobReader
    from countenance.jobs.values import Job, JobItem
    from countenance.operations.acts import Act
    from countenance.operations.videos.ports import VideoReader
    from countenance.operations.videos.values import FaceInVideo

_BATCH = 500
_DIGITS_OF_A_FLOAT32 = 9


@dataclass(frozen=True, slots=True)
class HeldFace:
    """A face and all that is kept of it.

    Attributes:
        where: its collection.
        face: the face.
        last_interaction_at: when there was last something to do with its subject.
        usable: whether searches may find it now.
        group: the group of one person's faces that it is in, if any.
        in_group_confirmed: whether somebody said that it belongs there.
        has_portrait: whether a picture of it is kept.
        portrait: the picture, a JPEG; None where it is damaged.
        template: its numbers, where they were asked for; None where they are damaged.
        damaged: what of it is kept and cannot be opened.
        records: what its picture came with, such as articles.
    """

    where: DescribedCollection
    face: EnrolledFace
    last_interaction_at: datetime
    usable: bool
    group: Group | None
    in_group_confirmed: bool
    has_portrait: bool
    portrait: bytes | None
    template: tuple[float, ...] | None
    damaged: tuple[str, ...]
    records: tuple[PictureRecord, ...]


@dataclass(slots=True)
class Holdings:
    """What is held of a subject, by whom it is asked for.

    Attributes:
        subject: the external image id or user id that was asked for.
        names: it and all other names of its faces.
        faces: its faces.
        users: its users.
        consents: all consents under one of the names.
        holds: all holds under one of the names, released ones too.
        reviews: the reviews in which it is a candidate.
        job_items: what jobs are still to do with it, or could not do.
        videos: where somebody like its faces is seen.
        pseudonyms: what stands for it in the ledger, by collection.
    """

    subject: str
    names: set[str]
    faces: list[HeldFace] = field(default_factory=list)
    users: list[tuple[DescribedCollection, User]] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    job_items: list[tuple[Job, JobItem]] = field(default_factory=list)
    videos: list[FaceInVideo] = field(default_factory=list)
    pseudonyms: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is held."""
        return not (self.faces or self.users or self.consents or self.holds or self.job_items)

    @property
    def collections(self) -> dict[str, DescribedCollection]:
        """The collections that know the subject, by id."""
        found = [held.where for held in self.faces] + [where for where, _ in self.users]
        return {where.collection_id: where for where in found}

    @property
    def all_pseudonyms(self) -> list[str]:
        """All that stands for the subject in the ledger."""
        return sorted({name for names in self.pseudonyms.values() for name in names})

    def is_candidate(self, candidate: Candidate) -> bool:
        """Tell whether a candidate of a review is the subject."""
        return self.subject in (candidate.external_image_id, candidate.user_id)


def holdings_of(gallery: Gallery, act: Act, subject: str, *, templates: bool) -> Holdings:
    """Gather what is held of a subject in the collections that the caller's key may use."""
    held = Holdings(subject, {subject})
    with gallery.reading() as reader:
        found: dict[Collection, list[EnrolledFace]] = {}
        for collection, face in reader.faces_of_subject(subject):
            if act.caller.sees(collection.collection_id):
                found.setdefault(collection, []).append(face)
                held.names |= {name for name in (face.external_image_id, face.user_id) if name is not None}
        for collection, user in reader.users_of_subject(subject):
            if act.caller.sees(collection.collection_id):
                found.setdefault(collection, [])
                held.users.append((described(act, reader, collection), user))
        for collection, faces in found.items():
            where = described(act, reader, collection)
            held.faces += _held_faces(reader, where, faces, templates=templates)
            names = {face.subject for face in faces}
            names |= {subject_name("", subject, None), subject_name("", None, subject)}
            theirs = sorted(reader.pseudonyms(collection, sorted(names)).values())
            held.pseudonyms[collection.collection_id] = theirs
    with act.governance.reading() as records:
        for name in sorted(held.names):
            held.consents += consents_of(records, name)
        held.holds = records.holds(subjects=sorted(held.names), released=True)
        held.reviews = [review for review in _reviews(records, held) if act.caller.sees(review.collection_id)]
        for name in sorted(held.names):
            held.job_items += _job_items(job_reader(records), act, name)
        held.videos = cast("VideoReader", records).videos_of_faces([each.face.key for each in held.faces])
    return held


def _held_faces(
    reader: GalleryReader, where: DescribedCollection, faces: list[EnrolledFace], *, templates: bool
) -> Iterator[HeldFace]:
    collection, policy = where.collection, where.policy
    last = reader.last_interaction(collection, sorted({face.subject for face in faces}))
    unusable: set[int] = set()
    if policy is not None and policy.ends_use:
        due = due_now(policy, datetime.now(UTC))
        unusable = reader.unusable_faces(collection, [face.key for face in faces], due)
    memberships = reader.memberships(collection, faces=[face.key for face in faces])
    membership_of = {each.face_key: each for each in memberships}
    groups = reader.groups_by_key(collection, [each.group_key for each in memberships])
    image_ids = [face.image_id for face in faces]
    records_of = archive_reader(reader).records_of_pictures(collection, image_ids)
    for face in faces:
        membership = membership_of.get(face.key)
        damaged, portrait, template = [], None, None
        try:
            portrait = reader.portrait(collection, face.face_id)
        except TemplateBroken:
            damaged.append("portrait")
        try:
            if templates:
                template = _template(reader, collection, face)
        except TemplateBroken:
            damaged.append("template")
        yield HeldFace(
            where,
            face,
            last_interaction_at=last.get(face.subject, face.enrolled_at),
            usable=policy is not None and face.key not in unusable,
            group=groups[membership.group_key] if membership is not None else None,
            in_group_confirmed=membership is not None and membership.confirmed,
            has_portrait=portrait is not None or "portrait" in damaged,
            portrait=portrait,
            template=template,
            damaged=tuple(damaged),
            records=tuple(records_of.get(face.image_id, ())),
        )


def _template(reader: GalleryReader, collection: Collection, face: EnrolledFace) -> tuple[float, ...]:
    vector = reader.templates(collection, [face.key]).vectors[0]
    return tuple(float(f"{number:.{_DIGITS_OF_A_FLOAT32}g}") for number in vector.tolist())


def consents_of(records: GovernanceReader, subject: str) -> Iterator[Consent]:
    """Yield all consents of a subject, ended ones too, those recorded first first."""
    after_key = 0
    while batch := records.consents(subject=subject, after_key=after_key, most=_BATCH):
        yield from batch
        after_key = batch[-1].key


def _job_items(reader: JobReader, act: Act, subject: str) -> Iterator[tuple[Job, JobItem]]:
    for job in reader.jobs_naming(subject):
        if job.asked.collection_id is not None and not act.caller.sees(job.asked.collection_id):
            continue
        after_place = 0
        while batch := reader.job_items(job, after_place=after_place, most=_BATCH, subject=subject):
            yield from ((job, item) for item in batch)
            after_place = batch[-1].place


def _reviews(records: GovernanceReader, held: Holdings) -> Iterator[Review]:
    after_key = 0
    while batch := records.reviews(state=None, after_key=after_key, most=_BATCH):
        yield from (review for review in batch if any(map(held.is_candidate, review.candidates)))
        after_key = batch[-1].key

"""Show one person: what is held of them and until when, and where they were found.

The report of a subject (`reports/subject.py`) tells all of it, down to the last number; this is what somebody
looks at first. Either is noted in the ledger as a disclosure.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from countenance.access.keys import EVERYTHING
from countenance.errors import SubjectNotFound
from countenance.gallery.values import subject_name
from countenance.governance import Consent, due_now, expiry_of
from countenance.operations.queueing import job_reader
from countenance.operations.reports.described import described, names_of_keys
from countenance.operations.reports.holdings import consents_of
from countenance.operations.reports.mentions import FOUND, Disclosure, Mention, disclosures_in, mentions_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from countenance.access import KeyStore
    from countenance.gallery import Gallery
    from countenance.gallery.ports import GalleryReader
    from countenance.gallery.values import Collection, EnrolledFace
    from countenance.governance import Expiry, Hold, Policy
    from countenance.ledger import LedgerReader
    from countenance.operations.acts import Act
    from countenance.operations.reports.described import DescribedCollection
    from countenance.operations.videos.ports import VideoReader

__all__ = ["Appearance", "HeldIn", "ShownSubject", "TracedSubject", "show_subject", "trace_subject"]

MOST_FACES_NAMED = 12


@dataclass(frozen=True, slots=True)
class HeldIn:
    """What one collection holds of a subject.

    Attributes:
        collection_id: the collection.
        purpose: what its faces are for; None where nothing says so.
        consent_required: whether nobody is enrolled there without their consent.
        faces: how many faces of the subject it holds.
        usable: how many of them searches may find now.
        face_ids: the ids of the first of them.
        users: how many users of the subject's name it has, 0 or 1.
        first_enrolled_at: when the first of the faces was enrolled; None where there is none.
        last_interaction_at: when there was last something to do with the subject there; None as above.
        expiry: when the first of the faces is due for erasure, and why; None where nothing ends their stay.
    """

    collection_id: str
    purpose: str | None
    consent_required: bool
    faces: int
    usable: int
    face_ids: tuple[str, ...]
    users: int
    first_enrolled_at: datetime | None
    last_interaction_at: datetime | None
    expiry: Expiry | None


@dataclass(frozen=True, slots=True)
class Appearance:
    """Somebody in a video who is like the subject; ``job_id`` is the video's, times are in milliseconds."""

    job_id: str
    begin_ms: int
    end_ms: int
    similarity: float


@dataclass(frozen=True, slots=True)
class ShownSubject:
    """What is held of a subject, as far as the caller's key may see it.

    Attributes:
        subject: the external image id or user id that was asked for.
        other_names: the other names of its faces.
        held_in: what each collection holds.
        consents: all consents under one of the names.
        holds: all legal holds on one of the names, released ones too.
        job_ids: the jobs that still have something to do with it, or could not do it.
        complete: whether all collections were looked at.
    """

    subject: str
    other_names: tuple[str, ...]
    held_in: tuple[HeldIn, ...]
    consents: tuple[Consent, ...]
    holds: tuple[Hold, ...]
    job_ids: tuple[str, ...]
    complete: bool

    @property
    def faces(self) -> int:
        """How many faces are held of it."""
        return sum(each.faces for each in self.held_in)

    @property
    def users(self) -> int:
        """How many users have its name."""
        return sum(each.users for each in self.held_in)

    @property
    def holds_in_force(self) -> tuple[Hold, ...]:
        """The legal holds that keep something of it from being erased."""
        return tuple(hold for hold in self.holds if hold.released_at is None)


@dataclass(frozen=True, slots=True)
class TracedSubject:
    """Where a subject was found, and who learned of it.

    Attributes:
        subject: the external image id or user id that was asked for.
        found: the searches that found it, oldest first.
        disclosures: to whom and how something about it was disclosed.
        appearances: the videos in which somebody is like it.
        key_names: what the access keys of these are called, by id.
    """

    subject: str
    found: tuple[Mention, ...]
    disclosures: tuple[Disclosure, ...]
    appearances: tuple[Appearance, ...]
    key_names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Found:
    """A collection that knows the subject, and what of it is theirs."""

    where: DescribedCollection
    faces: list[EnrolledFace]
    users: int
    last: Mapping[str, datetime]
    unusable: int
    pseudonyms: tuple[str, ...]


def show_subject(gallery: Gallery, act: Act, subject: str) -> ShownSubject:
    """Return what is held of a subject in the collections that the caller's key may use.

    Args:
        gallery: the collections.
        act: who asks; the look is noted as a disclosure.
        subject: an external image id or a user id.

    Raises:
        NotPermitted: the caller's key does not allow it.
        SubjectNotFound: nothing is held of such a subject.
    """
    act.permit("show_subject")
    found = _found(gallery, act, subject)
    names = _names(subject, found)
    with act.governance.reading() as records:
        consents = tuple(consent for name in names for consent in consents_of(records, name))
        holds = tuple(records.holds(subjects=names, released=True))
        jobs = job_reader(records).jobs_naming(subject)
    asked_of = ((job.job_id, job.asked.collection_id) for job in jobs)
    job_ids = tuple(job_id for job_id, where in asked_of if where is None or act.caller.sees(where))
    if not (found or consents or holds or job_ids):
        raise _nothing_held(subject)
    return ShownSubject(
        subject,
        other_names=tuple(name for name in names if name != subject),
        held_in=tuple(_held_in(each, consents) for each in found),
        consents=consents,
        holds=holds,
        job_ids=job_ids,
        complete=act.caller.collections == act.caller.purposes == EVERYTHING,
    )


def trace_subject(
    gallery: Gallery, ledger: LedgerReader, keys: KeyStore, act: Act, subject: str
) -> TracedSubject:
    """Return where a subject was found, and to whom something about it was disclosed; it reads the ledger.

    Args:
        gallery: the collections.
        ledger: as of one moment.
        keys: who may have asked.
        act: who asks now; the look is noted as a disclosure.
        subject: an external image id or a user id.

    Raises:
        NotPermitted: the caller's key does not allow it.
        SubjectNotFound: nothing is enrolled of such a subject.
    """
    act.permit("show_subject")
    found = _found(gallery, act, subject)
    if not found:
        raise _nothing_held(subject)
    mentions = mentions_of(ledger, sorted({name for each in found for name in each.pseudonyms}))
    with gallery.reading() as reader:
        faces = [face.key for each in found for face in each.faces]
        seen = cast("VideoReader", reader).videos_of_faces(faces)
    return TracedSubject(
        subject,
        found=tuple(mention for mention in mentions if mention.role == FOUND),
        disclosures=tuple(disclosures_in(mentions)),
        appearances=tuple(
            Appearance(each.job.job_id, each.begin_ms, each.end_ms, each.similarity.percent) for each in seen
        ),
        key_names=names_of_keys(keys.keys()),
    )


def _found(gallery: Gallery, act: Act, subject: str) -> list[_Found]:
    """Return what the collections that the caller may use hold of a subject; notes whose it is."""
    with gallery.reading() as reader:
        faces: dict[Collection, list[EnrolledFace]] = {}
        for collection, face in reader.faces_of_subject(subject):
            faces.setdefault(collection, []).append(face)
        users = Counter(collection for collection, _ in reader.users_of_subject(subject))
        where = [described(act, reader, collection) for collection in {**faces, **users}]
        found = [
            _in_collection(reader, each, subject, faces.get(each.collection, []), users[each.collection])
            for each in where
            if each.reached_by(act.caller)
        ]
    act.note(subjects=sorted({name for each in found for name in each.pseudonyms}))
    return found


def _in_collection(
    reader: GalleryReader, where: DescribedCollection, subject: str, faces: list[EnrolledFace], users: int
) -> _Found:
    names = {face.subject for face in faces}
    names |= {subject_name("", subject, None), subject_name("", None, subject)}
    keys, unusable = [face.key for face in faces], 0
    if where.policy is None:
        unusable = len(faces)
    elif where.policy.ends_use:
        due = due_now(where.policy, datetime.now(UTC))
        unusable = len(reader.unusable_faces(where.collection, keys, due))
    last = reader.last_interaction(where.collection, sorted(names))
    pseudonyms = reader.pseudonyms(where.collection, sorted(names))
    return _Found(where, faces, users, last, unusable, tuple(pseudonyms.values()))


def _held_in(found: _Found, consents: Sequence[Consent]) -> HeldIn:
    policy = found.where.policy
    return HeldIn(
        found.where.collection_id,
        found.where.purpose,
        consent_required=policy is not None and policy.consent_required,
        faces=len(found.faces),
        usable=len(found.faces) - found.unusable,
        face_ids=tuple(face.face_id for face in found.faces[:MOST_FACES_NAMED]),
        users=found.users,
        first_enrolled_at=min((face.enrolled_at for face in found.faces), default=None),
        last_interaction_at=max(found.last.values(), default=None),
        expiry=_first_expiry(found, policy, consents) if policy is not None else None,
    )


def _first_expiry(found: _Found, policy: Policy, consents: Sequence[Consent]) -> Expiry | None:
    expiries = []
    for face in found.faces:
        to_it = [
            each for each in consents if (each.subject, each.purpose) == (face.consenting, policy.purpose)
        ]
        last = found.last.get(face.subject, face.enrolled_at)
        expiries.append(expiry_of(policy, face.enrolled_at, last, to_it))
    return min((each for each in expiries if each is not None), key=lambda each: each.at, default=None)


def _names(subject: str, found: Sequence[_Found]) -> list[str]:
    names = {subject}
    for face in (face for each in found for face in each.faces):
        names |= {name for name in (face.external_image_id, face.user_id) if name is not None}
    return sorted(names)


def _nothing_held(subject: str) -> SubjectNotFound:
    return SubjectNotFound(f"nothing is held of a subject {subject}")

"""Erase everything that is held of a subject, in all collections."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.errors import NotPermitted, SubjectNotFound
from countenance.operations.erase_faces import erase_faces, require_no_hold
from countenance.operations.queueing import job_reader, job_writer

if TYPE_CHECKING:
    from countenance.gallery import Gallery
    from countenance.gallery.values import Collection, EnrolledFace
    from countenance.operations.acts import Act

_MOST_CONSENTS = 10_000


@dataclass(frozen=True, slots=True)
class ErasedSubject:
    """How much was erased; ``request_id`` is that of the receipt."""

    request_id: str
    faces: int
    users: int
    consents_ended: int


def erase_subject(gallery: Gallery, act: Act, subject: str) -> ErasedSubject:
    """Erase the faces and users of a subject, and end their consents.

    The records of consent stay, ended, as the proof that the past was lawful; see the settings for how long.

    1. See that there is something, none of it out of the caller's reach, and no legal hold on it.
    2. End the consents: use stops at once.
    3. Erase the faces and the users, and what jobs were to do with the subject.

    Args:
        gallery: the collections.
        act: who asks.
        subject: an external image id or a user id.

    Raises:
        NotPermitted: the caller's key does not allow it, or not in all collections that know the subject.
        SubjectNotFound: nothing is held of such a subject.
        HoldInForce: a legal hold forbids it.
    """
    act.permit("erase_subject")
    # 1
    with gallery.reading() as reader:
        faces, users = reader.faces_of_subject(subject), reader.users_of_subject(subject)
    with act.governance.reading() as records:
        consents = records.consents(subject=subject, after_key=0, most=_MOST_CONSENTS)
        jobs = job_reader(records).jobs_naming(subject)
    if not faces and not users and not consents and not jobs:
        raise SubjectNotFound(f"nothing is held of a subject {subject}")
    known_in = {collection.collection_id for collection, _ in (*faces, *users)}
    _require_seen(act, known_in | {job.asked.collection_id for job in jobs if job.asked.collection_id})
    require_no_hold(act, [face for _, face in faces], [subject])
    # 2
    valid = [consent for consent in consents if consent.withdrawn_at is None]
    if valid:
        with act.going_on("end_consents") as ending, ending.recording() as writer:
            for consent in valid:
                writer.withdraw_consent(consent.consent_id, datetime.now(UTC))
            ending.note(consents=[consent.consent_id for consent in valid])
    # 3
    with act.changing(gallery) as change:
        found: dict[Collection, list[EnrolledFace]] = {}
        for collection, face in change.writer.faces_of_subject(subject):
            found.setdefault(collection, []).append(face)
        erased = [
            erase_faces(act, change, collection, theirs, "request") for collection, theirs in found.items()
        ]
        users = change.writer.users_of_subject(subject)
        for collection, user in users:
            names = act.users(change.writer, collection, [user.user_id])
            act.note_more("erased_users", {"collection": collection.collection_id, "subjects": names})
            change.writer.forget_groups_of(collection, user)
            change.delete_user(collection, user)
            change.writer.forget_answers([json.dumps(user.user_id)])
        items = job_writer(change.writer).forget_items(subject)
        if items:
            act.note(erased_items=items)
    return ErasedSubject(act.request_id, sum(erased), len(users), len(valid))


def _require_seen(act: Act, collection_ids: set[str]) -> None:
    if not all(act.caller.sees(collection_id) for collection_id in collection_ids):
        raise NotPermitted(
            f"access key {act.caller.key_id} may not use all collections that know this subject; use one "
            "that may, or delete the faces of one collection"
        )

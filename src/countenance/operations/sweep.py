"""Erase what is due: faces whose time, purpose or consent has ended, and what was deleted but not yet erased.

Each batch is a change of its own, recorded with what was erased, so a sweep that is broken off has done
whole batches and the next one goes on.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.errors import PolicyInvalid
from countenance.governance import due_now, expiry_of
from countenance.operations.delete_collection import finish_deletions
from countenance.operations.erase_faces import erase_faces
from countenance.operations.groups.end_names import end_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from countenance.gallery import Change, Gallery
    from countenance.gallery.values import Collection, EnrolledFace
    from countenance.governance import Due, Policy
    from countenance.operations.acts import Act, Register

_BATCH = 1000


def sweep(gallery: Gallery, act: Act, consents_kept: timedelta) -> int:
    """Erase all that is due now; returns how many faces that were.

    Args:
        gallery: the collections.
        act: who asks.
        consents_kept: how long the record of a consent stays after it ended.

    Raises:
        NotPermitted: the caller's key does not allow it.
    """
    act.permit("sweep")
    return do_sweep(gallery, act.register, consents_kept, act.request_id)


def do_sweep(gallery: Gallery, register: Register, consents_kept: timedelta, request_id: str) -> int:
    """Do what `sweep` does, for the server itself: where nothing is due, nothing is recorded."""
    total = finish_deletions(gallery, register)
    for collection, policy in _ending(gallery, register):
        while True:
            due = due_now(policy, datetime.now(UTC))
            with register.governance.reading() as records:
                keys = records.due_faces(collection.key, due, _BATCH)
            if not keys:
                break
            with register.following(request_id, "erase_due") as act, act.changing(gallery) as change:
                erased = _erase(act, change, collection, policy, due, keys)
            total += erased
            if not erased:
                break
    end_names(gallery, register, lambda: register.following(request_id, "end_name"))
    _forget_consents(register, datetime.now(UTC) - consents_kept, request_id)
    return total


def _ending(gallery: Gallery, register: Register) -> Iterator[tuple[Collection, Policy]]:
    """Yield the collections in which something can be due."""
    after_key = 0
    while True:
        with gallery.reading() as reader:
            batch = reader.collections(after_key=after_key, most=_BATCH)
            tags = [reader.tags(collection) for collection in batch]
        for collection, theirs in zip(batch, tags, strict=True):
            try:
                policy = register.policy_of(theirs)
            except PolicyInvalid:
                continue
            if policy.ends_use:
                yield collection, policy
        if len(batch) < _BATCH:
            return
        after_key = batch[-1].key


def _erase(
    act: Act, change: Change, collection: Collection, policy: Policy, due: Due, keys: list[int]
) -> int:
    faces = list(change.writer.faces_by_key(collection, keys).values())
    last = change.writer.last_interaction(collection, list({face.subject for face in faces}))
    subjects = sorted({face.consenting for face in faces if face.consenting is not None})
    with act.governance.reading() as records:
        consents = records.consents_to(policy.purpose or "", subjects)
    by_clause: dict[str, list[EnrolledFace]] = {}
    for face in faces:
        theirs = consents.get(face.consenting or "", [])
        # A face whose template is damaged may still be kept under a subject that it had before.
        last_time = last.get(face.subject, face.enrolled_at)
        expiry = expiry_of(policy, face.enrolled_at, last_time, theirs)
        if expiry is not None and expiry.at <= due.now:
            by_clause.setdefault(expiry.clause, []).append(face)
    return sum(erase_faces(act, change, collection, theirs, clause) for clause, theirs in by_clause.items())


def _forget_consents(register: Register, ended_before: datetime, request_id: str) -> None:
    with register.governance.reading() as records:
        count = records.count_forgettable(ended_before)
    if count:
        with register.following(request_id, "forget_consents") as act, act.recording() as writer:
            act.note(consents=writer.forget_consents(ended_before))

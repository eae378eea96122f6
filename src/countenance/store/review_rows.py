"""The rows of reviews: kept, voted on, decided, and rid of whoever is erased."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, delete, insert, select, update

from countenance.governance import ReviewState
from countenance.store.governance_tables import review_candidates, review_votes, reviews
from countenance.store.review_reading import probe_data
from countenance.store.rows import in_parts
from countenance.store.sealing import seal
from countenance.store.subject_reading import REVIEWED
from countenance.store.subject_rows import delete_unused_subjects, subjects_named
from countenance.store.tables import faces, users

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from countenance.gallery.values import Collection
    from countenance.governance import CandidateKeys, Review, Vote
    from countenance.store.key_tree import KeyTree

_ERASED = "erased"


def add_review(
    connection: Connection,
    tree: KeyTree,
    review: Review,
    collection: Collection,
    probe: bytes | None,
    candidate_keys: Sequence[CandidateKeys],
) -> bool:
    """Keep a new review; its probe is sealed with a data key of its own.

    Returns whether the probe is gone already, because a candidate was erased since it was found.
    """
    sealed, subject_key = None, None
    if probe is not None:
        name = f"{REVIEWED}{review.review_id}"
        subject = subjects_named(connection, tree, collection, [name], review.created_at)[name]
        sealed, subject_key = seal(subject.data_key, probe, probe_data(review.review_id)), subject.key
    values = {
        "review_id": review.review_id,
        "collection_key": collection.key,
        "request_id": review.request_id,
        "asked_by": review.asked_by,
        "operation": review.operation,
        "mode": review.mode.value,
        "state": review.state.value,
        "created_at": review.created_at,
        "probe": sealed,
        "subject_key": subject_key,
    }
    key = connection.execute(insert(reviews).values(values).returning(reviews.c.key)).scalar_one()
    rows = [
        {
            "review_key": key,
            "place": place,
            "candidate_id": candidate.candidate_id,
            "external_image_id": candidate.external_image_id,
            "user_id": candidate.user_id,
            "similarity_percent": candidate.similarity_percent,
            "face_key": keys.face_key,
            "user_key": keys.user_key,
        }
        for place, (candidate, keys) in enumerate(zip(review.candidates, candidate_keys, strict=True))
    ]
    connection.execute(insert(review_candidates), rows)
    destroyed = False
    for column, table in ((review_candidates.c.face_key, faces), (review_candidates.c.user_key, users)):
        found = select(column).where(review_candidates.c.review_key == key, column.is_not(None))
        gone = found.where(column.not_in(select(table.c.key)))
        destroyed |= forget_candidates(connection, column, list(connection.execute(gone).scalars()))
    return destroyed


def add_vote(connection: Connection, review_key: int, vote: Vote, state: ReviewState) -> bool:
    """Keep a vote; tells whether the review is decided by it, so that its probe is gone."""
    values = {
        "review_key": review_key,
        "voter": vote.voter,
        "verdict": vote.verdict.value,
        "candidate_id": vote.candidate_id,
        "note": vote.note,
        "voted_at": vote.voted_at,
    }
    connection.execute(insert(review_votes).values(values))
    return state is not ReviewState.OPEN and _close(connection, [review_key], state)


def forget_candidates(connection: Connection, column: ColumnElement[Any], keys: Sequence[int]) -> bool:
    """Take candidates that are erased out of reviews; those still open are void then.

    Args:
        connection: where a write transaction has begun.
        column: which keys they are, ``face_key`` or ``user_key`` of the candidates.
        keys: the keys.

    Returns:
        Whether a probe is gone.
    """
    destroyed = False
    for part in in_parts(keys):
        theirs = column.in_(part)
        query = select(review_candidates.c.review_key).where(theirs).distinct()
        for touched in in_parts(connection.execute(query).scalars().all()):
            _clear_votes(connection, touched, theirs)
            is_open = (reviews.c.key.in_(touched), reviews.c.state == ReviewState.OPEN.value)
            still_open = list(connection.execute(select(reviews.c.key).where(*is_open)).scalars())
            if still_open:
                destroyed |= _close(connection, still_open, ReviewState.VOID)
        connection.execute(delete(review_candidates).where(theirs))
    return destroyed


def _clear_votes(connection: Connection, review_keys: Sequence[int], erased: ColumnElement[bool]) -> None:
    """Take candidates that are about to be erased out of votes; a note may say anything, so all go."""
    these = review_votes.c.review_key.in_(review_keys)
    named = select(review_candidates.c.candidate_id).where(
        erased, review_candidates.c.review_key == review_votes.c.review_key
    )
    for_them = update(review_votes).where(these, review_votes.c.candidate_id.in_(named))
    connection.execute(for_them.values(candidate_id=_ERASED))
    connection.execute(update(review_votes).where(these).values(note=""))


def delete_reviews_of(connection: Connection, where: ColumnElement[bool]) -> None:
    """Delete reviews with all that belongs to them, such as those of a collection."""
    keys = list(connection.execute(select(reviews.c.key).where(where)).scalars())
    for part in in_parts(keys):
        for table in (review_candidates, review_votes):
            connection.execute(delete(table).where(table.c.review_key.in_(part)))
        connection.execute(delete(reviews).where(reviews.c.key.in_(part)))


def _close(connection: Connection, keys: Sequence[int], state: ReviewState) -> bool:
    these = reviews.c.key.in_(keys)
    probed = select(reviews.c.subject_key).where(these, reviews.c.subject_key.is_not(None))
    owners = list(connection.execute(probed).scalars())
    decided = {"state": state.value, "decided_at": datetime.now(UTC), "probe": None, "subject_key": None}
    connection.execute(update(reviews).where(these).values(decided))
    return delete_unused_subjects(connection, owners)

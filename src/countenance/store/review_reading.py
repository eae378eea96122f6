"""Reads of reviews, within one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select

from countenance.errors import ReviewNotFound
from countenance.governance import Candidate, Review, ReviewMode, ReviewState, Verdict, Vote
from countenance.store.governance_tables import review_candidates, review_votes, reviews
from countenance.store.rows import in_utc
from countenance.store.sealing import open_sealed
from countenance.store.subject_reading import SubjectReader
from countenance.store.tables import collections, subjects

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Row, Select

_RECORD = [column for column in reviews.c if column.name != "probe"]


class ReviewReader(SubjectReader):
    """The part of `GovernanceReader` that is about reviews."""

    def reviews(self, *, state: ReviewState | None, after_key: int, most: int) -> list[Review]:
        """Return reviews by ascending key, from the first greater than ``after_key``."""
        query = _reviews().where(reviews.c.key > after_key).order_by(reviews.c.key).limit(most)
        if state is not None:
            query = query.where(reviews.c.state == state.value)
        return self._complete(self._connection.execute(query).all())

    def review(self, review_id: str) -> Review:
        """Return one; raises ReviewNotFound."""
        query = _reviews().where(reviews.c.review_id == review_id)
        found = self._complete(self._connection.execute(query).all())
        if not found:
            raise ReviewNotFound(f"there is no review {review_id}")
        return found[0]

    def probe(self, review_id: str) -> bytes | None:
        """Return the picture of who is searched for, a JPEG, None where there is none (any more)."""
        joined = reviews.join(subjects, reviews.c.subject_key == subjects.c.key)
        query = select(reviews.c.probe, subjects.c.leaf).select_from(joined)
        row = self._connection.execute(query.where(reviews.c.review_id == review_id)).one_or_none()
        if row is None or row.probe is None:
            return None
        return open_sealed(
            AESGCM(self._tree.key(row.leaf)), row.probe, probe_data(review_id), "a review's picture"
        )

    def _complete(self, rows: Iterable[Row[Any]]) -> list[Review]:
        found = list(rows)
        keys = [row.key for row in found]
        candidates: dict[int, list[Candidate]] = {key: [] for key in keys}
        votes: dict[int, list[Vote]] = {key: [] for key in keys}
        their_candidates = select(review_candidates).where(review_candidates.c.review_key.in_(keys))
        for row in self._connection.execute(their_candidates.order_by(review_candidates.c.place)):
            candidates[row.review_key].append(
                Candidate(row.candidate_id, row.external_image_id, row.user_id, row.similarity_percent)
            )
        their_votes = select(review_votes).where(review_votes.c.review_key.in_(keys))
        for row in self._connection.execute(their_votes.order_by(review_votes.c.voted_at)):
            votes[row.review_key].append(
                Vote(row.voter, Verdict(row.verdict), row.candidate_id, row.note, in_utc(row.voted_at))
            )
        return [_review(row, tuple(candidates[row.key]), tuple(votes[row.key])) for row in found]


def probe_data(review_id: str) -> bytes:
    """Return what the picture of a review is bound to."""
    return f"probe\n{review_id}".encode()


def _reviews() -> Select[Any]:
    joined = reviews.join(collections, reviews.c.collection_key == collections.c.key)
    columns = (*_RECORD, collections.c.collection_id)
    return select(*columns).select_from(joined).where(collections.c.deleted_at.is_(None))


def _review(row: Row[Any], candidates: tuple[Candidate, ...], votes: tuple[Vote, ...]) -> Review:
    return Review(
        review_id=row.review_id,
        collection_id=row.collection_id,
        request_id=row.request_id,
        asked_by=row.asked_by,
        operation=row.operation,
        mode=ReviewMode(row.mode),
        state=ReviewState(row.state),
        created_at=in_utc(row.created_at),
        decided_at=in_utc(row.decided_at) if row.decided_at is not None else None,
        candidates=candidates,
        votes=votes,
        key=row.key,
    )

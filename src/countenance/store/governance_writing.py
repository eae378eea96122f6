"""Changes of the records of governance, within one transaction."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, insert, select, update

from countenance.errors import CollectionNotFound
from countenance.store import access_keys, accuracy_rows, review_rows
from countenance.store.governance_reading import GovernanceRecords, evidence_data, forgettable
from countenance.store.governance_tables import consents, holds, moratoria, reviews
from countenance.store.rows import as_collection, in_utc
from countenance.store.sealing import seal
from countenance.store.tables import collections

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.access import AccessKey
    from countenance.governance import CandidateKeys, Consent, Hold, Moratorium, Review, ReviewState, Vote
    from countenance.governance.accuracy import Tally
    from countenance.store.sealing import MasterKeys


class GovernanceWriting(GovernanceRecords):
    """The part of `GovernanceWriter` that changes records.

    ``has_deleted_subjects`` tells whether there are data keys to destroy after the transaction.
    """

    has_deleted_subjects = False
    _master_keys: MasterKeys

    def add_moratorium(self, moratorium: Moratorium) -> None:
        """Keep a new moratorium, which has an id."""
        values = asdict(moratorium) | {"scope": moratorium.scope.text}
        self._connection.execute(insert(moratoria).values(_all_in_utc(values)))

    def lift_moratorium(self, moratorium_id: str, at: datetime, by: str) -> bool:
        """End a moratorium; tells whether there was such a one, not yet lifted."""
        this = (moratoria.c.moratorium_id == moratorium_id, moratoria.c.lifted_at.is_(None))
        change = update(moratoria).where(*this).values(lifted_at=at, lifted_by=by)
        return self._connection.execute(change).rowcount > 0

    def add_consent(self, consent: Consent, evidence: bytes | None) -> None:
        """Keep a new consent and what is attached to it, which is encrypted."""
        values: dict[str, Any] = asdict(consent) | {"method": consent.method.value}
        del values["key"]
        if evidence is not None:
            bound_to = evidence_data(consent.consent_id)
            values["evidence"] = seal(AESGCM(self._evidence_key), evidence, bound_to)
        self._connection.execute(insert(consents).values(_all_in_utc(values)))

    def withdraw_consent(self, consent_id: str, at: datetime) -> None:
        """End a consent; one that is withdrawn already keeps its time."""
        this = (consents.c.consent_id == consent_id, consents.c.withdrawn_at.is_(None))
        self._connection.execute(update(consents).where(*this).values(withdrawn_at=at))

    def forget_consents(self, ended_before: datetime) -> int:
        """Delete consents that ended longer ago, but those of subjects under a hold; returns how many."""
        return self._connection.execute(delete(consents).where(forgettable(ended_before))).rowcount

    def add_hold(self, hold: Hold) -> None:
        """Keep a new hold."""
        self._connection.execute(insert(holds).values(_all_in_utc(asdict(hold))))

    def release_hold(self, hold_id: str, at: datetime, by: str) -> bool:
        """End a hold; tells whether there was such a one, not yet released."""
        this = (holds.c.hold_id == hold_id, holds.c.released_at.is_(None))
        change = update(holds).where(*this).values(released_at=at, released_by=by)
        return self._connection.execute(change).rowcount > 0

    def add_review(
        self,
        review: Review,
        collection_key: int,
        probe: bytes | None,
        candidate_keys: Sequence[CandidateKeys],
    ) -> None:
        """Keep a new review and its encrypted probe; the keys are those of its candidates, in order.

        Where one of them was erased since it was found, the review is void. Raises CollectionNotFound.
        """
        this = (collections.c.key == collection_key, collections.c.deleted_at.is_(None))
        row = self._connection.execute(select(collections).where(*this)).one_or_none()
        if row is None:
            raise CollectionNotFound(f"The collection id: {review.collection_id} does not exist")
        self.has_deleted_subjects |= review_rows.add_review(
            self._connection, self._tree, review, as_collection(row), probe, candidate_keys
        )

    def add_vote(self, review_id: str, vote: Vote, state: ReviewState) -> None:
        """Keep a vote and what the review is after it; the probe of a decided review is destroyed."""
        query = select(reviews.c.key).where(reviews.c.review_id == review_id)
        key = self._connection.execute(query).scalar_one()
        self.has_deleted_subjects |= review_rows.add_vote(self._connection, key, vote, state)

    def add_tally(self, tally: Tally, first: int, end: int) -> bool:
        """Add what the ledger's entries from ``first`` to before ``end`` tell; False where others have."""
        return accuracy_rows.add_tally(self._connection, tally, first, end)

    def add_key(self, key: AccessKey) -> None:
        """Keep a new access key."""
        access_keys.add_key(self._connection, self._master_keys, key)

    def revoke_key(self, key_id: str, revoked_at: datetime) -> bool:
        """Revoke an access key from the next request on; tells whether there was one to revoke."""
        return access_keys.revoke_key(self._connection, key_id, revoked_at)


def _all_in_utc(values: dict[str, Any]) -> dict[str, Any]:
    """Return values with all times in UTC; SQLite would not keep another zone."""
    return {name: in_utc(value) if isinstance(value, datetime) else value for name, value in values.items()}

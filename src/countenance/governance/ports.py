"""What governance needs of a database. `store` implements it.

All methods raise `StoreUnavailable` when the database does not answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date, datetime

    from countenance.access import AccessKey
    from countenance.governance.accuracy import CountedMonth, Tally
    from countenance.governance.consent import Consent
    from countenance.governance.holds import Hold
    from countenance.governance.moratorium import Moratorium
    from countenance.governance.retention import Due
    from countenance.governance.review import CandidateKeys, Review, ReviewState, Vote


class GovernanceReader(Protocol):
    """Reads of one consistent state of the database."""

    def tags_of(self, collection_id: str) -> dict[str, str] | None:
        """Return a collection's tags, None where there is no such collection."""

    def moratoria(self, *, ended: bool = False) -> list[Moratorium]:
        """Return the moratoria that nobody lifted, oldest first; ``ended``: those lifted too."""

    def consents_to(self, purpose: str, subjects: Sequence[str]) -> dict[str, list[Consent]]:
        """Return, by subject, all consents to a purpose, ended ones too, oldest first."""

    def consents(self, *, subject: str | None, after_key: int, most: int) -> list[Consent]:
        """Return consents by ascending key, from the first greater than ``after_key``."""

    def consent(self, consent_id: str) -> Consent:
        """Return one; raises ConsentNotFound."""

    def evidence(self, consent_id: str) -> bytes | None:
        """Return what was attached to a consent, None where nothing was; raises ConsentNotFound."""

    def holds(self, *, subjects: Sequence[str] | None = None, released: bool = False) -> list[Hold]:
        """Return holds, oldest first, of these subjects or of all; ``released``: those released too."""

    def reviews(self, *, state: ReviewState | None, after_key: int, most: int) -> list[Review]:
        """Return reviews by ascending key, from the first greater than ``after_key``."""

    def review(self, review_id: str) -> Review:
        """Return one; raises ReviewNotFound."""

    def probe(self, review_id: str) -> bytes | None:
        """Return the picture of who is searched for, a JPEG, None where there is none (any more)."""

    def entries_counted(self) -> int:
        """Return how many entries of the ledger, from its first on, were counted for accuracy."""

    def counted_months(self, since: date | None, until: date | None) -> list[CountedMonth]:
        """Return what was counted of searches from one day (UTC) to another, both included, by month."""

    def count_consents(self, now: datetime, purpose: str | None = None) -> dict[str, int]:
        """Return how many consents there are, by state, to one purpose or to any."""

    def count_forgettable(self, ended_before: datetime) -> int:
        """Return how many consents ended longer ago, without those of subjects under a hold."""

    def due_faces(self, collection_key: int, due: Due, most: int) -> list[int]:
        """Return keys of faces that are due for erasure, ascending; those under a hold are left out."""

    def count_due_faces(self, collection_key: int, due: Due) -> int:
        """Return how many faces are due for erasure, without those under a hold."""


class GovernanceWriter(GovernanceReader, Protocol):
    """Changes that become durable together when the transaction ends, or not at all."""

    def append_entry(self, record: Mapping[str, Any]) -> None:
        """Add an entry to the ledger; its time is added here and never runs backwards."""

    def add_moratorium(self, moratorium: Moratorium) -> None:
        """Keep a new moratorium, which has an id."""

    def lift_moratorium(self, moratorium_id: str, at: datetime, by: str) -> bool:
        """End a moratorium; tells whether there was such a one, not yet lifted."""

    def add_consent(self, consent: Consent, evidence: bytes | None) -> None:
        """Keep a new consent and what is attached to it, which is encrypted."""

    def touch_subjects(self, subject: str, at: datetime) -> int:
        """Note an interaction in all collections that know the subject; returns how many do."""

    def withdraw_consent(self, consent_id: str, at: datetime) -> None:
        """End a consent; one that is withdrawn already keeps its time."""

    def forget_consents(self, ended_before: datetime) -> int:
        """Delete consents that ended longer ago, but those of subjects under a hold; returns how many."""

    def add_hold(self, hold: Hold) -> None:
        """Keep a new hold."""

    def release_hold(self, hold_id: str, at: datetime, by: str) -> bool:
        """End a hold; tells whether there was such a one, not yet released."""

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

    def add_key(self, key: AccessKey) -> None:
        """Keep a new access key."""

    def revoke_key(self, key_id: str, revoked_at: datetime) -> bool:
        """Revoke an access key; tells whether there was such a key, not yet revoked."""

    def add_vote(self, review_id: str, vote: Vote, state: ReviewState) -> None:
        """Keep a vote and what the review is after it; the probe of a decided review is destroyed."""

    def add_tally(self, tally: Tally, first: int, end: int) -> bool:
        """Add what the ledger's entries from ``first`` to before ``end`` tell; False where others have."""


class GovernanceStore(Protocol):
    """A database of records of governance, safe to use from many threads."""

    def reading(self) -> AbstractContextManager[GovernanceReader]:
        """Open a read transaction; it never waits for writers."""

    def writing(self) -> AbstractContextManager[GovernanceWriter]:
        """Open a write transaction; leaving it makes the changes durable, an exception undoes them all."""

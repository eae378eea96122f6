"""Reads of the records of governance, within one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import and_, bindparam, case, func, select

from countenance.errors import ConsentNotFound
from countenance.governance import Consent, ConsentMethod, Hold, Moratorium, Scope
from countenance.store.accuracy_rows import AccuracyReader
from countenance.store.due_faces import DueReader, ended
from countenance.store.governance_tables import consents, holds, moratoria
from countenance.store.review_reading import ReviewReader
from countenance.store.rows import in_parts, in_utc
from countenance.store.sealing import open_sealed
from countenance.store.tables import collections, tags

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row


# Every request runs these; building them anew would take longer than running them.
_TAGS_OF = (
    select(tags.c.name, tags.c.value)
    .select_from(collections.outerjoin(tags, tags.c.collection_key == collections.c.key))
    .where(collections.c.collection_id == bindparam("collection"), collections.c.deleted_at.is_(None))
)
_MORATORIA = select(moratoria).order_by(moratoria.c.key)
_MORATORIA_NOT_LIFTED = _MORATORIA.where(moratoria.c.lifted_at.is_(None))
_RECORD = [column for column in consents.c if column.name != "evidence"]


class GovernanceRecords(ReviewReader, DueReader, AccuracyReader):
    """The part of `GovernanceReader` that is about policies, consents, moratoria and holds."""

    def tags_of(self, collection_id: str) -> dict[str, str] | None:
        """Return a collection's tags, None where there is no such collection."""
        rows = self._connection.execute(_TAGS_OF, {"collection": collection_id}).all()
        return {row.name: row.value for row in rows if row.name is not None} if rows else None

    def moratoria(self, *, ended: bool = False) -> list[Moratorium]:
        """Return the moratoria that nobody lifted, oldest first; ``ended``: those lifted too."""
        query = _MORATORIA if ended else _MORATORIA_NOT_LIFTED
        return [_moratorium(row) for row in self._connection.execute(query)]

    def consents_to(self, purpose: str, subjects: Sequence[str]) -> dict[str, list[Consent]]:
        """Return, by subject, all consents to a purpose, ended ones too, oldest first."""
        found: dict[str, list[Consent]] = {}
        query = select(*_RECORD).where(consents.c.purpose == purpose).order_by(consents.c.key)
        for part in in_parts(subjects):
            for row in self._connection.execute(query.where(consents.c.subject.in_(part))):
                found.setdefault(row.subject, []).append(_consent(row))
        return found

    def consents(self, *, subject: str | None, after_key: int, most: int) -> list[Consent]:
        """Return consents by ascending key, from the first greater than ``after_key``."""
        query = select(*_RECORD).where(consents.c.key > after_key).order_by(consents.c.key).limit(most)
        if subject is not None:
            query = query.where(consents.c.subject == subject)
        return [_consent(row) for row in self._connection.execute(query)]

    def consent(self, consent_id: str) -> Consent:
        """Return one; raises ConsentNotFound."""
        query = select(*_RECORD).where(consents.c.consent_id == consent_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise ConsentNotFound(f"there is no consent {consent_id}")
        return _consent(row)

    def evidence(self, consent_id: str) -> bytes | None:
        """Return what was attached to a consent, None where nothing was; raises ConsentNotFound."""
        query = select(consents.c.evidence).where(consents.c.consent_id == consent_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise ConsentNotFound(f"there is no consent {consent_id}")
        if row.evidence is None:
            return None
        return open_sealed(
            AESGCM(self._evidence_key), row.evidence, evidence_data(consent_id), "a consent's evidence"
        )

    def count_consents(self, now: datetime, purpose: str | None = None) -> dict[str, int]:
        """Return how many consents there are, by state, to one purpose or to any."""
        state = case(
            (consents.c.withdrawn_at.is_not(None), "withdrawn"),
            (consents.c.given_at > now, "future"),
            (consents.c.expires_at <= now, "expired"),
            else_="valid",
        )
        query = select(state.label("state"), func.count().label("many")).group_by(state)
        if purpose is not None:
            query = query.where(consents.c.purpose == purpose)
        return {row.state: row.many for row in self._connection.execute(query)}

    def count_forgettable(self, ended_before: datetime) -> int:
        """Return how many consents ended longer ago, without those of subjects under a hold."""
        query = select(func.count()).select_from(consents).where(forgettable(ended_before))
        return int(self._connection.execute(query).scalar_one())

    def holds(self, *, subjects: Sequence[str] | None = None, released: bool = False) -> list[Hold]:
        """Return holds, oldest first, of these subjects or of all; ``released``: those released too."""
        query = select(holds).order_by(holds.c.key)
        if not released:
            query = query.where(holds.c.released_at.is_(None))
        if subjects is None:
            return [_hold(row) for row in self._connection.execute(query)]
        return [
            _hold(row)
            for part in in_parts(subjects)
            for row in self._connection.execute(query.where(holds.c.subject.in_(part)))
        ]


def forgettable(ended_before: datetime) -> ColumnElement[bool]:
    """Return the condition that a consent ended longer ago, and that no hold keeps what there is of it."""
    held = select(holds.c.key).where(holds.c.subject == consents.c.subject, holds.c.released_at.is_(None))
    return and_(ended(ended_before), ~held.exists())


def evidence_data(consent_id: str) -> bytes:
    """Return what the evidence of a consent is bound to."""
    return f"evidence\n{consent_id}".encode()


def _consent(row: Row[Any]) -> Consent:
    return Consent(
        consent_id=row.consent_id,
        subject=row.subject,
        purpose=row.purpose,
        notice_version=row.notice_version,
        notice_sha256=row.notice_sha256,
        method=ConsentMethod(row.method),
        signer=row.signer,
        given_at=in_utc(row.given_at),
        expires_at=_maybe(row.expires_at),
        withdrawn_at=_maybe(row.withdrawn_at),
        evidence_type=row.evidence_type,
        evidence_sha256=row.evidence_sha256,
        recorded_at=in_utc(row.recorded_at),
        recorded_by=row.recorded_by,
        key=row.key,
    )


def _moratorium(row: Row[Any]) -> Moratorium:
    return Moratorium(
        moratorium_id=row.moratorium_id,
        scope=Scope(row.scope),
        reason=row.reason,
        began_at=in_utc(row.began_at),
        begun_by=row.begun_by,
        until=_maybe(row.until),
        lifted_at=_maybe(row.lifted_at),
        lifted_by=row.lifted_by,
    )


def _hold(row: Row[Any]) -> Hold:
    return Hold(
        hold_id=row.hold_id,
        subject=row.subject,
        reference=row.reference,
        placed_at=in_utc(row.placed_at),
        placed_by=row.placed_by,
        released_at=_maybe(row.released_at),
        released_by=row.released_by,
    )


def _maybe(time: datetime | None) -> datetime | None:
    return in_utc(time) if time is not None else None

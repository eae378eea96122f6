"""The rows of kept evaluations, within one transaction."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, insert, select

from countenance.errors import EvaluationNotFound
from countenance.operations.evaluations.kept import KeptEvaluation
from countenance.operations.reports.packed import packed_report, unpacked_report
from countenance.store.evaluation_tables import evaluations
from countenance.store.rows import in_parts, in_utc
from countenance.store.sealing import data_keys, open_sealed, seal
from countenance.store.subject_rows import bury, new_leaves

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from countenance.operations.evaluations.kept import NewEvaluation
    from countenance.reporting import Report
    from countenance.store.key_tree import KeyTree

# Without the report itself, of which a list would hold many.
_ENTRIES: Select[Any] = select(*(column for column in evaluations.c if column is not evaluations.c.report))


class EvaluationReading:
    """Implements `EvaluationReader`."""

    _connection: Connection
    _tree: KeyTree

    def evaluations(
        self, *, before_key: int | None, most: int, asked_by: str | None = None
    ) -> list[KeptEvaluation]:
        """Return kept evaluations, newest first, from the first whose key is smaller than ``before_key``."""
        query = _ENTRIES.order_by(evaluations.c.key.desc()).limit(most)
        if before_key is not None:
            query = query.where(evaluations.c.key < before_key)
        if asked_by is not None:
            query = query.where(evaluations.c.asked_by == asked_by)
        return [_as_entry(row) for row in self._connection.execute(query)]

    def evaluation(self, evaluation_id: str) -> KeptEvaluation:
        """Return one; raises EvaluationNotFound."""
        query = _ENTRIES.where(evaluations.c.evaluation_id == evaluation_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise EvaluationNotFound(f"there is no evaluation {evaluation_id}")
        return _as_entry(row)

    def report_of(self, evaluation: KeptEvaluation) -> Report:
        """Return its report; raises EvaluationNotFound, ReportBroken or TemplateBroken."""
        query = select(evaluations.c.leaf, evaluations.c.report).where(evaluations.c.key == evaluation.key)
        row = self._connection.execute(query).one_or_none()
        keys = data_keys(self._tree, [row.leaf]) if row is not None else {}
        if row is None or row.leaf not in keys:
            raise EvaluationNotFound(f"there is no evaluation {evaluation.evaluation_id}")
        bound_to = _report_data(evaluation.evaluation_id)
        return unpacked_report(open_sealed(keys[row.leaf], row.report, bound_to, "a kept report"))

    def old_evaluations(self, made_before: datetime, most: int) -> list[str]:
        """Return the ids of evaluations that were made before a time, oldest first."""
        query = select(evaluations.c.evaluation_id).where(evaluations.c.made_at < in_utc(made_before))
        return list(self._connection.execute(query.order_by(evaluations.c.key).limit(most)).scalars())


class EvaluationWriting(EvaluationReading):
    """Implements the part of `EvaluationWriter` that changes evaluations."""

    has_deleted_subjects: bool

    def add_evaluation(self, new: NewEvaluation) -> None:
        """Keep an evaluation, its report encrypted; raises ReportTooLarge."""
        content = packed_report(new.report)
        (leaf,) = new_leaves(self._connection, self._tree, 1)
        values = {
            "evaluation_id": new.evaluation_id,
            "asked_by": new.asked_by,
            "made_at": in_utc(new.made_at),
            "pack": new.pack,
            "parameters": json.dumps(new.parameters),
            "leaf": leaf,
            "report": seal(AESGCM(self._tree.key(leaf)), content, _report_data(new.evaluation_id)),
        }
        self._connection.execute(insert(evaluations).values(values))

    def delete_evaluations(self, evaluation_ids: Sequence[str]) -> int:
        """Delete evaluations, and the keys of their reports; returns how many there were."""
        return sum(
            self._delete_evaluations(evaluations.c.evaluation_id.in_(part))
            for part in in_parts(evaluation_ids)
        )

    def delete_all_evaluations(self) -> int:
        """Delete all evaluations, and the keys of their reports; returns how many there were."""
        return self._delete_evaluations(evaluations.c.key > 0)

    def _delete_evaluations(self, where: ColumnElement[bool]) -> int:
        gone = delete(evaluations).where(where).returning(evaluations.c.leaf)
        leaves = list(self._connection.execute(gone).scalars())
        self.has_deleted_subjects |= bury(self._connection, leaves)
        return len(leaves)


def forget_evaluations(connection: Connection, keys: Sequence[int]) -> None:
    """Delete evaluations whose data keys are destroyed already."""
    for part in in_parts(keys):
        connection.execute(delete(evaluations).where(evaluations.c.key.in_(part)))


def _as_entry(row: Row[Any]) -> KeptEvaluation:
    return KeptEvaluation(
        key=row.key,
        evaluation_id=row.evaluation_id,
        asked_by=row.asked_by,
        made_at=in_utc(row.made_at),
        pack=row.pack,
        parameters=json.loads(row.parameters),
    )


def _report_data(evaluation_id: str) -> bytes:
    """Return what a report is bound to."""
    return f"evaluation report\n{evaluation_id}".encode()

"""What the operations on evaluations need of a database. `store` implements it.

All methods raise `StoreUnavailable` when the database does not answer. A report is encrypted with a data key
of its own; deleting it destroys the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from countenance.jobs.ports import JobReader, JobWriter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from countenance.operations.evaluations.kept import KeptEvaluation, NewEvaluation
    from countenance.reporting import Report


class EvaluationReader(JobReader, Protocol):
    """Reads of one consistent state of the database."""

    def evaluations(
        self, *, before_key: int | None, most: int, asked_by: str | None = None
    ) -> list[KeptEvaluation]:
        """Return kept evaluations, newest first, from the first whose key is smaller than ``before_key``."""

    def evaluation(self, evaluation_id: str) -> KeptEvaluation:
        """Return one; raises EvaluationNotFound."""

    def report_of(self, evaluation: KeptEvaluation) -> Report:
        """Return its report.

        Raises:
            EvaluationNotFound: it was deleted meanwhile.
            ReportBroken: it cannot be read any more.
            TemplateBroken: its row was altered.
        """

    def old_evaluations(self, made_before: datetime, most: int) -> list[str]:
        """Return the ids of evaluations that were made before a time, oldest first."""


class EvaluationWriter(EvaluationReader, JobWriter, Protocol):
    """Changes that become durable together when the transaction ends, or not at all."""

    def add_evaluation(self, new: NewEvaluation) -> None:
        """Keep an evaluation.

        Raises:
            ReportTooLarge: its report is larger than what is kept.
        """

    def delete_evaluations(self, evaluation_ids: Sequence[str]) -> int:
        """Delete evaluations, and the keys of their reports; returns how many there were."""

    def delete_all_evaluations(self) -> int:
        """Delete all evaluations, and the keys of their reports; returns how many there were."""

"""Frozen values of evaluations that are kept; `values` says what their parameters mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from countenance.reporting import Report


@dataclass(frozen=True, slots=True)
class NewEvaluation:
    """An evaluation about to be kept; its id is that of the job that made it."""

    evaluation_id: str
    asked_by: str
    made_at: datetime
    pack: str
    parameters: Mapping[str, Any]
    report: Report


@dataclass(frozen=True, slots=True)
class KeptEvaluation:
    """A kept evaluation without its report.

    Attributes:
        key: the store's own number for it, ascending by age.
        evaluation_id: the id of the job that made it.
        asked_by: the id of the access key that asked.
        made_at: when it was finished.
        pack: what was measured.
        parameters: those of the job: with which data set, and how.
    """

    key: int
    evaluation_id: str
    asked_by: str
    made_at: datetime
    pack: str
    parameters: Mapping[str, Any]

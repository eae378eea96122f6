"""List, read and delete kept evaluations: one's own, or anybody's for an administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from countenance.errors import EvaluationNotFound
from countenance.operations.evaluations.kept import KeptEvaluation
from countenance.operations.pages import Page, page_of

if TYPE_CHECKING:
    from datetime import datetime

    from countenance.operations.acts import Act, Register
    from countenance.operations.evaluations.ports import EvaluationReader, EvaluationWriter
    from countenance.reporting import Report

__all__ = [
    "KeptEvaluation",
    "delete_evaluation",
    "forget_evaluations",
    "list_evaluations",
    "show_evaluation",
]

_BATCH = 100


def list_evaluations(act: Act, *, most: int, before_key: int | None = None) -> Page[KeptEvaluation]:
    """Return evaluations that the caller asked for, or all for an administrator, newest first.

    The next page begins before the key that the page tells.

    Raises:
        NotPermitted: the caller's key does not allow it.
    """
    act.permit("list_evaluations")
    by = None if act.caller.administrator else act.caller.key_id
    with act.governance.reading() as records:
        reader = cast("EvaluationReader", records)
        return page_of(
            lambda count: reader.evaluations(before_key=before_key, most=count, asked_by=by),
            most,
            before_key or 0,
        )


def show_evaluation(act: Act, evaluation_id: str) -> tuple[KeptEvaluation, Report]:
    """Return an evaluation and its report.

    Raises:
        NotPermitted: the caller's key does not allow it.
        EvaluationNotFound: there is no such evaluation, or it is somebody else's.
        ReportBroken, TemplateBroken: it cannot be read any more.
    """
    act.permit("show_evaluation")
    act.note(evaluation=evaluation_id)
    with act.governance.reading() as records:
        reader = cast("EvaluationReader", records)
        kept = _own(act, reader, evaluation_id)
        return kept, reader.report_of(kept)


def delete_evaluation(act: Act, evaluation_id: str) -> None:
    """Delete an evaluation, and destroy the key of its report.

    Raises:
        NotPermitted: the caller's key does not allow it.
        EvaluationNotFound: there is no such evaluation, or it is somebody else's.
    """
    act.permit("delete_evaluation")
    act.note(evaluation=evaluation_id)
    with act.recording() as records:
        writer = cast("EvaluationWriter", records)
        writer.delete_evaluations([_own(act, writer, evaluation_id).evaluation_id])


def forget_evaluations(register: Register, made_before: datetime, request_id: str) -> int:
    """Delete the evaluations that were made before a time; returns how many.

    Where there are none, nothing is recorded.
    """
    total = 0
    while True:
        with register.governance.reading() as records:
            old = cast("EvaluationReader", records).old_evaluations(made_before, _BATCH)
        if not old:
            return total
        with register.following(request_id, "forget_evaluations") as act, act.recording() as records:
            total += cast("EvaluationWriter", records).delete_evaluations(old)
            act.note(evaluations=old)


def _own(act: Act, reader: EvaluationReader, evaluation_id: str) -> KeptEvaluation:
    """Return an evaluation that the caller may see; whoever may not learns nothing of it."""
    kept = reader.evaluation(evaluation_id)
    if not act.caller.administrator and kept.asked_by != act.caller.key_id:
        raise EvaluationNotFound(f"there is no evaluation {evaluation_id}")
    return kept

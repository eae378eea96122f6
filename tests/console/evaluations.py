"""A kept evaluation of made-up people, whose templates are known, so that pages have curves and tables."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from contract.offices import BOSS, acting
from countenance.operations.evaluate import Protocol, Question, evaluate
from countenance.operations.evaluations.kept import NewEvaluation
from countenance.operations.evaluations.values import EvaluationAsked
from evaluated import KnownTarget, data_set

if TYPE_CHECKING:
    from countenance.wiring import Office

PEOPLE, PICTURES_EACH = 120, 3
_BIAS_AND_ERROR = (Protocol.VERIFY, Protocol.IDENTIFY, Protocol.BIAS)


def keep_an_evaluation(office: Office, asked_by: str) -> str:
    """Measure made-up people of two kinds, of which one is harder to tell apart, and keep the report."""
    people = [number % PEOPLE for number in range(PEOPLE * PICTURES_EACH)]
    kinds = ["one" if person % 2 else "other" for person in range(PEOPLE)]
    alike = [0.1 if person % 2 else 0.35 for person in range(PEOPLE)]
    asked = EvaluationAsked("pictures", "people.csv", _BIAS_AND_ERROR)
    with acting(office, BOSS, str(uuid.uuid4())) as act:
        question = Question(asked.protocols, command="countenance evaluate people.csv")
        report = evaluate(act, KnownTarget(people, 0.8, alike), [data_set(people, kinds)], question)
        made = NewEvaluation(
            str(uuid.uuid4()), asked_by, datetime.now(UTC), "dlib-cc0", asked.as_json(), report
        )
        with act.recording() as records:
            records.add_evaluation(made)  # type: ignore[attr-defined]
    return made.evaluation_id

"""Do an evaluation: the work of a job of the kind ``evaluate``.

1. Ask for leave, and read the data set.
2. Measure; leave is asked for again every two seconds, so that moratorium and key hold throughout.
3. Ask for leave once more, and keep the report in one transaction with the ledger's entry and the job.

A worker that was killed leaves nothing; another begins anew, and comes to the same figures.
"""

from __future__ import annotations

import shlex
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar, cast

from countenance.evaluation.plots.sheet import require_plots
from countenance.evaluation.targets.engine import EngineTarget
from countenance.evaluation.targets.port import PairAnswers, SearchAnswers, Templates, no_progress
from countenance.operations.acts import Act
from countenance.operations.calibrate import checked_calibration
from countenance.operations.evaluate import Question, evaluate
from countenance.operations.evaluations.data_sets import data_set_in, without_place
from countenance.operations.evaluations.kept import NewEvaluation
from countenance.operations.evaluations.start_evaluation import KIND
from countenance.operations.evaluations.values import EvaluationAsked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from countenance.evaluation.comparisons import Scale
    from countenance.evaluation.samples import DataSet, Pair
    from countenance.evaluation.targets.port import Progress
    from countenance.jobs.run import JobRun
    from countenance.operations.evaluations.ports import EvaluationWriter
    from countenance.operations.evaluations.rooms import EvaluationRooms
    from countenance.reporting import Report, Section

_Answers = TypeVar("_Answers", Templates, PairAnswers, SearchAnswers)

ASK_AGAIN_SECONDS = 2.0
"""A moratorium, a revoked key or a cancelled job ends the work so soon while pictures are looked at."""


def do_evaluation(rooms: EvaluationRooms, run: JobRun) -> None:
    """Measure, and keep the report; returning means that it is done.

    Raises:
        NotPermitted: who asked may not any more; a MoratoriumInForce passes.
        ObjectNotReadable, DataSetInvalid, TooFewSubjects: the data set does not have what is needed.
        ExtraMissing: what draws plots is not installed.
        ReportTooLarge: the report is larger than what is kept.
        JobStopped, JobLost: the job is not to be gone on with.
    """
    require_plots()
    asked = EvaluationAsked.from_json(run.job.asked.parameters)
    going = _Going(rooms, run)
    # 1
    with rooms.register.act(run.caller(), run.job.asked.request_id) as act:
        act.permit(KIND)
        act.caller.permit_bucket(asked.bucket)
        act.note(job=run.job.job_id)
        data = data_set_in(rooms.buckets, asked)
        # 2
        engine = EngineTarget(rooms.vision, asked.face, rooms.limits)
        target = _Measured(engine, going.go_on, lambda text: without_place(rooms.buckets, asked.bucket, text))
        question = Question(asked.protocols, command=_command(asked))
        report = evaluate(act, target, [data], question, going.progress)
        if asked.calibration:
            calibration = rooms.vision.calibration
            report = _with(report, checked_calibration(target, data, calibration, going.progress))
        # 3
        going.go_on()
        act.note(pack=rooms.vision.pack)
        new = NewEvaluation(
            evaluation_id=run.job.job_id,
            asked_by=run.job.asked.asked_by,
            made_at=datetime.now(UTC),
            pack=rooms.vision.pack,
            parameters=asked.as_json(),
            report=report,
        )
        with act.recording() as records:
            writer = cast("EvaluationWriter", records)
            writer.add_evaluation(new)
            writer.save_checkpoint(run.job, run.claim, {"kept": True})


def _with(report: Report, section: Section) -> Report:
    """Return a report with one more section, before the last, which says how to repeat it."""
    *others, last = report.sections
    return replace(report, sections=(*others, section, last))


class _Going:
    """Asks whether the work may go on, and notes how far it is."""

    def __init__(self, rooms: EvaluationRooms, run: JobRun) -> None:
        self._rooms, self._run = rooms, run
        self._asked_at = time.monotonic()

    def go_on(self) -> None:
        """Do nothing where the work may go on; raises JobStopped, JobLost or NotPermitted."""
        self._run.check()
        Act(self._run.caller(), "", self._rooms.register).permit(KIND)

    def progress(self, done: int, total: int) -> None:
        """Take how many pictures were looked at; now and then ask again, and note it."""
        now = time.monotonic()
        if done < total and now - self._asked_at < ASK_AGAIN_SECONDS:
            return
        self._asked_at = now
        self.go_on()
        with self._rooms.store.writing() as writer:
            counts = {"pictures": done}
            writer.save_checkpoint(self._run.job, self._run.claim, {}, total=total, counts=counts)


class _Measured:
    """A target that may be measured only for as long as the job may go on, and names no place on the disk."""

    def __init__(
        self, engine: EngineTarget, go_on: Callable[[], None], placeless: Callable[[str], str]
    ) -> None:
        self._engine, self._go_on, self._placeless = engine, go_on, placeless

    @property
    def name(self) -> str:
        return self._engine.name

    @property
    def scale(self) -> Scale:
        return self._engine.scale

    def templates(self, data: DataSet, progress: Progress = no_progress) -> Templates:
        self._go_on()
        return self._without_places(self._engine.templates(data, progress))

    def compare(self, data: DataSet, pairs: Sequence[Pair], progress: Progress = no_progress) -> PairAnswers:
        self._go_on()
        return self._without_places(self._engine.compare(data, pairs, progress))

    def search(
        self,
        data: DataSet,
        gallery: Sequence[int],
        probes: Sequence[int],
        most: int,
        progress: Progress = no_progress,
    ) -> SearchAnswers:
        self._go_on()
        return self._without_places(self._engine.search(data, gallery, probes, most, progress))

    def _without_places(self, answers: _Answers) -> _Answers:
        failures = {number: self._placeless(why) for number, why in answers.failures.items()}
        return replace(answers, failures=failures)


def _command(asked: EvaluationAsked) -> str:
    """Return the command that measures the same, where the bucket's folder has the bucket's name."""
    parts = ["countenance", "evaluate", *(asked.protocols or ["verify"])]
    place = f"{asked.bucket}/{asked.path}".rstrip("/")
    kind = f"{asked.kind}:" if asked.kind is not None else ""
    variant = f":{asked.variant}" if asked.variant else ""
    parts += ["--dataset", f"{kind}{place}{variant}"]
    if asked.images is not None:
        parts += ["--images", f"{asked.bucket}/{asked.images}"]
    if asked.groups is not None:
        parts += ["--groups", f"{asked.bucket}/{asked.groups}"]
    if asked.columns:
        parts += ["--columns", ",".join(asked.columns)]
    return shlex.join([*parts, "--face", asked.face])

"""Queue an evaluation of the pack in use, with a data set in a bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.errors import DataSetInvalid
from countenance.evaluation.plots.sheet import require_plots
from countenance.jobs.values import Job
from countenance.operations.evaluations.data_sets import require_data_set
from countenance.operations.evaluations.values import DATA_SET_KINDS
from countenance.operations.queueing import queue_job

if TYPE_CHECKING:
    from countenance.operations.acts import Act
    from countenance.operations.evaluations.rooms import EvaluationRooms
    from countenance.operations.evaluations.values import EvaluationAsked

__all__ = ["KIND", "Job", "start_evaluation"]

KIND = "evaluate"


def start_evaluation(rooms: EvaluationRooms, act: Act, asked: EvaluationAsked) -> Job:
    """Queue a job that measures the pack in use; its report is kept.

    Raises:
        NotPermitted: the caller's key or a moratorium does not allow it.
        DataSetInvalid: there is no such kind of data set, nothing is to be measured, or it lies in S3.
        ObjectNotReadable: the data set is not there.
        ExtraMissing: what draws plots is not installed.
        TooManyJobs: as many wait or run as there may be.
    """
    act.permit("evaluate")
    act.caller.permit_bucket(asked.bucket)
    require_plots()
    if not asked.protocols and not asked.calibration:
        raise DataSetInvalid("say what is to be measured")
    if asked.kind is not None and asked.kind not in DATA_SET_KINDS:
        raise DataSetInvalid(f"no data set in a bucket is of the kind {asked.kind!r}")
    if asked.variant is not None and asked.variant not in DATA_SET_KINDS.get(asked.kind or "", ()):
        raise DataSetInvalid(f"data sets of that kind have no variant {asked.variant!r}")
    require_data_set(rooms.buckets, asked)
    with act.recording() as records:
        return queue_job(act, records, kind=KIND, collection_id=None, parameters=asked.as_json())

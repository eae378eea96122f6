"""Fit what a pack's scores mean, and check it on people it was not fitted on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from countenance.evaluation.calibrating import calibrate, check_calibration
from countenance.evaluation.fairness import calibrate_fairly
from countenance.evaluation.fairness_gain import fairness_gain
from countenance.evaluation.reports.calibration import (
    calibration_sections,
    check_section,
    fair_section,
    gain_section,
)
from countenance.evaluation.reports.data import data_section
from countenance.evaluation.samples import distinctly_named, repeated, subject_numbers
from countenance.evaluation.targets.port import no_progress
from countenance.operations.evaluate import repeating
from countenance.reporting import Estimate, Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from countenance.evaluation.probabilities import Method
    from countenance.evaluation.samples import DataSet
    from countenance.evaluation.targets.port import Progress, TemplateTarget
    from countenance.operations.acts import Act
    from countenance.reporting import Section
    from countenance.vision import Calibration


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be fitted.

    Attributes:
        method: how probabilities are fitted.
        fair: whether regions of template space are made, too.
        seed: from which is drawn whose half each subject is in.
        command: what was typed, so that another can type it.
    """

    method: Method = "isotonic"
    fair: bool = False
    seed: int = 0
    command: str = ""


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A calibration: its report, and the part of a ``pack.toml`` that it is."""

    report: Report
    toml: str


def calibrate_pack(
    act: Act,
    target: TemplateTarget,
    data: Sequence[DataSet],
    checked_with: Sequence[DataSet],
    wanted: Wanted,
    progress: Progress = no_progress,
) -> Calibrated:
    """Fit a pack's calibration.

    Args:
        act: who asks.
        target: the pack.
        data: what it is fitted on: the ladder on the first data set, regions on all of them.
        checked_with: data sets of other people, on which it is held to what it says.
        wanted: what is to be fitted.
        progress: told how far it is.

    Raises:
        NotPermitted: the caller's key does not allow it.
        TooFewComparisons: there are too few comparisons of different people.
        TooFewSubjects: there are too few people for regions.
        ExtraMissing: scikit-learn is not installed.
    """
    act.permit("calibrate")
    act.note(target=target.name, data=[each.digest() for each in (*data, *checked_with)])
    started = datetime.now(UTC)
    named = distinctly_named((*data, *checked_with))
    data, checked_with = named[: len(data)], named[len(data) :]
    fitted = [_seen(target, each, progress) for each in data]
    first, names = fitted[0], ", ".join(each.name for each in data)
    result = calibrate(
        first.vectors, first.subjects, data=data[0].name, method=wanted.method, seed=wanted.seed
    )
    sections = [*(_of(each) for each in fitted), *calibration_sections(result)]
    toml, regional = result.as_toml(), None
    if wanted.fair:
        together = _together(fitted)
        of_ladder = np.arange(len(together.subjects)) < len(first.subjects)
        fair = calibrate_fairly(
            together.vectors, together.subjects, data=names, of_ladder=of_ladder, seed=wanted.seed
        )
        regional = fair.calibration
        toml = f"{toml}\n{fair.as_toml()}"
        sections.append(fair_section(fair))
    for each in checked_with:
        seen = _seen(target, each, progress)
        check = check_calibration(
            result.calibration, seen.vectors, seen.subjects, data=each.name, seed=wanted.seed
        )
        sections += [_of(seen), check_section(check)]
        if regional is not None:
            sections += [
                gain_section(
                    each.name,
                    attribute,
                    fairness_gain(
                        regional, seen.vectors, seen.subjects, seen.groups(attribute), seed=wanted.seed
                    ),
                )
                for attribute in each.attributes
            ]
    introduction = (
        f"What the comparison scores of {target.name} mean: fitted on {names}. A similarity is a function "
        "of the false match rate alone: 80 is 1 in 1,000, 99 is 1 in 100,000."
    )
    report = Report(
        "calibration",
        f"Calibration of {target.name}",
        introduction,
        datetime.now(UTC),
        act.request_id or None,
        None,
        (*sections, repeating(wanted.command, wanted.seed, started)),
    )
    return Calibrated(report, toml)


def checked_calibration(
    target: TemplateTarget, data: DataSet, calibration: Calibration, progress: Progress = no_progress
) -> Section:
    """Return whether a pack's calibration is true of the people of a data set; who measures has asked."""
    seen = _seen(target, data, progress)
    return check_section(check_calibration(calibration, seen.vectors, seen.subjects, data=data.name))


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """The usable templates of a data set, their subjects' numbers, and which samples they are of."""

    data: DataSet
    failures: dict[int, str]
    vectors: npt.NDArray[np.float32]
    subjects: npt.NDArray[np.int32]
    samples: npt.NDArray[np.intp]

    def groups(self, attribute: str) -> list[str | None]:
        """Return, by template, the group of its sample."""
        return [self.data.samples[sample].groups.get(attribute) for sample in self.samples]


def _seen(target: TemplateTarget, data: DataSet, progress: Progress) -> _Seen:
    templates = target.templates(data, progress)
    usable = np.flatnonzero(templates.found & ~repeated(data))
    return _Seen(data, templates.failures, templates.vectors[usable], subject_numbers(data)[usable], usable)


def _together(parts: Sequence[_Seen]) -> _Seen:
    subjects, offset = [], 0
    for part in parts:
        subjects.append(part.subjects + offset)
        offset += int(part.subjects.max(initial=-1)) + 1
    return _Seen(
        parts[0].data,
        {},
        np.concatenate([part.vectors for part in parts]),
        np.concatenate(subjects).astype(np.int32),
        np.zeros(0, np.intp),
    )


def _of(seen: _Seen) -> Section:
    failed, samples = len(seen.failures), len(seen.data.samples)
    share = Estimate(failed / samples if samples else None, errors=failed, trials=samples)
    return data_section(seen.data, seen.failures, share)

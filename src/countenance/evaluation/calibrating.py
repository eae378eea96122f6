"""Fits what a pack's scores mean, and checks it on people who were not fitted on.

A calibration says two things of a comparison score: how often strangers reach it (the false match rate), and
how probably it is of one person where half of all comparisons are mated. A ladder has rungs only as far as
the rule of 30 goes: at least 30 errors stand behind each (Doddington et al. 2000; ISO/IEC 19795-1).

Probabilities are left to `probabilities`, calibration by region of template space to `fairness`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from countenance.errors import TooFewComparisons
from countenance.evaluation.bootstrap import SubjectBootstrap, false_match_rate
from countenance.evaluation.estimates import LEAST_ERRORS, Estimate
from countenance.evaluation.matrix import all_comparisons
from countenance.evaluation.probabilities import fit_probabilities, reliability_of
from countenance.evaluation.score_counts import all_scores
from countenance.vision.calibration import Calibration

if TYPE_CHECKING:
    from countenance.evaluation.comparisons import Numbers
    from countenance.evaluation.probabilities import Method, Reliability
    from countenance.evaluation.score_counts import AllScores, ScoreCounts

    Vectors = npt.NDArray[np.float32]

CHECKED_SIMILARITIES = (60.0, 80.0, 90.0, 95.0, 99.0)
_RATES = tuple(mantissa / 10.0**power for power in range(1, 9) for mantissa in (5.0, 2.0, 1.0))
_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class CheckedRate:
    """A similarity, the score that it begins at, the FMR that is stated for it, and the one that is seen."""

    similarity_percent: float
    score: float
    stated: float
    seen: Estimate


@dataclass(frozen=True, slots=True)
class Check:
    """A calibration, held against people who were not fitted on.

    ``reliability`` is None where no probabilities are stated or there are no mated comparisons.
    """

    data: str
    subjects: int
    non_mated_comparisons: int
    mated_comparisons: int
    rates: tuple[CheckedRate, ...]
    reliability: Reliability | None


@dataclass(frozen=True, slots=True)
class CalibrationResult:
    """A calibration fitted on all of a data set, and the check of one fitted on half its subjects."""

    calibration: Calibration
    method: Method
    check: Check

    def as_toml(self) -> str:
        """Return the ``[calibration]`` part of a ``pack.toml``."""
        ladder = self.calibration
        lines = [
            "[calibration]",
            f"scores = {list(ladder.scores)}",
            f"false_match_rates = {list(ladder.false_match_rates)}",
            f"non_mated_comparisons = {ladder.non_mated_comparisons}",
            f'data = "{plain(ladder.source)}"',
        ]
        if ladder.probabilities is not None:
            lines += [
                "",
                "[calibration.probability]",
                f"scores = {list(ladder.probabilities.scores)}",
                f"probabilities = {list(ladder.probabilities.probabilities)}",
                f"mated_comparisons = {ladder.probabilities.mated_comparisons}",
            ]
        return "\n".join(lines) + "\n"


def calibrate(
    vectors: Vectors,
    subjects: Numbers,
    *,
    data: str,
    method: Method = "isotonic",
    seed: int = 0,
) -> CalibrationResult:
    """Fit a calibration on all comparisons of a data set, and check one fitted on half of it on the rest.

    Probabilities are fitted where there are 30 mated comparisons; a set of one picture each has none.

    Args:
        vectors: (n, d) float32, L2-normalised templates.
        subjects: (n,) the number of each one's subject.
        data: the data, in words.
        method: how probabilities are fitted: isotonic regression, or logistic (Platt 1999).
        seed: from which it is drawn whose half each subject is in.

    Raises:
        TooFewComparisons: there are too few comparisons of different people for a ladder.
        ExtraMissing: scikit-learn is not installed.
    """
    fitted_on = half_of_subjects(subjects, seed)
    half = _fit(all_scores(vectors[fitted_on], subjects[fitted_on]), data, method)
    check = check_calibration(
        half,
        vectors[~fitted_on],
        subjects[~fitted_on],
        data=f"the other half of the subjects of {data}",
        seed=seed,
    )
    return CalibrationResult(_fit(all_scores(vectors, subjects), data, method), method, check)


def half_of_subjects(subjects: Numbers, seed: int) -> npt.NDArray[np.bool_]:
    """Return which templates are of a random half of the subjects; all of one subject are in one half."""
    people, places = np.unique(subjects, return_inverse=True)
    first = np.random.default_rng(seed).permutation(len(people)) < len(people) // 2
    return np.asarray(first[places], np.bool_)


def check_calibration(
    calibration: Calibration, vectors: Vectors, subjects: Numbers, *, data: str, seed: int = 0
) -> Check:
    """Hold a calibration against people it was not fitted on; for arguments see ``calibrate``."""
    scores = all_scores(vectors, subjects)
    similarities = [
        percent
        for percent in CHECKED_SIMILARITIES
        if calibration.similarities(calibration.scores[-1])[0] >= percent
    ]
    thresholds = [calibration.score_at(percent) for percent in similarities]
    _, places = np.unique(subjects, return_inverse=True)
    listed = all_comparisons(vectors, places.astype(np.int32), listed_from=min(thresholds, default=1.0))
    bootstrap = SubjectBootstrap(int(places.max(initial=-1)) + 1, seed=seed)
    rates = tuple(
        CheckedRate(
            percent,
            threshold,
            calibration.similarity(threshold).false_match_rate,
            false_match_rate(listed.filled().non_mated[0, 0], threshold, bootstrap),
        )
        for percent, threshold in zip(similarities, thresholds, strict=True)
    )
    reliability = None
    if calibration.probabilities is not None and len(scores.mated):
        reliability = reliability_of(calibration.probabilities.probability, scores)
    return Check(
        data, len(np.unique(subjects)), scores.non_mated.total, len(scores.mated), rates, reliability
    )


def fit_ladder(non_mated: ScoreCounts, data: str) -> Calibration:
    """Return the ladder from scores to false match rates, each rung with 30 false matches at least.

    Raises:
        TooFewComparisons: there is no rung beside the lowest.
    """
    total = non_mated.total
    scores, rates = [-1.0], [1.0]
    for rate in _RATES:
        if rate * total < LEAST_ERRORS:
            break
        score = round(non_mated.score_reached_by(int(rate * total) + 1), _DECIMALS)
        if scores[-1] < score < 1.0:
            scores.append(score)
            rates.append(rate)
    if len(scores) == 1:
        raise TooFewComparisons(
            f"{data} has {total} comparisons of different people, too few, or too much the same, for a "
            f"calibration; {2 * LEAST_ERRORS} different ones are the least"
        )
    return Calibration(tuple(scores), tuple(rates), total, data)


def plain(text: str) -> str:
    """Return a text that a TOML string can hold as it is."""
    return text.replace("\\", "/").replace('"', "'").replace("\n", " ")


def _fit(scores: AllScores, data: str, method: Method) -> Calibration:
    ladder = fit_ladder(scores.non_mated, data)
    return Calibration(
        ladder.scores,
        ladder.false_match_rates,
        ladder.non_mated_comparisons,
        ladder.source,
        fit_probabilities(scores, method),
    )

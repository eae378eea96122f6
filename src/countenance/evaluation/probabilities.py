"""The probability that a comparison is of one person, at even odds: fitted, and held against what is true.

Mated and non-mated comparisons weigh the same together, however many there are of either, and so do the
subjects among the mated ones, however many pictures they have.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from countenance.errors import ExtraMissing
from countenance.evaluation.estimates import LEAST_ERRORS
from countenance.vision.calibration import ProbabilityLadder

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.evaluation.comparisons import Floats
    from countenance.evaluation.score_counts import AllScores

Method = Literal["isotonic", "logistic"]

NO_SCIKIT_LEARN = "scikit-learn is not installed; pip install 'countenance[evaluation]'"
_PROBABILITIES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97, 0.99, 0.997, 0.999)
_BINS = 10
_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Comparisons of which a probability from ``low`` to ``high`` is stated.

    Attributes:
        low: the lower end, 0–1.
        high: the upper end.
        stated: the mean of the stated probabilities; None where there is no comparison.
        seen: the share that is of one person, at even odds; None likewise.
        comparisons: how many there are, mated and non-mated.
    """

    low: float
    high: float
    stated: float | None
    seen: float | None
    comparisons: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far stated probabilities are true at even odds, each subject's mated comparisons weighing the same.

    Attributes:
        bins: the reliability table, ten bins of equal width.
        brier: Brier score, the mean squared difference from what is true; 0.25 for who always says one half.
        expected_calibration_error: the mean of |stated − seen| over the bins, by their weight.
    """

    bins: tuple[ReliabilityBin, ...]
    brier: float
    expected_calibration_error: float


def fit_probabilities(scores: AllScores, method: Method = "isotonic") -> ProbabilityLadder | None:
    """Return the ladder from scores to the probability of one person at even odds.

    Mated and non-mated comparisons weigh the same together, and so do the subjects among the mated ones. A
    rung has 30 comparisons at least that are not what is more probable there: non-mated ones that score more,
    or mated ones that score less. None where that leaves fewer than two rungs.

    Raises:
        ExtraMissing: scikit-learn is not installed.
    """
    if min(len(scores.mated), scores.non_mated.total) < LEAST_ERRORS:
        return None
    least = float(np.sort(scores.mated)[LEAST_ERRORS - 1])
    greatest = scores.non_mated.score_reached_by(LEAST_ERRORS)
    score_of = _isotonic(scores) if method == "isotonic" else _logistic(scores)
    found = [(round(score_of(probability), _DECIMALS), probability) for probability in _PROBABILITIES]
    kept: list[tuple[float, float]] = []
    for score, probability in found:
        if least <= score <= greatest and (not kept or score > kept[-1][0]):
            kept.append((score, probability))
    if len(kept) < 2:
        return None
    return ProbabilityLadder(
        tuple(score for score, _ in kept), tuple(probability for _, probability in kept), len(scores.mated)
    )


def reliability_of(probability: Callable[[Floats], Floats], scores: AllScores) -> Reliability:
    """Return how far probabilities (0–1) that are stated of scores are true at even odds."""
    values, true, weights = _weighed(scores)
    stated = probability(values)
    counts = scores.non_mated.counts[scores.non_mated.counts > 0]
    numbers = np.concatenate([counts, np.ones(len(scores.mated), np.int64)])
    places = np.minimum((stated * _BINS).astype(np.intp), _BINS - 1)
    bins, error = [], 0.0
    for place in range(_BINS):
        here = places == place
        weight = float(weights[here].sum())
        mean = share = None
        if weight > 0:
            mean = float((weights[here] * stated[here]).sum()) / weight
            share = float((weights[here] * true[here]).sum()) / weight
            error += weight * abs(mean - share)
        low, high = place / _BINS, (place + 1) / _BINS
        bins.append(ReliabilityBin(low, high, mean, share, int(numbers[here].sum())))
    return Reliability(tuple(bins), float((weights * (stated - true) ** 2).sum()), error)


def _weighed(scores: AllScores) -> tuple[Floats, Floats, Floats]:
    """Return scores, whether each is mated (0 or 1), and weights that sum to one half for either kind."""
    filled = np.flatnonzero(scores.non_mated.counts)
    counts = scores.non_mated.counts[filled]
    values = np.concatenate([scores.non_mated.centres[filled], scores.mated])
    true = np.concatenate([np.zeros(len(filled)), np.ones(len(scores.mated))])
    return values, true, np.concatenate([counts / counts.sum(), scores.mated_weights()]) / 2.0


def _isotonic(scores: AllScores) -> Callable[[float], float]:
    """Return the way from a probability to a score, from an isotonic regression."""
    try:
        from sklearn.isotonic import IsotonicRegression  # noqa: PLC0415 - an optional library
    except ImportError:
        raise ExtraMissing(NO_SCIKIT_LEARN) from None
    values, true, weights = _weighed(scores)
    fitted = IsotonicRegression().fit(values, true, sample_weight=weights)
    # The regression is a staircase: a step's probability holds in its middle.
    steps, places = np.unique(fitted.y_thresholds_, return_inverse=True)
    middles = np.bincount(places, fitted.X_thresholds_) / np.bincount(places)
    return lambda probability: float(np.interp(probability, steps, middles))


def _logistic(scores: AllScores) -> Callable[[float], float]:
    """Return the way from a probability to a score, from a logistic regression (Platt 1999)."""
    try:
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - an optional library
    except ImportError:
        raise ExtraMissing(NO_SCIKIT_LEARN) from None
    values, true, weights = _weighed(scores)
    mean = float(weights @ values)
    spread = float(np.sqrt(weights @ (values - mean) ** 2))
    # Weights of mean 1 and so large a C that the fit is not drawn towards zero.
    weights = weights * len(weights)
    fitted = LogisticRegression(C=1e6).fit((values[:, None] - mean) / spread, true, sample_weight=weights)
    slope, offset = float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
    return lambda probability: mean + spread * (math.log(probability / (1 - probability)) - offset) / slope

"""Intervals from a bootstrap over subjects.

Comparisons are not independent: all of one person's share that person. So people are resampled, not
comparisons: each gets a random weight of mean 1 (exponential: the Bayesian bootstrap, Rubin 1981), and a
comparison has the product of both people's.

For comparisons of different people that product alone makes too much of the noise that belongs to one
comparison only: its share of the variance comes out three times what it is (Owen 2007). The right variance
is known (dyadic-robust: Aronow, Samii and Assenova 2015), so the weights' deviations from 1 are shrunk until
the replicates have it. That variance is an estimate, too, and taken in full it makes intervals too short; so
three quarters of the correction are made. With that, and quantiles of Student's t, the intervals of simulated
false match rates hold the truth in 94–97 % of runs (`tests/unit/evaluation/test_coverage.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from countenance.evaluation.estimates import Estimate, interval, none_seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.evaluation.comparisons import Comparisons, Floats, Numbers

REPLICATES = 1000
FEWEST_REPLICATES = 200
_MOST_WEIGHTS = 2**25
"""256 MiB of weights; of more than 33,000 subjects fewer replicates are drawn, and at least 200."""
_CORRECTED = 0.75
_AT_ONCE = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Replicates:
    """A figure's values in the replicates, and the degrees of freedom behind their spread."""

    values: Floats
    degrees_of_freedom: float

    def interval(self, value: float) -> tuple[float, float]:
        """Return the 95 % interval of the figure."""
        return interval(value, self.values, self.degrees_of_freedom)


class SubjectBootstrap:
    """Random weights of subjects, the same for every figure of one evaluation.

    Args:
        subjects: how many there are; they are numbered from 0.
        replicates: how many sets of weights to draw, fewer where there are very many subjects.
        seed: from which they are drawn.
    """

    def __init__(self, subjects: int, replicates: int = REPLICATES, seed: int = 0) -> None:
        kept = min(replicates, max(FEWEST_REPLICATES, _MOST_WEIGHTS // max(1, subjects)))
        draw = np.random.default_rng(seed).exponential(size=(subjects, kept))
        self._deviations = np.asarray(draw - 1.0, np.float64)

    @property
    def replicates(self) -> int:
        """How many sets of weights there are."""
        return len(self._deviations.T)

    @property
    def weights(self) -> Floats:
        """(replicates, subjects) the weights, of mean 1."""
        return self._deviations.T + 1.0

    def mated(self, comparisons: Comparisons, threshold: float) -> Replicates:
        """Return the replicates of the share of mated comparisons below a threshold (FNMR)."""
        errors, trials = np.zeros(len(self._deviations)), np.zeros(len(self._deviations))
        np.add.at(trials, comparisons.first, 1)
        np.add.at(errors, comparisons.first[comparisons.scores < threshold], 1)
        residuals = errors - errors.sum() / trials.sum() * trials
        weights = self.weights
        return Replicates((weights @ errors) / (weights @ trials), _degrees_of_freedom(residuals))

    def non_mated(self, comparisons: Comparisons, threshold: float) -> Replicates:
        """Return the replicates of the share of non-mated comparisons at or above a threshold (FMR)."""
        shrinkage, freedom = self.shrinkage(comparisons, threshold)
        involved = _involved(comparisons)
        weights = 1.0 + shrinkage * self._deviations[involved]
        places = np.zeros(len(self._deviations), np.int32)
        places[involved] = np.arange(len(involved))
        count = int(comparisons.at_least(threshold))
        first, second = places[comparisons.first], places[comparisons.second]
        sums = _products(weights, first[:count], second[:count])
        if comparisons.population is None:
            return Replicates(sums / _products(weights, first, second), freedom)
        return Replicates(sums / comparisons.population.of(involved).total(weights.T), freedom)

    def fnmr_at_fmr(self, mated: Comparisons, non_mated: Comparisons, fmr: float) -> Replicates:
        """Return the replicates of FNMR at the threshold that each replicate's own FMR allows.

        Replicates whose threshold lies below the scores that are listed are NaN.
        """
        allowed = int(fmr * non_mated.total)
        threshold = float(non_mated.scores[min(allowed, len(non_mated.scores) - 1)])
        shrinkage, freedom = self.shrinkage(non_mated, threshold)
        listed = (
            len(non_mated.scores) if non_mated.complete else min(3 * allowed + 100, len(non_mated.scores))
        )
        scores, first, second = (
            part[:listed] for part in (non_mated.scores, non_mated.first, non_mated.second)
        )
        weights = 1.0 + shrinkage * self._deviations
        limits = fmr * self._totals(non_mated, weights)
        rising = mated.scores[::-1]
        found = np.full(weights.shape[1], np.nan)
        for replicate, limit in enumerate(limits):
            column = weights[:, replicate]
            place = int(np.searchsorted(np.cumsum(column[first] * column[second]), limit, side="right"))
            if place == listed and not non_mated.complete:
                continue
            bound = scores[place] if place < listed else -np.inf
            of_mated = 1.0 + self._deviations[mated.first[::-1], replicate]
            below = int(np.searchsorted(rising, bound, side="right"))
            found[replicate] = of_mated[:below].sum() / of_mated.sum()
        return Replicates(found, min(freedom, self.mated(mated, threshold).degrees_of_freedom))

    def shrinkage(self, comparisons: Comparisons, threshold: float) -> tuple[float, float]:
        """Return by what the weights' deviations are multiplied for an FMR, and its degrees of freedom."""
        subjects = len(self._deviations)
        count = int(comparisons.at_least(threshold))
        rate = count / comparisons.total
        errors = _by_dyad(comparisons.first[:count], comparisons.second[:count], subjects)
        trials = _Trials(comparisons, subjects)
        involved = np.zeros(subjects)
        np.add.at(involved, errors.first, errors.counts)
        np.add.at(involved, errors.second, errors.counts)
        residuals = involved - rate * trials.of_subject
        of_dyads = trials.between(errors.first, errors.second)
        own = float((errors.counts**2 - 2 * rate * errors.counts * of_dyads).sum() + rate**2 * trials.squares)
        shared = float((residuals**2).sum())
        if own <= 0 or shared <= 0:
            return 1.0, np.inf
        wanted = max(shared - _CORRECTED * own, own)
        # Weights of variance v give the variance v · shared + v² · own.
        variance = (-shared + np.sqrt(shared**2 + 4 * own * wanted)) / (2 * own)
        return float(np.sqrt(min(variance, 1.0))), _degrees_of_freedom(residuals)

    def _totals(self, comparisons: Comparisons, weights: Floats) -> Floats:
        if comparisons.population is not None:
            return comparisons.population.total(weights.T)
        return _products(weights, comparisons.first, comparisons.second)


def false_non_match_rate(comparisons: Comparisons, threshold: float, bootstrap: SubjectBootstrap) -> Estimate:
    """Return the share of mated comparisons below a threshold, with its interval."""
    errors = comparisons.total - int(comparisons.at_least(threshold))
    return _rate(errors, comparisons, lambda: bootstrap.mated(comparisons, threshold))


def false_match_rate(comparisons: Comparisons, threshold: float, bootstrap: SubjectBootstrap) -> Estimate:
    """Return the share of non-mated comparisons at or above a threshold, with its interval."""
    errors = int(comparisons.at_least(threshold))
    return _rate(errors, comparisons, lambda: bootstrap.non_mated(comparisons, threshold))


def _rate(errors: int, comparisons: Comparisons, replicates: Callable[[], Replicates]) -> Estimate:
    trials, subjects = comparisons.total, comparisons.subjects()
    if not trials:
        return Estimate(None, None, None, 0, 0, subjects)
    value = errors / trials
    if errors == 0:
        return Estimate(0.0, 0.0, none_seen(trials), 0, trials, subjects)
    if errors == trials:
        return Estimate(1.0, 1.0 - none_seen(trials), 1.0, errors, trials, subjects)
    low, high = replicates().interval(value)
    return Estimate(value, low, min(high, 1.0), errors, trials, subjects)


@dataclass(frozen=True, slots=True, eq=False)
class _Dyads:
    """Pairs of different subjects, the lower number first, and how many comparisons of each are meant."""

    first: Numbers
    second: Numbers
    counts: Floats
    keys: npt.NDArray[np.int64]


def _by_dyad(first: Numbers, second: Numbers, subjects: int) -> _Dyads:
    lower, upper = np.minimum(first, second), np.maximum(first, second)
    keys, counts = np.unique(lower.astype(np.int64) * subjects + upper, return_counts=True)
    return _Dyads(
        (keys // subjects).astype(np.int32), (keys % subjects).astype(np.int32), counts.astype(float), keys
    )


class _Trials:
    """How many comparisons each subject, and each two subjects, were in."""

    def __init__(self, comparisons: Comparisons, subjects: int) -> None:
        self._population = comparisons.population
        if self._population is not None:
            first, second = (side.astype(float) for side in (self._population.first, self._population.second))
            if self._population.within:
                self.of_subject = first * (first.sum() - first)
                self.squares = float(((first**2).sum() ** 2 - (first**4).sum()) / 2)
            else:
                self.of_subject = first * (second.sum() - second) + second * (first.sum() - first)
                both = float(((first * second) ** 2).sum())
                self.squares = float((first**2).sum() * (second**2).sum() + (first @ second) ** 2) - 2 * both
            return
        self._dyads = _by_dyad(comparisons.first, comparisons.second, subjects)
        self._subjects = subjects
        self.of_subject = np.zeros(subjects)
        np.add.at(self.of_subject, comparisons.first, 1)
        np.add.at(self.of_subject, comparisons.second, 1)
        self.squares = float((self._dyads.counts**2).sum())

    def between(self, first: Numbers, second: Numbers) -> Floats:
        """Return how many comparisons there were of each two subjects."""
        if self._population is None:
            keys = first.astype(np.int64) * self._subjects + second
            return self._dyads.counts[np.searchsorted(self._dyads.keys, keys)]
        one, other = self._population.first, self._population.second
        counts = one[first] * other[second]
        return np.asarray(
            counts if self._population.within else counts + one[second] * other[first], np.float64
        )


def _involved(comparisons: Comparisons) -> npt.NDArray[np.intp]:
    """Return the numbers of the subjects behind comparisons."""
    if comparisons.population is None:
        return np.union1d(comparisons.first, comparisons.second).astype(np.intp)
    return np.flatnonzero(comparisons.population.first + comparisons.population.second)


def _products(weights: Floats, first: Numbers, second: Numbers) -> Floats:
    """Return, by replicate, the sum of the products of both subjects' weights."""
    sums = np.zeros(weights.shape[1])
    for start in range(0, len(first), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        sums += np.einsum("ij,ij->j", weights[first[rows]], weights[second[rows]])
    return sums


def _degrees_of_freedom(residuals: Floats) -> float:
    """Return how many subjects' worth of variance there is: fewer where a few make most of it."""
    fourth = float((residuals**4).sum())
    return float((residuals**2).sum()) ** 2 / fourth if fourth > 0 else np.inf

"""How far error rates of demographic groups lie apart, in the figures that standards and papers propose.

Every figure is a function of error rates at one threshold that is the same for all groups. Sources: NIST FRTE
part 8 (NIST IR 8429) and ISO/IEC 19795-10 for the ratios and the inequity rate; Howard et al., "Evaluating
proposed fairness models for face recognition algorithms", 2022, for the Gini coefficient and GARBE;
de Freitas Pereira and Marcel, "Fairness in biometrics", 2021, for the fairness discrepancy rate.

The functions take rates along their last axis, so that all replicates of a bootstrap run through them at
once, and answer NaN where a figure cannot be estimated: a smallest rate of zero says that too few comparisons
were made, not that the ratio is infinite.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from countenance.evaluation.spreads import (
    Spreads,
    difference,
    excess,
    half_mean_difference,
    logarithms,
    relative,
    weighed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from countenance.evaluation.comparisons import Counts, Floats
    from countenance.evaluation.estimates import Estimate
    from countenance.evaluation.spreads import Shown, Spread


def max_over_min(rates: npt.ArrayLike) -> Floats:
    """Return the greatest rate over the smallest: 1 where groups are equal.

    Args:
        rates: (…, groups) error rates, 0–1.

    Returns:
        (…) the ratios; NaN where the smallest rate is zero or there are fewer than two groups.
    """
    return np.exp(difference(logarithms(rates)))


def max_over_geometric_mean(rates: npt.ArrayLike) -> Floats:
    """Return the greatest rate over the geometric mean of all, which one odd group moves less.

    Args and returns: as of ``max_over_min``.
    """
    return np.exp(excess(logarithms(rates)))


def gini(rates: npt.ArrayLike) -> Floats:
    """Return the Gini coefficient: n/(n−1) · Σᵢ Σⱼ |xᵢ − xⱼ| / (2 n² x̄).

    It is 0 where groups are equal and, by the factor n/(n−1), 1 where one group alone has errors.

    Args:
        rates: (…, groups) error rates, 0–1.

    Returns:
        (…) the coefficients; NaN where no group has any error or there are fewer than two groups.
    """
    return half_mean_difference(relative(rates))


def garbe(false_match: npt.ArrayLike, non_match: npt.ArrayLike, alpha: float) -> Floats:
    """Return the Gini aggregation rate for biometric equitability: α·G(FMR) + (1 − α)·G(FNMR).

    Args:
        false_match: (…, groups) false match rates.
        non_match: (…, groups) false non-match rates.
        alpha: 0–1, how much false matches weigh.

    Returns:
        (…) 0 where groups are equal, at most 1; NaN where a coefficient that counts is not estimable.
    """
    return weighed(alpha, gini(false_match), 1 - alpha, gini(non_match))


def inequity_rate(
    false_match: npt.ArrayLike, non_match: npt.ArrayLike, alpha: float, beta: float | None = None
) -> Floats:
    """Return the inequity rate: (max FMR / min FMR)^α · (max FNMR / min FNMR)^β.

    Args:
        false_match: (…, groups) false match rates.
        non_match: (…, groups) false non-match rates.
        alpha: the exponent of false matches.
        beta: that of false non-matches; 1 − α where not given.

    Returns:
        (…) 1 where groups are equal; NaN where a ratio whose exponent is not zero is not estimable.
    """
    other = 1 - alpha if beta is None else beta
    return np.exp(
        weighed(alpha, difference(logarithms(false_match)), other, difference(logarithms(non_match)))
    )


def fairness_discrepancy_rate(false_match: npt.ArrayLike, non_match: npt.ArrayLike, alpha: float) -> Floats:
    """Return 1 − [α·max|ΔFMR| + (1 − α)·max|ΔFNMR|].

    Small rates differ by little: at the thresholds in use it is close to 1, whatever the groups.

    Args:
        false_match: (…, groups) false match rates.
        non_match: (…, groups) false non-match rates.
        alpha: 0–1, how much false matches weigh.

    Returns:
        (…) 1 where groups are equal; NaN where there are fewer than two.
    """
    rates = np.asarray(false_match, np.float64), np.asarray(non_match, np.float64)
    return 1 - weighed(alpha, difference(rates[0]), 1 - alpha, difference(rates[1]))


@dataclass(frozen=True, slots=True, eq=False)
class GroupRates:
    """One error rate, false match or false non-match, of each group at one threshold.

    Attributes:
        errors: (groups,) how many comparisons were decided wrongly.
        trials: (groups,) of how many.
        subjects: (groups,) how many people stand behind them.
        replicates: (replicates, groups) the rates when subjects are weighed anew; what they hold of a group
            without trials is ignored. Without rows there are no intervals.
    """

    errors: Counts
    trials: Counts
    subjects: Counts
    replicates: Floats

    @property
    def tried(self) -> npt.NDArray[np.bool_]:
        """(groups,) whether the group has any trial."""
        return np.asarray(self.trials > 0)

    def of(self, kept: npt.NDArray[np.bool_]) -> GroupRates:
        """Return the rates of some groups."""
        return GroupRates(self.errors[kept], self.trials[kept], self.subjects[kept], self.replicates[:, kept])

    def rates(self) -> Floats:
        """Return (1 + replicates, groups) the rates as measured, then the replicates."""
        return np.vstack([self.errors / self.trials, self.replicates])


@dataclass(frozen=True, slots=True)
class RateDifferentials:
    """How far groups lie apart in one error rate; the value of a figure that cannot be estimated is None.

    Attributes:
        groups: the groups that were compared.
        without_trials: those left out, because nobody of theirs was compared.
        highest: the group with the most errors; empty where there is no group or no error.
        lowest: the group with the fewest; empty in the same cases.
        max_over_min: greatest rate over smallest.
        max_over_geometric_mean: greatest rate over the geometric mean.
        gini: the Gini coefficient.
    """

    groups: tuple[str, ...]
    without_trials: tuple[str, ...]
    highest: str
    lowest: str
    max_over_min: Estimate
    max_over_geometric_mean: Estimate
    gini: Estimate


@dataclass(frozen=True, slots=True)
class Differentials:
    """How far groups lie apart at one threshold.

    Attributes:
        alpha: how much false matches weigh in the figures that join both rates.
        false_match: of false match rates.
        non_match: of false non-match rates.
        groups: those with trials of both kinds, over which both rates are joined.
        garbe: Gini aggregation rate for biometric equitability.
        inequity_rate: with the exponents α and 1 − α.
        fairness_discrepancy_rate: 1 where groups are equal.
    """

    alpha: float
    false_match: RateDifferentials
    non_match: RateDifferentials
    groups: tuple[str, ...]
    garbe: Estimate
    inequity_rate: Estimate
    fairness_discrepancy_rate: Estimate


def differentials(
    groups: Sequence[str], false_match: GroupRates, non_match: GroupRates, alpha: float = 0.5
) -> Differentials:
    """Return how far groups lie apart in both error rates.

    Intervals are those of ``spreads``: of equal groups, no more than 5 % exclude equality.

    Args:
        groups: their names, in the order of the rates.
        false_match: false matches of each group.
        non_match: false non-matches of each group, at the same threshold, from the same bootstrap.
        alpha: 0–1, how much false matches weigh where both are joined.

    Raises:
        ValueError: names and rates, or the replicates of both rates, are not equally many, or alpha is not
            within 0–1.
    """
    if not len(groups) == len(false_match.trials) == len(non_match.trials):
        raise ValueError("there must be one name, one false match and one false non-match rate of each group")
    if len(false_match.replicates) != len(non_match.replicates):
        raise ValueError("both rates must have the same replicates")
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha is {alpha}; it must be within 0–1")
    both = false_match.tried & non_match.tried
    first, second = false_match.of(both).rates(), non_match.of(both).rates()

    def joined(spread: Spread, places: Callable[[npt.ArrayLike], Floats], shown: Shown) -> Estimate:
        apart = Spreads.of(spread, places(first))
        return apart.joined(alpha, Spreads.of(spread, places(second))).estimate(shown)

    return Differentials(
        alpha,
        _of_one_rate(groups, false_match),
        _of_one_rate(groups, non_match),
        _named(groups, both),
        garbe=joined(half_mean_difference, relative, float),
        inequity_rate=joined(difference, logarithms, math.exp),
        fairness_discrepancy_rate=joined(difference, np.asarray, lambda apart: 1 - apart),
    )


def _of_one_rate(groups: Sequence[str], rates: GroupRates) -> RateDifferentials:
    """Return how far groups lie apart in one rate."""
    names, kept = _named(groups, rates.tried), rates.of(rates.tried)
    values = kept.rates()
    erring = bool(kept.errors.any())
    behind = [int(counts.sum()) for counts in (kept.errors, kept.trials, kept.subjects)]
    return RateDifferentials(
        names,
        _named(groups, ~rates.tried),
        names[int(values[0].argmax())] if erring else "",
        names[int(values[0].argmin())] if erring else "",
        max_over_min=Spreads.of(difference, logarithms(values)).estimate(math.exp, *behind),
        max_over_geometric_mean=Spreads.of(excess, logarithms(values)).estimate(math.exp, *behind),
        gini=Spreads.of(half_mean_difference, relative(values)).estimate(float, *behind),
    )


def _named(groups: Sequence[str], kept: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    """Return the names of some groups."""
    return tuple(name for name, keep in zip(groups, kept, strict=True) if keep)

"""How far the rates of groups are spread, and how sure that is.

Chance alone drives measured rates apart: of equal groups the spread is measured above zero, and so are all
replicates of a bootstrap. Between their quantiles the truth never lies, and bias-corrected quantiles are no
better (in simulations of four equal groups both hold it in none of 600 runs).

Every spread f here has f(a + b) ≤ f(a) + f(b). So the spread measured exceeds the true one by no more than
the spread of the rates' errors. A bootstrap shows how large that may be: the spread of what the replicates
differ by from the rates as measured. That is taken off for the lower end of an interval; the upper end, which
chance moves to the safe side, is the replicates' quantile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from countenance.evaluation.comparisons import Floats
from countenance.evaluation.estimates import LEVEL, Estimate

Spread = Callable[[Floats], Floats]
Shown = Callable[[float], float]
_SURE = (1 + LEVEL) / 2


def difference(places: Floats) -> Floats:
    """Return (…) the greatest of (…, groups) less the smallest; NaN where there are fewer than two groups."""
    return places.max(axis=-1) - places.min(axis=-1) if places.shape[-1] > 1 else _unknown(places)


def excess(places: Floats) -> Floats:
    """Return (…) the greatest of (…, groups) less the mean; NaN where there are fewer than two groups."""
    return places.max(axis=-1) - places.mean(axis=-1) if places.shape[-1] > 1 else _unknown(places)


def half_mean_difference(places: Floats) -> Floats:
    """Return (…) half the mean difference of two different groups; NaN where there are fewer than two."""
    groups = places.shape[-1]
    if groups < 2:
        return _unknown(places)
    # Sorted, the sum of all differences is a weighted sum: the i-th smallest of n counts 2i − n − 1 times.
    times = 2 * np.arange(1, groups + 1) - groups - 1
    return np.asarray(np.sort(places, axis=-1) @ times / (groups * (groups - 1)))


def logarithms(rates: npt.ArrayLike) -> Floats:
    """Return (…, groups) the logarithms of rates; NaN in all groups where the smallest rate is zero."""
    values = np.asarray(rates, np.float64)
    smallest = values.min(axis=-1, keepdims=True, initial=np.inf)
    return np.log(np.where(smallest > 0, values, np.nan))


def relative(rates: npt.ArrayLike) -> Floats:
    """Return (…, groups) rates over their mean; NaN in all groups where it is zero."""
    values = np.asarray(rates, np.float64)
    sums = values.sum(axis=-1, keepdims=True)
    return np.asarray(values * values.shape[-1] / np.where(sums > 0, sums, np.nan))


def weighed(first_weight: float, first: Floats, second_weight: float, second: Floats) -> Floats:
    """Return a weighted sum in which what weighs nothing may be NaN."""
    return np.asarray(
        (first_weight * first if first_weight else 0.0) + (second_weight * second if second_weight else 0.0)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Spreads:
    """A spread of rates.

    Attributes:
        measured: () of the rates as measured.
        replicates: (replicates,) of the replicates.
        errors: (replicates,) of what the replicates differ by from the rates as measured.
    """

    measured: Floats
    replicates: Floats
    errors: Floats

    @classmethod
    def of(cls, spread: Spread, places: Floats) -> Spreads:
        """Return the spread of (1 + replicates, groups), of which the first row was measured."""
        return cls(spread(places[0]), spread(places[1:]), spread(places[1:] - places[0]))

    def joined(self, weight: float, other: Spreads) -> Spreads:
        """Return the weighted mean of two spreads; ``weight`` is this one's, 0–1."""
        return Spreads(
            weighed(weight, self.measured, 1 - weight, other.measured),
            weighed(weight, self.replicates, 1 - weight, other.replicates),
            weighed(weight, self.errors, 1 - weight, other.errors),
        )

    def estimate(
        self,
        shown: Shown,
        errors: int | None = None,
        trials: int | None = None,
        subjects: int | None = None,
    ) -> Estimate:
        """Return the figure that ``shown`` makes of the spread, with its interval.

        Its value is None where the spread is NaN. A replicate whose spread is NaN may have any: an end that
        would depend on it is what equal groups have, or None.
        """
        value = float(self.measured)
        if np.isnan(value):
            return Estimate(None, errors=errors, trials=trials, subjects=subjects)
        if not len(self.replicates):
            return Estimate(shown(value), errors=errors, trials=trials, subjects=subjects)
        ends = shown(max(0.0, value - _upper(self.errors))), shown(max(value, _upper(self.replicates)))
        low, high = (float(end) if np.isfinite(end) else None for end in sorted(ends))
        return Estimate(float(shown(value)), low, high, errors, trials, subjects)


def _upper(values: Floats) -> float:
    """Return the upper quantile of an interval; infinite where it depends on values that are NaN."""
    return float(np.quantile(np.where(np.isnan(values), np.inf, values), _SURE, method="higher"))


def _unknown(places: Floats) -> Floats:
    return np.full(places.shape[:-1], np.nan)

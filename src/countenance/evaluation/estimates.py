"""A figure with its interval, and how one is made of bootstrap replicates."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from countenance.reporting import Estimate

__all__ = [
    "LEAST_ERRORS",
    "LEVEL",
    "Estimate",
    "interval",
    "none_seen",
    "students_quantile",
    "wilson_interval",
]

LEVEL = 0.95
"""How much of the time an interval holds the truth."""
LEAST_ERRORS = 30
"""The rule of 30: with 30 errors a rate is known to ±30 % at 90 % confidence (Doddington et al. 2000)."""

_NORMAL = NormalDist()
_EDGE = _NORMAL.inv_cdf((1 + LEVEL) / 2)


def interval(
    value: float, replicates: npt.NDArray[np.float64], degrees_of_freedom: float = np.inf
) -> tuple[float, float]:
    """Return the 95 % interval of a figure from its bootstrap replicates.

    It is bias-corrected (Efron 1981): replicates lie to both sides of the figure unequally, and its quantiles
    are moved by twice that. Where few subjects make most of the variance, quantiles of Student's t take the
    place of the normal ones.
    """
    known = replicates[np.isfinite(replicates)]
    if not len(known):
        return float("nan"), float("nan")
    below = np.mean(known < value) + 0.5 * np.mean(known == value)
    shift = 2 * _NORMAL.inv_cdf(float(np.clip(below, 0.5 / len(known), 1 - 0.5 / len(known))))
    edge = students_quantile(degrees_of_freedom)
    low, high = (_NORMAL.cdf(shift + side) for side in (-edge, edge))
    ends = np.quantile(known, [low, high])
    return float(min(ends[0], value)), float(max(ends[1], value))


def wilson_interval(errors: float, trials: float, level: float = LEVEL) -> tuple[float, float]:
    """Return the score interval of a share of independent trials (Wilson 1927, without correction).

    Args:
        errors: how many trials count; a fraction where trials stand for more or fewer than one.
        trials: out of how many, above 0.
        level: of the interval.

    Example:
        >>> [round(bound, 4) for bound in wilson_interval(28, 535)]
        [0.0365, 0.0746]
    """
    rate, z = errors / trials, _NORMAL.inv_cdf((1 + level) / 2)
    weight = z * z / trials
    centre = rate + weight / 2
    reach = math.sqrt(weight * (rate * (1 - rate) + weight / 4))
    # With no error, or nothing else, an end is 0 or 1 but for rounding.
    low = (centre - reach) / (1 + weight) if errors > 0 else 0.0
    high = (centre + reach) / (1 + weight) if errors < trials else 1.0
    return low, high


def students_quantile(degrees_of_freedom: float) -> float:
    """Return the 97.5 % quantile of Student's t, by Cornish and Fisher's expansion, right to 1 % from 3 on.

    Fewer degrees of freedom count as 3.
    """
    z, freedom = _EDGE, max(degrees_of_freedom, 3.0)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, 1))


def none_seen(trials: int) -> float:
    """Return the 95 % upper bound of a rate of which no error was seen: the rule of 3."""
    return min(1.0, 3.0 / trials)

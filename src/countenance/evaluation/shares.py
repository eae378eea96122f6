"""Shares of searches, with intervals from a bootstrap over the subjects who were searched for."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from countenance.evaluation.estimates import Estimate, interval, none_seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.evaluation.comparisons import Floats, Numbers


def share(parts: Floats, subjects: Numbers, weights: Floats) -> Estimate:
    """Return the mean of what each search contributes, 0 or 1, or the chance of 1.

    Args:
        parts: (searches,) 0–1.
        subjects: (searches,) the number of the subject who was searched for.
        weights: (replicates, subjects) of the bootstrap.

    Returns:
        The share; None, with no interval, of no search. Where all searches agree there is nothing to
        resample, and the rule of 3 says how much of the other kind so many people leave possible.
    """
    trials, people = len(parts), len(np.unique(subjects))
    if not trials:
        return Estimate(None, trials=0, subjects=0)
    sums, counts = by_subject(parts[:, None], subjects, weights)[:, 0], counted(subjects, weights)
    value = float(parts.mean())
    residuals = sums - value * counts
    fourth = float((residuals**4).sum())
    freedom = float((residuals**2).sum()) ** 2 / fourth if fourth > 0 else np.inf
    return bounded(value, (weights @ sums) / (weights @ counts), trials, people, freedom)


def bounded(
    value: float, replicates: Floats, trials: int, people: int, degrees_of_freedom: float = np.inf
) -> Estimate:
    """Return a share with the interval of its replicates; of 0 and 1 with that of the rule of 3.

    Args:
        value: the share.
        replicates: (replicates,) the share with each replicate's weights.
        trials: how many searches it is a share of.
        people: how many people they searched for.
        degrees_of_freedom: behind the spread of the replicates.
    """
    errors = round(value * trials)
    if value == 0:
        return Estimate(0.0, 0.0, none_seen(people), errors, trials, people)
    if value == 1:
        return Estimate(1.0, 1 - none_seen(people), 1.0, errors, trials, people)
    low, high = interval(value, replicates, degrees_of_freedom)
    return Estimate(value, max(low, 0.0), min(high, 1.0), errors, trials, people)


def by_subject(parts: Floats, subjects: Numbers, weights: Floats) -> Floats:
    """Return (subjects, figures) the sums over each subject's searches of (searches, figures)."""
    sums = np.zeros((weights.shape[1], parts.shape[1]))
    np.add.at(sums, subjects, parts)
    return sums


def counted(subjects: Numbers, weights: Floats) -> Floats:
    """Return (subjects,) how many searches there were for each subject."""
    return np.bincount(subjects, minlength=weights.shape[1]).astype(np.float64)


def means(parts: Floats, subjects: Numbers, weights: Floats) -> Floats:
    """Return the means of many figures at once, plain and with each replicate's weights.

    Args:
        parts: (searches, figures).
        subjects: (searches,) the number of the subject who was searched for.
        weights: (replicates, subjects) of the bootstrap.

    Returns:
        (1 + replicates, figures): the plain means first; NaN of no search.
    """
    if not len(parts):
        return np.full((1 + len(weights), parts.shape[1]), np.nan)
    sums, counts = by_subject(parts, subjects, weights), counted(subjects, weights)
    return np.vstack([parts.mean(axis=0), (weights @ sums) / (weights @ counts)[:, None]])


def at_least_one(rate: float, trials: float) -> float:
    """Return 1 − (1 − rate)^trials, the chance of an error in independent trials."""
    return 1.0 if rate >= 1 else -math.expm1(trials * math.log1p(-rate))


def mapped(estimate: Estimate, of: Callable[[float], float]) -> Estimate:
    """Return a rising function of an estimate: of its value and of the ends of its interval."""
    value, low, high = (None if x is None else of(x) for x in (estimate.value, estimate.low, estimate.high))
    return replace(estimate, value=value, low=low, high=high)

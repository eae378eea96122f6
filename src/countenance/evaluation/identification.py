"""Identification, 1:N: how often a search finds who is in the gallery, or somebody where nobody is.

The words are those of ISO/IEC 19795-1 and of NIST FRTE 1:N. Closed-set: of the mated searches, how many have
the mate among the best R candidates. Open-set, at a threshold t: FPIR is the share of non-mated searches that
return any candidate with a score of t or more; FNIR(R) is the share of mated searches whose mate is not among
the best R with a score of t or more. Failures to enrol count as `searches` says.

Intervals weigh the probes' subjects anew. The gallery stays as it is: they do not say how another gallery
would have done.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from countenance.evaluation.estimates import LEAST_ERRORS, Estimate
from countenance.evaluation.shares import bounded, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countenance.evaluation.comparisons import Floats
    from countenance.evaluation.searches import Mates, Ranked, Searches

LEAST_TO_SAY_ANYTHING = 3
"""How many false positives must be expected: fewer non-mated searches could as well show none (rule of 3)."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenSetCurve:
    """FPIR and FNIR by threshold, rising thresholds; NaN where there is no such search."""

    thresholds: Floats
    fpir: Floats
    fnir: Floats


@dataclass(frozen=True, slots=True)
class RankRate:
    """How many mated searches have the mate among the best ``rank``, whatever its score.

    The errors of the estimate are the searches that have not.
    """

    rank: int
    identified: Estimate


@dataclass(frozen=True, slots=True)
class RatesAt:
    """Both rates at a threshold given."""

    threshold: float
    fpir: Estimate
    fnir: Estimate


@dataclass(frozen=True, slots=True)
class MissesAt:
    """FNIR at the lowest threshold whose FPIR is not above the one asked for.

    Attributes:
        fpir: the FPIR asked for.
        threshold: the threshold; None where FNIR has no value or no search returned anyone.
        fnir: FNIR there, without a value where fewer than 3/FPIR non-mated searches were made, or no mated
        one. thirty_errors: whether the non-mated searches suffice for 30 false positives, from which on a
            rate is known to ±30 % with a confidence of 90 % (the rule of 30).
    """

    fpir: float
    threshold: float | None
    fnir: Estimate
    thirty_errors: bool


@dataclass(frozen=True, slots=True)
class Identification:
    """How well a gallery was searched.

    Attributes:
        gallery: how many subjects were to be enrolled.
        not_enrolled: how many of them gave no template.
        mated: how many mated searches were made.
        mated_failures: how many of these had a probe that gave no template: they are among the misses.
        non_mated: how many non-mated searches were made.
        non_mated_failures: how many of these had a probe that gave no template: they return nobody.
        rank: how many candidates FNIR looks at.
        ranks: identification rates by rank, from 1 on (the cumulative match characteristic).
        at_thresholds: FPIR and FNIR at the thresholds asked for.
        at_fpir: FNIR at the rates of false positives asked for.
        curve: both rates by threshold.
    """

    gallery: int
    not_enrolled: int
    mated: int
    mated_failures: int
    non_mated: int
    non_mated_failures: int
    rank: int
    ranks: tuple[RankRate, ...]
    at_thresholds: tuple[RatesAt, ...]
    at_fpir: tuple[MissesAt, ...]
    curve: OpenSetCurve


def identify(
    searches: Searches,
    weights: Floats,
    thresholds: Sequence[float],
    fpir: Sequence[float] = (1e-1, 1e-2, 1e-3),
    rank: int = 1,
) -> Identification:
    """Return how well a gallery was searched.

    Args:
        searches: the searches.
        weights: (replicates, subjects) of the bootstrap.
        thresholds: scores at which both rates are wanted.
        fpir: rates of false positives at which FNIR is wanted.
        rank: how many candidates FNIR looks at.

    Raises:
        ValueError: ``rank`` is more than the searches have candidates.
    """
    most = searches.scores.shape[1]
    if not 1 <= rank <= most:
        raise ValueError(f"rank is {rank}; the searches have 1 to {most} candidates")
    others, mates = searches.others(), searches.mates()
    found = mates.among(rank)
    return Identification(
        searches.gallery,
        searches.not_enrolled,
        int(searches.mated.sum()),
        int((searches.mated & searches.failed).sum()),
        int((~searches.mated).sum()),
        int((~searches.mated & searches.failed).sum()),
        rank,
        tuple(RankRate(within, _identified(mates, within, weights)) for within in range(1, most + 1)),
        tuple(_rates_at(threshold, others, found, weights) for threshold in thresholds),
        tuple(_misses_at(wanted, others, found, weights) for wanted in fpir),
        _curve(others, found),
    )


def _identified(mates: Mates, rank: int, weights: Floats) -> Estimate:
    """Return the share of mated searches with the mate among the best."""
    hits = mates.ranks <= rank
    estimate = share(hits.astype(np.float64), mates.subjects, weights)
    return replace(estimate, errors=int((~hits).sum()))


def _rates_at(threshold: float, others: Ranked, found: Ranked, weights: Floats) -> RatesAt:
    """Return both rates at a threshold."""
    positive, missed = others.scores >= threshold, ~(found.scores >= threshold)
    return RatesAt(
        threshold,
        share(positive.astype(np.float64), others.subjects, weights),
        share(missed.astype(np.float64), found.subjects, weights),
    )


def _misses_at(wanted: float, others: Ranked, found: Ranked, weights: Floats) -> MissesAt:
    """Return FNIR at an FPIR; each replicate looks for its own threshold."""
    allowed, people = wanted * len(others.scores), len(np.unique(found.subjects))
    if allowed < LEAST_TO_SAY_ANYTHING or not len(found.scores):
        unknown = Estimate(None, trials=len(found.scores), subjects=people)
        return MissesAt(wanted, None, unknown, thirty_errors=False)
    rows = [np.ones(weights.shape[1]), *weights]
    thresholds = [others.threshold(wanted, row) for row in rows]
    fnir = np.array(
        [1 - found.share(threshold, row) for threshold, row in zip(thresholds, rows, strict=True)]
    )
    lowest = min(_lowest(others), _lowest(found))
    return MissesAt(
        wanted,
        max(thresholds[0], lowest) if np.isfinite(lowest) else None,
        bounded(float(fnir[0]), fnir[1:], len(found.scores), people),
        thirty_errors=allowed >= LEAST_ERRORS,
    )


def _lowest(ranked: Ranked) -> float:
    """Return the lowest score there is; infinity where there is none."""
    return float(np.min(ranked.scores, where=np.isfinite(ranked.scores), initial=np.inf))


def _curve(others: Ranked, found: Ranked) -> OpenSetCurve:
    """Return both rates at every score at which one of them changes, and just above the highest."""
    scores = np.union1d(others.scores, found.scores)
    steps = scores[np.isfinite(scores)]
    thresholds = np.concatenate([steps, np.nextafter(steps[-1:], np.inf)])
    with np.errstate(invalid="ignore"):
        fpir = others.reaching(thresholds) / np.float64(len(others.scores))
        fnir = 1 - found.reaching(thresholds) / np.float64(len(found.scores))
    return OpenSetCurve(thresholds, fpir, fnir)

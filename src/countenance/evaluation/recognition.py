"""Error rates of one set of comparisons, with intervals: what a verification report says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from countenance.evaluation.bootstrap import false_match_rate, false_non_match_rate
from countenance.evaluation.comparisons import Comparisons
from countenance.evaluation.estimates import LEAST_ERRORS, Estimate
from countenance.evaluation.rates import (
    DetCurve,
    area_under_curve,
    det_curve,
    equal_error_rate,
    matching,
    threshold_at,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from countenance.evaluation.bootstrap import SubjectBootstrap
    from countenance.evaluation.comparisons import Scale

FALSE_MATCH_RATES = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
SIMILARITIES = (80.0, 90.0, 95.0, 99.0)
_LEAST_TO_SAY_ANYTHING = 3


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """Both error rates at one threshold.

    Attributes:
        similarity: the threshold as a similarity, 0–100.
        score: the same on the target's own scale.
        fmr: the false match rate.
        fnmr: the false non-match rate of the comparisons that could be made.
        fnmr_with_failures: the same, with those that could not be made counted as non-matches.
        wanted_fmr: the false match rate for which the threshold was chosen; None where it was named.
        well_supported: whether at least 30 false matches stand behind it (the rule of 30).
    """

    similarity: float
    score: float
    fmr: Estimate
    fnmr: Estimate
    fnmr_with_failures: float | None
    wanted_fmr: float | None
    well_supported: bool


@dataclass(frozen=True, slots=True, eq=False)
class Recognition:
    """What one set of comparisons tells of recognition.

    Attributes:
        name: which comparisons they are, such as "the protocol's pairs".
        mated: the mated comparisons.
        non_mated: the others.
        curve: FMR and FNMR by threshold.
        equal_error_rate: where both are equal.
        area_under_curve: the chance that a mated comparison scores above a non-mated one.
        at_similarities: rates at similarities that users know.
        at_fmrs: FNMR at thresholds of given FMR, as far down as three false matches are to be expected.
    """

    name: str
    mated: Comparisons
    non_mated: Comparisons
    curve: DetCurve
    equal_error_rate: float
    area_under_curve: float
    at_similarities: tuple[AtThreshold, ...]
    at_fmrs: tuple[AtThreshold, ...]


def recognition(
    name: str, mated: Comparisons, non_mated: Comparisons, scale: Scale, bootstrap: SubjectBootstrap
) -> Recognition | None:
    """Return what comparisons tell; None where either kind is missing."""
    if not mated.total or not non_mated.total:
        return None
    curve = det_curve(mated, non_mated)
    at_fmrs = [
        _at_fmr(fmr, mated, non_mated, scale, bootstrap)
        for fmr in FALSE_MATCH_RATES
        if fmr * non_mated.total >= _LEAST_TO_SAY_ANYTHING
    ]
    return Recognition(
        name,
        mated,
        non_mated,
        curve,
        equal_error_rate(curve),
        area_under_curve(mated, non_mated),
        tuple(
            at_threshold(float(scale.score(similarity)), mated, non_mated, scale, bootstrap)
            for similarity in SIMILARITIES
        ),
        tuple(at_fmrs),
    )


def at_threshold(
    score: float, mated: Comparisons, non_mated: Comparisons, scale: Scale, bootstrap: SubjectBootstrap
) -> AtThreshold:
    """Return both rates at a score."""
    fmr = _fmr(non_mated, score, bootstrap)
    fnmr = false_non_match_rate(mated, score, bootstrap)
    return AtThreshold(
        float(scale.similarity(score)),
        score,
        fmr,
        fnmr,
        _with_failures(mated, score),
        None,
        (fmr.errors or 0) >= LEAST_ERRORS,
    )


def _at_fmr(
    fmr: float, mated: Comparisons, non_mated: Comparisons, scale: Scale, bootstrap: SubjectBootstrap
) -> AtThreshold:
    score = threshold_at(non_mated, fmr)
    plain = false_non_match_rate(mated, score, bootstrap)
    fnmr = plain
    if plain.value is not None and plain.errors:
        low, high = bootstrap.fnmr_at_fmr(mated, non_mated, fmr).interval(plain.value)
        fnmr = Estimate(plain.value, low, high, plain.errors, plain.trials, plain.subjects)
    return AtThreshold(
        float(scale.similarity(score)),
        score,
        _fmr(non_mated, score, bootstrap),
        fnmr,
        _with_failures(mated, score),
        fmr,
        fmr * non_mated.total >= LEAST_ERRORS,
    )


def _fmr(non_mated: Comparisons, score: float, bootstrap: SubjectBootstrap) -> Estimate:
    if score >= non_mated.floor:
        return false_match_rate(non_mated, score, bootstrap)
    # Below the scores that are listed one by one there are only their numbers.
    errors = int(matching(non_mated, np.array([score]))[0])
    return Estimate(errors / non_mated.total, None, None, errors, non_mated.total, non_mated.subjects())


def _with_failures(mated: Comparisons, score: float) -> float | None:
    everything = mated.total + mated.failures
    missed = mated.total - int(mated.at_least(score)) + mated.failures
    return missed / everything if everything else None


def failures_to_enrol(found: npt.ArrayLike, subjects: npt.ArrayLike, bootstrap: SubjectBootstrap) -> Estimate:
    """Return the share of samples of which no template could be made.

    Args:
        found: (n,) by sample, whether there is a template.
        subjects: (n,) the number of its subject.
        bootstrap: of those subjects.
    """
    there = np.asarray(found, np.float64)
    return false_non_match_rate(Comparisons.of(there, subjects, subjects), 0.5, bootstrap)

"""Error rates of 1:1 comparison, as ISO/IEC 19795-1 defines them.

A comparison matches when its score is the threshold or more. FMR is the share of non-mated comparisons that
match, FNMR the share of mated ones that do not. Where pictures could not be used, both are of the comparisons
that could be made; rates that count failures as non-matches say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from countenance.evaluation.comparisons import Comparisons, Floats


@dataclass(frozen=True, slots=True, eq=False)
class DetCurve:
    """FMR and FNMR by threshold, rising thresholds: what a DET plot shows."""

    thresholds: Floats
    fmr: Floats
    fnmr: Floats


def threshold_at(non_mated: Comparisons, fmr: float) -> float:
    """Return the lowest threshold at which FMR is not above ``fmr``.

    Raises:
        ValueError: it lies below the scores that are listed.
    """
    allowed = int(fmr * non_mated.total * (1 + 1e-12))
    if allowed >= non_mated.total:
        return -np.inf
    if allowed >= len(non_mated.scores):
        raise ValueError(f"not enough scores are listed for an FMR of {fmr}")
    return float(np.nextafter(non_mated.scores[allowed], np.inf))


def fnmr_at(mated: Comparisons, threshold: float) -> float:
    """Return the share of mated comparisons that score below a threshold."""
    return 1.0 - int(mated.at_least(threshold)) / mated.total


def det_curve(mated: Comparisons, non_mated: Comparisons) -> DetCurve:
    """Return FMR and FNMR at every threshold at which either changes.

    Where only the highest non-mated scores are listed the edges of the histogram's bins take the place of
    those below.
    """
    thresholds = np.union1d(mated.scores, non_mated.scores)
    histogram = non_mated.histogram
    if histogram is not None:
        lower = histogram.edges[histogram.edges < non_mated.floor]
        thresholds = np.concatenate([lower, thresholds[thresholds >= non_mated.floor]])
    thresholds = np.append(thresholds, np.nextafter(thresholds[-1], np.inf))
    misses = 1.0 - mated.at_least(thresholds) / mated.total
    return DetCurve(thresholds, matching(non_mated, thresholds) / non_mated.total, misses)


def equal_error_rate(curve: DetCurve) -> float:
    """Return the rate at which FMR and FNMR are equal, on the line between the two nearest points."""
    difference = curve.fnmr - curve.fmr
    after = int(np.argmax(difference >= 0))
    if after == 0 or difference[after] == 0:
        return float(curve.fnmr[after])
    share = -difference[after - 1] / (difference[after] - difference[after - 1])
    return float(curve.fnmr[after - 1] + share * (curve.fnmr[after] - curve.fnmr[after - 1]))


def area_under_curve(mated: Comparisons, non_mated: Comparisons) -> float:
    """Return the chance that a mated comparison scores above a non-mated one; ties count half.

    Where only the highest non-mated scores are listed, it is right to half of those that share a bin of the
    histogram with a mated score.
    """
    if non_mated.histogram is None:
        rising = non_mated.scores[::-1]
        below = np.searchsorted(rising, mated.scores, "left") + np.searchsorted(rising, mated.scores, "right")
        return float(below.sum(dtype=np.float64) / (2 * mated.total * non_mated.total))
    edges, counts = non_mated.histogram.edges, non_mated.histogram.counts
    bins = np.clip(np.searchsorted(edges, mated.scores, "right") - 1, 0, len(counts) - 1)
    lower = np.concatenate([[0], np.cumsum(counts)])[bins]
    return float((lower + counts[bins] / 2).mean() / non_mated.total)


@dataclass(frozen=True, slots=True)
class FoldAccuracy:
    """Accuracy by a protocol of folds: the mean over the folds and its standard error, both 0–1."""

    mean: float
    standard_error: float
    folds: int


def fold_accuracy(scores: npt.ArrayLike, mated: npt.ArrayLike, folds: npt.ArrayLike) -> FoldAccuracy:
    """Return the accuracy by LFW's protocol (Huang et al. 2007).

    For each fold the threshold that is best on the others decides. Comparisons that could not be made (NaN)
    count as non-matches.
    """
    values, same = np.nan_to_num(np.asarray(scores, float), nan=-np.inf), np.asarray(mated, bool)
    numbers = np.asarray(folds)
    names = np.unique(numbers)
    accuracies = []
    for name in names:
        here = numbers == name
        threshold = _best_threshold(values[~here], same[~here])
        accuracies.append(float(np.mean((values[here] >= threshold) == same[here])))
    error = float(np.std(accuracies, ddof=1) / np.sqrt(len(names))) if len(names) > 1 else float("nan")
    return FoldAccuracy(float(np.mean(accuracies)), error, len(names))


def _best_threshold(scores: Floats, same: npt.NDArray[np.bool_]) -> float:
    order = np.argsort(-scores, kind="stable")
    ordered, right = scores[order], same[order]
    gain = np.concatenate([[0], np.cumsum(np.where(right, 1, -1))])
    # A threshold cannot part equal scores.
    possible = np.concatenate([[True], ordered[:-1] != ordered[1:], [True]])
    best = int(np.argmax(np.where(possible, gain, -np.inf)))
    if best == 0:
        return float(np.inf)
    following = ordered[best] if best < len(ordered) else -np.inf
    return (
        float(ordered[best - 1] / 2 + following / 2) if np.isfinite(following) else float(ordered[best - 1])
    )


def matching(comparisons: Comparisons, thresholds: Floats) -> npt.NDArray[np.int64]:
    """Return how many comparisons score each threshold or more; below those that are listed, to a bin."""
    if comparisons.histogram is None:
        return comparisons.at_least(thresholds)
    listed = thresholds >= comparisons.floor
    edges, counts = comparisons.histogram.edges, comparisons.histogram.counts
    above = np.concatenate([np.cumsum(counts[::-1])[::-1], [0]])
    found = above[np.minimum(np.searchsorted(edges, thresholds, "left"), len(counts))]
    found[listed] = comparisons.at_least(thresholds[listed])
    return np.asarray(found, np.int64)

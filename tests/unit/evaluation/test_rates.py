"""Error rates of 1:1 comparison: worked by hand, and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import roc_auc_score, roc_curve

from countenance.evaluation.comparisons import Comparisons, Histogram
from countenance.evaluation.rates import (
    area_under_curve,
    det_curve,
    equal_error_rate,
    fnmr_at,
    fold_accuracy,
    threshold_at,
)

SCORES = st.integers(-20, 20).map(lambda number: number / 20)
SOME = arrays.arrays(np.float64, st.integers(1, 60), elements=SCORES)


def listed(*scores: float) -> Comparisons:
    numbers = np.arange(len(scores))
    return Comparisons.of(scores, numbers, numbers + len(scores))


@given(SOME, SOME)
def test_the_curve_is_scikit_learns(mated: np.ndarray, non_mated: np.ndarray) -> None:
    labels = [1] * len(mated) + [0] * len(non_mated)
    fmr, tmr, thresholds = roc_curve(labels, np.concatenate([mated, non_mated]), drop_intermediate=False)
    curve = det_curve(listed(*mated), listed(*non_mated))
    theirs = {float(t): (f, 1 - h) for t, f, h in zip(thresholds[1:], fmr[1:], tmr[1:], strict=True)}
    for threshold, ours in zip(curve.thresholds[:-1], zip(curve.fmr, curve.fnmr, strict=True), strict=False):
        assert ours == pytest.approx(theirs[float(threshold)], abs=1e-9)
    assert (curve.fmr[-1], curve.fnmr[-1]) == (0.0, 1.0)


@given(SOME, SOME)
def test_the_area_is_scikit_learns(mated: np.ndarray, non_mated: np.ndarray) -> None:
    labels = [1] * len(mated) + [0] * len(non_mated)
    theirs = roc_auc_score(labels, np.concatenate([mated, non_mated]))
    assert area_under_curve(listed(*mated), listed(*non_mated)) == pytest.approx(theirs, abs=1e-9)


@given(SOME, SOME)
def test_the_equal_error_rate_lies_between_both_rates_around_it(
    mated: np.ndarray, others: np.ndarray
) -> None:
    curve = det_curve(listed(*mated), listed(*others))
    rate = equal_error_rate(curve)
    after = int(np.argmax(curve.fnmr >= curve.fmr))
    before = max(after - 1, 0)
    assert min(curve.fmr[after], curve.fnmr[before]) - 1e-12 <= rate
    assert rate <= max(curve.fnmr[after], curve.fmr[before]) + 1e-12


def test_rates_worked_by_hand() -> None:
    mated, non_mated = listed(0.9, 0.8, 0.7, 0.3), listed(0.75, 0.4, 0.2, 0.1, 0.0)
    curve = det_curve(mated, non_mated)
    at = {float(t): (f, n) for t, f, n in zip(curve.thresholds, curve.fmr, curve.fnmr, strict=True)}
    assert at[0.4] == pytest.approx((2 / 5, 1 / 4), abs=1e-12)
    assert at[0.7] == pytest.approx((1 / 5, 1 / 4), abs=1e-12)
    assert at[0.75] == pytest.approx((1 / 5, 2 / 4), abs=1e-12)
    # On the line from (FMR 2/5, FNMR 1/4) to (1/5, 1/4) both are 1/4.
    assert equal_error_rate(curve) == pytest.approx(1 / 4, abs=1e-12)
    # Of 20 pairs of a mated and a non-mated score, 3 + 3 … : 0.9 and 0.8 beat 5, 0.7 beats 4, 0.3 beats 3.
    assert area_under_curve(mated, non_mated) == pytest.approx(17 / 20, abs=1e-12)


def test_scores_that_never_overlap_have_no_error() -> None:
    curve = det_curve(listed(0.9, 0.8), listed(0.1, 0.2))
    assert equal_error_rate(curve) == 0.0


def test_constant_scores_tell_nothing() -> None:
    mated, non_mated = listed(0.5, 0.5), listed(0.5, 0.5, 0.5)
    assert area_under_curve(mated, non_mated) == 0.5
    assert equal_error_rate(det_curve(mated, non_mated)) == pytest.approx(0.5)


@given(SOME, st.sampled_from([0.0, 0.01, 0.1, 0.25, 0.5, 0.9, 1.0]))
def test_the_threshold_of_an_fmr_is_the_lowest_that_keeps_it(scores: np.ndarray, fmr: float) -> None:
    non_mated = listed(*scores)
    threshold = threshold_at(non_mated, fmr)
    assert non_mated.at_least(threshold) <= fmr * len(scores) + 1e-9
    lower = scores[scores < threshold]
    if len(lower):
        assert non_mated.at_least(lower.max()) > fmr * len(scores)


def test_a_threshold_that_is_not_among_the_listed_scores_is_refused() -> None:
    tail = Comparisons(np.array([0.9, 0.8]), np.zeros(2, np.int32), np.ones(2, np.int32), 100)
    assert threshold_at(tail, 0.01) == np.nextafter(0.8, 1)
    with pytest.raises(ValueError, match="not enough scores"):
        threshold_at(tail, 0.05)
    with pytest.raises(ValueError, match=r"listed from the score 0\.8000"):
        tail.at_least(0.5)


@given(arrays.arrays(np.float64, st.integers(20, 200), elements=st.floats(-1, 1)), SOME)
def test_a_tail_with_a_histogram_gives_the_rates_of_all_scores(scores: np.ndarray, mated: np.ndarray) -> None:
    everything = listed(*scores)
    kept = len(scores) // 4
    kept += int((everything.scores[kept:] == everything.scores[kept - 1]).sum())
    edges = np.linspace(-1, 1 + 1e-9, 101)
    histogram = Histogram(edges, np.histogram(scores, edges)[0].astype(np.int64))
    tail = Comparisons(
        everything.scores[:kept], everything.first[:kept], everything.second[:kept], len(scores), 0, histogram
    )
    partly = det_curve(listed(*mated), tail)
    for threshold, fmr in zip(partly.thresholds, partly.fmr, strict=True):
        assert fmr == pytest.approx(everything.at_least(threshold) / len(scores), abs=1e-12)
    assert fnmr_at(listed(*mated), 0.5) == pytest.approx(np.mean(mated < 0.5), abs=1e-12)
    exact = area_under_curve(listed(*mated), everything)
    largest_bin = histogram.counts.max() / len(scores)
    assert area_under_curve(listed(*mated), tail) == pytest.approx(exact, abs=largest_bin / 2 + 1e-9)


def test_fold_accuracy_worked_by_hand() -> None:
    # Fold 0 decides at 0.5 (best on fold 1: 1 right above, 0 wrong), fold 1 at the middle of 0.7 and 0.4.
    scores = [0.7, 0.4, 0.6, 0.4]
    mated = [True, False, True, False]
    both = fold_accuracy(scores, mated, [0, 0, 1, 1])
    assert (both.mean, both.standard_error, both.folds) == (1.0, 0.0, 2)
    # Here the second fold's mated pair scores below the threshold that the first one gives.
    worse = fold_accuracy([0.9, 0.7, 0.6, 0.1], mated, [0, 0, 1, 1])
    assert worse.mean == pytest.approx((1 / 2 + 1 / 2) / 2)


def test_a_comparison_that_could_not_be_made_counts_as_a_non_match() -> None:
    scores = [np.nan, 0.1, 0.9, 0.1, 0.9, 0.1]
    with_failure = fold_accuracy(scores, [True, False] * 3, [0, 0, 1, 1, 2, 2])
    assert with_failure.mean == pytest.approx((0.5 + 1.0 + 1.0) / 3)

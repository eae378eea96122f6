"""Weights of subjects: the same from the same seed, and few enough to be kept."""

from __future__ import annotations

import numpy as np
import pytest

from countenance.evaluation.bootstrap import (
    FEWEST_REPLICATES,
    SubjectBootstrap,
    false_match_rate,
    false_non_match_rate,
)
from countenance.evaluation.comparisons import Comparisons, Population
from countenance.evaluation.estimates import interval, none_seen, students_quantile, wilson_interval


def pairs(people: int, seed: int = 0) -> Comparisons:
    one, other = np.triu_indices(people, 1)
    return Comparisons.of(np.random.default_rng(seed).normal(size=len(one)), one, other)


def test_weights_are_of_the_seed() -> None:
    first, again, other = (SubjectBootstrap(20, 50, seed).weights for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.shape == (50, 20)
    assert SubjectBootstrap(2000, 1000).weights.mean() == pytest.approx(1.0, abs=0.01)


def test_of_very_many_subjects_fewer_replicates_are_drawn() -> None:
    assert SubjectBootstrap(30_000).replicates == 1000
    assert SubjectBootstrap(300_000, 1000).replicates == FEWEST_REPLICATES


def test_a_listing_and_a_population_of_the_same_comparisons_agree() -> None:
    listed = pairs(60)
    ones = np.ones(60, np.int64)
    counted = Comparisons(
        listed.scores[:200],
        listed.first[:200],
        listed.second[:200],
        listed.total,
        population=Population(ones, ones, within=True),
    )
    bootstrap = SubjectBootstrap(60, 300)
    threshold = float(listed.scores[100])
    one, other = (false_match_rate(each, threshold, bootstrap) for each in (counted, listed))
    assert (one.value, one.errors, one.trials) == (other.value, other.errors, other.trials)
    assert (one.low, one.high) == pytest.approx((other.low, other.high))
    assert bootstrap.shrinkage(counted, threshold) == pytest.approx(bootstrap.shrinkage(listed, threshold))


def test_without_an_error_the_rule_of_three_bounds_the_rate() -> None:
    found = false_match_rate(pairs(40), 99.0, SubjectBootstrap(40, 50))
    assert (found.value, found.low, found.errors) == (0.0, 0.0, 0)
    assert found.high == pytest.approx(3 / 780)
    everything = false_non_match_rate(pairs(40), 99.0, SubjectBootstrap(40, 50))
    assert (everything.value, everything.high) == (1.0, 1.0)
    assert none_seen(2) == 1.0


def test_nothing_compared_is_not_estimable() -> None:
    nothing = Comparisons.of([], [], [])
    assert false_match_rate(nothing, 0.5, SubjectBootstrap(3, 10)).value is None


def test_students_quantiles_are_those_of_tables() -> None:
    # 97.5 % quantiles of Student's t, as in any table.
    for freedom, quantile in ((3, 3.182), (5, 2.571), (10, 2.228), (30, 2.042), (np.inf, 1.960)):
        assert students_quantile(freedom) == pytest.approx(quantile, rel=0.012)


def test_replicates_that_are_not_numbers_are_left_out() -> None:
    low, high = interval(0.5, np.array([0.4, 0.6, np.nan, 0.5, np.inf]))
    assert 0.4 <= low <= 0.5 <= high <= 0.6
    assert np.isnan(interval(0.5, np.array([np.nan]))).all()


def test_wilsons_interval_is_the_one_of_the_aclus_experiment() -> None:
    assert wilson_interval(28, 535) == pytest.approx((0.0365, 0.0746), abs=5e-5)

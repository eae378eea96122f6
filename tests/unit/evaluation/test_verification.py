"""Verification: what is counted, what is said of failures, and what protocols ask for."""

from __future__ import annotations

import numpy as np
import pytest

from countenance.evaluation.samples import Pair
from countenance.evaluation.verification import pairs_of, verify
from evaluated import KnownTarget, OnlyPairs, data_set

PEOPLE = [number // 4 for number in range(120)]


def all_pairs(people: list[int]) -> list[Pair]:
    return [
        Pair(one, other, mated=people[one] == people[other])
        for one in range(len(people))
        for other in range(one + 1, len(people))
    ]


def test_a_matrix_and_a_list_of_the_same_pairs_give_the_same_rates() -> None:
    target = KnownTarget(PEOPLE, noise=1.0)
    listed, matrix = verify(target, data_set(PEOPLE, pairs=all_pairs(PEOPLE))).sets
    assert (listed.mated.total, listed.non_mated.total) == (30 * 6, 120 * 119 // 2 - 30 * 6)
    assert matrix.non_mated.total == listed.non_mated.total
    assert matrix.equal_error_rate == pytest.approx(listed.equal_error_rate, abs=1e-6)
    assert matrix.area_under_curve == pytest.approx(listed.area_under_curve, abs=1e-6)
    for one, other in zip(matrix.at_fmrs, listed.at_fmrs, strict=True):
        assert one.fmr.errors == other.fmr.errors
        assert one.fnmr.value == other.fnmr.value
        assert one.fnmr.low == pytest.approx(other.fnmr.low, rel=0.2)


def test_pictures_without_a_face_are_failures_not_errors_and_are_counted() -> None:
    pairs = [Pair(0, 1, mated=True), Pair(4, 5, mated=True), Pair(0, 4, mated=False), Pair(1, 8, mated=False)]
    measured = verify(KnownTarget(PEOPLE, unseen=[1]), data_set(PEOPLE, pairs=pairs))
    listed = measured.sets[0]
    assert (listed.mated.total, listed.mated.failures) == (1, 1)
    assert (listed.non_mated.total, listed.non_mated.failures) == (1, 1)
    assert measured.failures == {1: "no face"}
    assert (measured.failures_to_enrol.errors, measured.failures_to_enrol.trials) == (1, 120)
    strict = listed.at_similarities[-1]
    assert strict.fnmr_with_failures == (strict.fnmr.errors or 0) / 2 + 1 / 2


def test_a_picture_that_is_there_twice_is_not_compared_with_itself() -> None:
    once = verify(KnownTarget(PEOPLE), data_set(PEOPLE)).sets[0]
    twice = verify(KnownTarget(PEOPLE), data_set(PEOPLE, copies=[(1, 0)])).sets[0]
    assert twice.mated.total == once.mated.total - 3
    assert twice.non_mated.total == once.non_mated.total - 116


def test_the_same_seed_gives_the_same_intervals_and_another_does_not() -> None:
    target, data = KnownTarget(PEOPLE, noise=1.2), data_set(PEOPLE)
    first, again, other = (verify(target, data, seed=seed).sets[0].at_fmrs[0].fnmr for seed in (1, 1, 2))
    assert first == again
    assert first.value == other.value
    assert (first.low, first.high) != (other.low, other.high)


def test_fmr_is_told_as_far_down_as_the_data_allow() -> None:
    found = verify(KnownTarget(PEOPLE, noise=1.0), data_set(PEOPLE)).sets[0]
    # 6,960 non-mated comparisons: at 1 in 1,000 seven false matches are to be expected, at 1 in 10,000 none.
    assert [at.wanted_fmr for at in found.at_fmrs] == [1e-2, 1e-3]
    assert [at.well_supported for at in found.at_fmrs] == [True, False]


def test_an_endpoint_is_asked_for_listed_pairs_only_or_for_some_drawn_evenly() -> None:
    pairs = all_pairs(PEOPLE)[:50]
    endpoint = OnlyPairs(KnownTarget(PEOPLE))
    assert len(verify(endpoint, data_set(PEOPLE, pairs=pairs)).sets) == 1
    assert endpoint.asked == 50
    drawn = pairs_of(data_set(PEOPLE), seed=3, most=60)
    assert sum(pair.mated for pair in drawn) == 60
    assert sum(not pair.mated for pair in drawn) == 60
    assert all(pair.mated == (PEOPLE[pair.first] == PEOPLE[pair.second]) for pair in drawn)
    assert len({(pair.first, pair.second) for pair in drawn}) == 120
    assert drawn == pairs_of(data_set(PEOPLE), seed=3, most=60)


def test_constant_answers_are_told() -> None:
    pairs = all_pairs(PEOPLE)[:40]
    endpoint = OnlyPairs(KnownTarget(PEOPLE), constant=0.9)
    measured = verify(endpoint, data_set(PEOPLE, pairs=pairs))
    assert measured.constant
    assert measured.sets[0].equal_error_rate == pytest.approx(0.5)
    assert not verify(OnlyPairs(KnownTarget(PEOPLE)), data_set(PEOPLE, pairs=pairs)).constant


def test_folds_are_measured_where_the_data_set_has_them() -> None:
    pairs = [
        Pair(pair.first, pair.second, mated=pair.mated, fold=number % 10)
        for number, pair in enumerate(pairs_of(data_set(PEOPLE), seed=0, most=100))
    ]
    folds = verify(KnownTarget(PEOPLE, noise=0.2), data_set(PEOPLE, pairs=pairs)).folds
    assert folds is not None
    assert folds.folds == 10
    assert folds.mean > 0.95
    assert verify(KnownTarget(PEOPLE), data_set(PEOPLE)).folds is None


def test_a_data_set_without_mated_pairs_has_no_rates_but_counts_failures() -> None:
    people = list(range(30))
    measured = verify(KnownTarget(people, unseen=[3]), data_set(people))
    assert measured.sets == ()
    assert measured.failures_to_enrol.value == pytest.approx(1 / 30)


def test_scores_that_are_not_finite_never_reach_a_rate() -> None:
    measured = verify(KnownTarget(PEOPLE, unseen=range(0, 120, 3)), data_set(PEOPLE))
    assert np.isfinite(measured.sets[0].mated.scores).all()
    assert np.isfinite(measured.sets[0].non_mated.scores).all()

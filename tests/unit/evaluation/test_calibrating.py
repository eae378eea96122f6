"""A fitted calibration is true of people it was not fitted on, and says no more than its data can show."""

from __future__ import annotations

import builtins
import importlib.resources
import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_faces import Faces, faces

from countenance.errors import ExtraMissing, TooFewComparisons
from countenance.evaluation.calibrating import (
    CalibrationResult,
    calibrate,
    check_calibration,
    fit_ladder,
    half_of_subjects,
)
from countenance.evaluation.probabilities import Method, fit_probabilities, reliability_of
from countenance.evaluation.score_counts import AllScores, ScoreCounts, all_scores
from countenance.vision.packs.description import parse_description

UNCALIBRATED = importlib.resources.files("countenance.vision.packs") / "catalogue" / "opencv-zoo.toml"
METHODS: tuple[Method, ...] = ("isotonic", "logistic")


@pytest.fixture(scope="module")
def crowd() -> Faces:
    return faces({"all": 1.0}, people=500, pictures=3, seed=1)


def drawn(mated: int, non_mated: int, seed: int) -> AllScores:
    """Scores of which the true probability is known: at even odds 1 / (1 + exp(−20 (score − 0.5)))."""
    random = np.random.default_rng(seed)
    return AllScores(
        ScoreCounts.of(random.normal(0.3, 0.1414, non_mated)),
        np.clip(random.normal(0.7, 0.1414, mated), -1, 1),
        np.arange(mated, dtype=np.int32),
    )


def true_probability(scores: Any) -> Any:
    return 1 / (1 + np.exp(-20 * (np.asarray(scores) - 0.5)))


def test_all_comparisons_are_counted_once(crowd: Faces) -> None:
    vectors, subjects = crowd.vectors[:1300], crowd.subjects[:1300]  # more than one block of rows
    scores = all_scores(vectors, subjects)
    expected = [
        (float(vectors[one] @ vectors[other]), subjects[one] == subjects[other])
        for one, other in itertools.combinations(range(0, 1300, 97), 2)
    ]
    few = all_scores(vectors[::97], subjects[::97])
    assert few.non_mated.total == sum(not mated for _, mated in expected)
    assert sorted(few.mated) == pytest.approx(sorted(score for score, mated in expected if mated))
    pairs = 1300 * 1299 // 2
    assert scores.non_mated.total + len(scores.mated) == pairs
    assert len(scores.mated) == sum(n * (n - 1) // 2 for n in np.bincount(subjects))


@settings(max_examples=50)
@given(st.lists(st.floats(-0.9, 0.9), min_size=100, max_size=3000), st.integers(1, 100))
def test_a_rung_is_reached_as_often_as_it_says(scores: list[float], repeats: int) -> None:
    everything = np.repeat(scores, repeats)
    try:
        ladder = fit_ladder(ScoreCounts.of(everything), "made up")
    except TooFewComparisons:
        assert len(set(scores)) < 30
        return
    for score, rate in zip(ladder.scores[1:], ladder.false_match_rates[1:], strict=True):
        assert (everything > score + 1e-4).mean() <= rate + 1 / len(everything)
        assert (everything >= score - 1e-4).mean() >= rate
        assert rate * len(everything) >= 30


def test_a_ladder_ends_where_fewer_than_30_errors_stand_behind_a_rung() -> None:
    random = np.random.default_rng(0)
    for count, last in ((100_000, 5e-4), (59_999, 1e-3), (60_000, 5e-4), (300, 0.1)):
        ladder = fit_ladder(ScoreCounts.of(random.normal(0, 0.2, count)), "made up")
        assert ladder.false_match_rates[-1] == last


def test_too_few_comparisons_make_no_calibration() -> None:
    with pytest.raises(TooFewComparisons, match="nobody has 59 comparisons"):
        fit_ladder(ScoreCounts.of(np.linspace(-0.5, 0.5, 59)), "nobody")


def test_the_stated_rates_are_seen_on_the_other_half_of_the_people(crowd: Faces) -> None:
    check = calibrate(crowd.vectors, crowd.subjects, data="a crowd").check
    assert check.subjects == 250
    assert [rate.similarity_percent for rate in check.rates] == [60.0, 80.0]
    for rate in check.rates:
        # Either half is a sample, so the interval need not hold the stated rate, but it lies about there.
        assert rate.seen.low is not None
        assert rate.seen.high is not None
        assert 0.5 * rate.stated < rate.seen.low < rate.seen.high < 2 * rate.stated


def test_a_calibration_of_other_people_is_found_out(crowd: Faces) -> None:
    calibration = calibrate(crowd.vectors, crowd.subjects, data="a crowd").calibration
    alike = faces({"all": 1.6}, people=150, pictures=2, seed=2)
    check = check_calibration(calibration, alike.vectors, alike.subjects, data="people more alike")
    for rate in check.rates:
        assert rate.seen.low is not None
        assert rate.seen.low > 2 * rate.stated


def test_both_halves_have_other_people(crowd: Faces) -> None:
    first = half_of_subjects(crowd.subjects, seed=3)
    assert not set(crowd.subjects[first]) & set(crowd.subjects[~first])
    assert len(set(crowd.subjects[first])) == 250
    assert not np.array_equal(first, half_of_subjects(crowd.subjects, seed=4))
    assert np.array_equal(first, half_of_subjects(crowd.subjects, seed=3))


@pytest.mark.parametrize("method", METHODS)
def test_fitted_probabilities_are_the_true_ones(method: Method) -> None:
    ladder = fit_probabilities(drawn(20_000, 200_000, seed=1), method)
    assert ladder is not None
    scores = np.linspace(0.35, 0.7, 50)
    assert np.abs(ladder.probability(scores) - true_probability(scores)).max() < 0.05


@pytest.mark.parametrize("method", METHODS)
def test_probabilities_go_no_further_than_30_comparisons_to_the_contrary(method: Method) -> None:
    scores = drawn(200, 20_000, seed=2)
    ladder = fit_probabilities(scores, method)
    assert ladder is not None
    assert (scores.mated <= ladder.scores[0] + 1e-4).sum() >= 30
    centres, counts = scores.non_mated.centres, scores.non_mated.counts
    assert counts[centres >= ladder.scores[-1] - 1e-4].sum() >= 30
    assert fit_probabilities(drawn(29, 20_000, seed=2), method) is None


def test_people_with_many_pictures_do_not_outweigh_the_others() -> None:
    scores = AllScores(ScoreCounts.of([0.0]), np.ones(13), np.repeat(np.array([4, 9], np.int32), [12, 1]))
    weights = scores.mated_weights()
    assert weights.sum() == pytest.approx(1.0)
    assert weights[:12].sum() == pytest.approx(0.5)


def test_true_probabilities_are_reliable_and_false_ones_are_not() -> None:
    scores = drawn(20_000, 200_000, seed=3)
    true = reliability_of(true_probability, scores)
    assert true.expected_calibration_error < 0.01
    assert sum(each.comparisons for each in true.bins) == 220_000
    for each in true.bins:
        assert each.stated is not None
        assert each.seen == pytest.approx(each.stated, abs=0.05)
    bold = reliability_of(lambda values: np.asarray(true_probability(values) ** 0.25), scores)
    assert bold.expected_calibration_error > 0.05
    assert bold.brier > true.brier


def test_whoever_always_says_one_half_has_a_brier_score_of_a_quarter() -> None:
    undecided = reliability_of(lambda values: np.full(len(values), 0.5), drawn(500, 900, seed=4))
    assert undecided.brier == pytest.approx(0.25)
    assert undecided.expected_calibration_error == pytest.approx(0.0)
    assert [each.stated for each in undecided.bins if each.comparisons] == [0.5]


def in_a_pack(result: CalibrationResult) -> Any:
    text = UNCALIBRATED.read_text() + "\n" + result.as_toml()
    return parse_description(text.encode(), "pack.toml")


@pytest.mark.parametrize("method", METHODS)
def test_what_is_printed_is_a_packs_calibration(crowd: Faces, method: Method) -> None:
    result = calibrate(crowd.vectors, crowd.subjects, data='a "crowd" \\ of\nsome', method=method)
    described = in_a_pack(result).calibration
    fitted = result.calibration
    assert described.scores == fitted.scores
    assert described.false_match_rates == fitted.false_match_rates
    assert described.non_mated_comparisons == fitted.non_mated_comparisons
    assert described.data == "a 'crowd' / of some"
    assert fitted.probabilities is not None
    assert described.probability.scores == fitted.probabilities.scores
    assert described.probability.probabilities == fitted.probabilities.probabilities


def test_a_set_of_one_picture_each_has_no_probabilities() -> None:
    alone = faces({"all": 1.0}, people=300, pictures=1, seed=5)
    result = calibrate(alone.vectors, alone.subjects, data="one picture each")
    assert result.calibration.probabilities is None
    assert result.check.reliability is None
    assert in_a_pack(result).calibration.probability is None


@pytest.mark.parametrize("method", METHODS)
def test_without_scikit_learn_the_extra_is_named(method: Method, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name.startswith("sklearn"):
            raise ImportError(name)
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ExtraMissing, match=r"countenance\[evaluation\]"):
        fit_probabilities(drawn(100, 1000, seed=6), method)

"""A similarity means a false match rate."""

from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.errors import PackBroken
from countenance.vision.calibration import Calibration, ProbabilityLadder

LADDER = Calibration((-1.0, 0.2, 0.5, 0.7), (1.0, 0.1, 1e-3, 1e-5), 1_000_000, "made up")
SCORES = st.floats(-1, 1)


@given(SCORES, SCORES)
def test_a_higher_score_never_means_less_similarity_or_more_false_matches(one: float, other: float) -> None:
    low, high = sorted((one, other))
    less, more = LADDER.similarity(low), LADDER.similarity(high)
    assert 0 <= less.percent <= more.percent <= 100
    assert less.false_match_rate >= more.false_match_rate >= 1e-5


@pytest.mark.parametrize(("percent", "rate"), [(0, 1.0), (40, 0.1), (80, 1e-3), (99, 1e-5)])
def test_a_similarity_stands_for_a_false_match_rate(percent: float, rate: float) -> None:
    found = LADDER.similarity(LADDER.score_at(percent))
    assert found.percent == pytest.approx(percent, abs=1e-6)
    assert found.false_match_rate == pytest.approx(rate, rel=1e-6)


def test_two_equal_templates_are_wholly_similar_at_the_smallest_known_rate() -> None:
    found = LADDER.similarity(1.0)
    assert found.percent == pytest.approx(100)
    assert found.false_match_rate == pytest.approx(1e-5)


@given(st.floats(0, 100))
def test_the_score_of_a_similarity_has_that_similarity(percent: float) -> None:
    assert LADDER.similarity(LADDER.score_at(percent)).percent == pytest.approx(percent, abs=1e-6)


@pytest.mark.parametrize(
    ("scores", "rates"),
    [
        ((0.1,), (0.5,)),
        ((0.5, 0.1), (0.5, 0.1)),
        ((0.1, 0.5), (0.1, 0.5)),
        ((0.1, 0.5), (0.5,)),
        ((0.1, 0.5), (0.5, 0.0)),
        ((0.1, 0.5), (1.5, 0.1)),
        ((0.1, 1.0), (0.5, 0.1)),
    ],
)
def test_a_ladder_that_does_not_rise_and_fall_is_refused(
    scores: tuple[float, ...], rates: tuple[float, ...]
) -> None:
    with pytest.raises(PackBroken, match="calibration"):
        Calibration(scores, rates, 10, "nothing")


PROBABLE = ProbabilityLadder((0.3, 0.5, 0.6), (0.1, 0.5, 0.99), 2_000)


@given(SCORES, SCORES)
def test_a_higher_score_is_never_less_probably_of_one_person(one: float, other: float) -> None:
    low, high = sorted((one, other))
    less, more = PROBABLE.probability([low, high])
    assert 0.0 <= less <= more <= 0.99


def test_the_probability_at_a_rung_is_the_rungs() -> None:
    assert PROBABLE.probability(PROBABLE.scores) == pytest.approx(PROBABLE.probabilities)


def test_above_the_last_rung_nothing_more_probable_is_claimed() -> None:
    assert PROBABLE.probability(1.0) == pytest.approx(0.99)


def test_below_the_first_rung_strangers_become_ever_less_probable() -> None:
    assert PROBABLE.probability(0.0) < 0.001
    assert PROBABLE.probability(0.2) == pytest.approx(1 / (1 + 9 * math.exp(0.1 * math.log(99 * 9) / 0.3)))


def test_a_calibration_without_probabilities_claims_none() -> None:
    assert LADDER.probability(0.5) is None
    assert dataclasses.replace(LADDER, probabilities=PROBABLE).probability(0.5) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("scores", "probabilities"),
    [
        ((0.1,), (0.5,)),
        ((0.5, 0.1), (0.1, 0.5)),
        ((0.1, 0.5), (0.5, 0.1)),
        ((0.1, 0.5), (0.5,)),
        ((0.1, 0.5), (0.0, 0.5)),
        ((0.1, 0.5), (0.5, 1.0)),
        ((-1.1, 0.5), (0.1, 0.5)),
        ((0.1, 1.1), (0.1, 0.5)),
    ],
)
def test_probabilities_that_do_not_rise_are_refused(
    scores: tuple[float, ...], probabilities: tuple[float, ...]
) -> None:
    with pytest.raises(PackBroken, match="probabilities"):
        ProbabilityLadder(scores, probabilities, 10)

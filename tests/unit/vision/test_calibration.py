"""A similarity means a false match rate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.errors import PackBroken
from countenance.vision import Calibration

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

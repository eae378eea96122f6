"""Intervals hold the truth as often as they say, and gaps are found where there are some and only there.

Scores are simulated: each person is easier or harder to confuse than others (a share of the variance that all
of their comparisons have in common), the rest is each comparison's own. The truth is then known.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from countenance.evaluation.bias import group_rates
from countenance.evaluation.bootstrap import SubjectBootstrap, false_match_rate, false_non_match_rate
from countenance.evaluation.comparisons import Comparisons, Population
from countenance.evaluation.gaps import Gap, gaps

pytestmark = pytest.mark.slow

RUNS = 400
# The seeds are fixed; of intervals that hold the truth 95 % of the time, 93–97 % do in 19 of 20 such tests.
LEAST, MOST = 0.93, 0.97
NORMAL = NormalDist()


def threshold_of(rate: float, person: float, people: int) -> float:
    """Return the score that a share of all comparisons exceeds."""
    return NORMAL.inv_cdf(1 - rate) * float(np.sqrt(1 + people * person**2))


def non_mated(draw: np.random.Generator, people: int, person: float, first: int = 0) -> Comparisons:
    """Return all comparisons of one picture each of so many people, numbered from the first."""
    one, other = np.triu_indices(people, 1)
    own = draw.normal(size=people) * person
    scores = own[one] + own[other] + draw.normal(size=len(one))
    return Comparisons.of(scores, one + first, other + first)


def with_population(comparisons: Comparisons, people: int, kept: int) -> Comparisons:
    """Return the same with only the highest scores listed, as products of matrices give them."""
    pictures = np.ones(people, np.int64)
    return Comparisons(
        comparisons.scores[:kept],
        comparisons.first[:kept],
        comparisons.second[:kept],
        comparisons.total,
        0,
        None,
        Population(pictures, pictures, within=True),
    )


@pytest.mark.parametrize(
    ("people", "person", "rate"),
    [(100, 0.0, 0.01), (100, 0.3, 0.01), (200, 0.5, 0.05), (300, 0.3, 0.001)],
)
def test_intervals_of_the_false_match_rate_hold_it(people: int, person: float, rate: float) -> None:
    draw = np.random.default_rng(people)
    threshold, held = threshold_of(rate, person, 2), 0
    for run in range(RUNS):
        comparisons = with_population(non_mated(draw, people, person), people, people * people // 8)
        found = false_match_rate(comparisons, threshold, SubjectBootstrap(people, 500, run))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= rate <= found.high
    assert LEAST <= held / RUNS <= MOST


@pytest.mark.parametrize(
    ("people", "pictures", "person", "rate"), [(150, 4, 0.5, 0.05), (400, 3, 1.0, 0.03), (300, 2, 0.0, 0.05)]
)
def test_intervals_of_the_false_non_match_rate_hold_it(
    people: int, pictures: int, person: float, rate: float
) -> None:
    draw = np.random.default_rng(people)
    threshold, held = -threshold_of(rate, person, 1), 0
    for run in range(RUNS):
        owners = np.repeat(np.arange(people), pictures * (pictures - 1) // 2)
        own = draw.normal(size=people) * person
        scores = own[owners] + draw.normal(size=len(owners))
        comparisons = Comparisons.of(scores, owners, owners)
        found = false_non_match_rate(comparisons, threshold, SubjectBootstrap(people, 500, run))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= rate <= found.high
    assert LEAST <= held / RUNS <= MOST


@pytest.mark.parametrize(("people", "person", "fmr"), [(150, 0.3, 0.01), (300, 0.2, 0.001)])
def test_intervals_of_fnmr_at_a_false_match_rate_hold_it(people: int, person: float, fmr: float) -> None:
    draw = np.random.default_rng(people)
    shift = 4.0
    spread = float(np.sqrt(1 + person**2))
    truth = NORMAL.cdf((threshold_of(fmr, person, 2) - shift) / spread)
    held = 0
    for run in range(RUNS):
        others = with_population(non_mated(draw, people, person), people, people * people // 8)
        owners = np.repeat(np.arange(people), 2)
        own = draw.normal(size=people) * person
        scores = shift + own[owners] + draw.normal(size=len(owners))
        mated = Comparisons.of(scores, owners, owners)
        bootstrap = SubjectBootstrap(people, 400, run)
        allowed = others.scores[int(fmr * others.total)]
        low, high = bootstrap.fnmr_at_fmr(mated, others, fmr).interval(float(np.mean(scores <= allowed)))
        held += low <= truth <= high
    assert LEAST <= held / RUNS <= MOST


def found_gaps(draw: np.random.Generator, shifts: list[float], people: int, seed: int) -> tuple[Gap, ...]:
    """Return the gaps of groups whose non-mated scores are shifted so."""
    groups = []
    for group, shift in enumerate(shifts):
        made = non_mated(draw, people, 0.3, group * people)
        groups.append(Comparisons.of(made.scores + shift, made.first, made.second))
    bootstrap = SubjectBootstrap(people * len(shifts), 500, seed)
    rates, freedom = group_rates(groups, threshold_of(0.003, 0.3, 2), bootstrap, mated=False)
    return gaps(tuple("abcdef"[: len(shifts)]), rates, freedom)


def test_a_planted_gap_of_eight_times_is_found_and_named() -> None:
    draw = np.random.default_rng(5)
    spread = float(np.sqrt(1 + 2 * 0.3**2))
    # Shifted by this, a group has a false match rate of 0.024 where the others have 0.003.
    shift = (NORMAL.inv_cdf(1 - 0.003) - NORMAL.inv_cdf(1 - 0.024)) * spread
    for seed in range(20):
        found = found_gaps(draw, [0, 0, shift, 0], 120, seed)
        assert found[0].group == "c"
        assert found[0].worse
        assert found[0].low < 8 < found[0].high or found[0].ratio == pytest.approx(8, rel=0.5)
        assert all(not gap.worse for gap in found[1:])


@pytest.mark.parametrize("groups", [2, 5])
def test_equal_groups_are_not_accused(groups: int) -> None:
    draw = np.random.default_rng(groups)
    accused = sum(bool(found_gaps(draw, [0.0] * groups, 100, seed)) for seed in range(RUNS))
    assert accused / RUNS <= 0.05

"""From counts of reviewed answers to rates: hand-worked, never outside what the undecided allow."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.evaluation.estimates import wilson_interval
from countenance.governance.accuracy import Counts
from countenance.operations.accuracy.estimates import Rate, estimates_of

# 1,000 searches of a gallery of 5,000: 30 answers, of which 20 were confirmed and 10 rejected. Eight rejected
# answers had one candidate and two had three; beside who was confirmed stood four others and six unknown.
DECIDED = Counts(
    searches=1_000,
    comparisons=5_000_000,
    stated_false_matches=50.0,
    stated_false_positives=48.8,
    least_threshold=99.0,
    most_threshold=99.0,
    confirmed=20,
    rejected=10,
    false_candidates=8 + 2 * 3 + 4,
    false_candidates_squared=8 + 2 * 9 + 4,
    undecided_candidates=6,
)


def answers(draw: st.DrawFn) -> tuple[list[int], list[int], list[int]]:
    """Candidates of rejected and of undecided answers, and others beside each confirmed one."""
    numbers = st.lists(st.integers(1, 5), max_size=6)
    return draw(numbers), draw(numbers), draw(st.lists(st.integers(0, 4), max_size=6))


@st.composite
def counted(draw: st.DrawFn) -> Counts:
    rejected, undecided, beside = answers(draw)
    states = dict.fromkeys(("disagreed", "open", "void", "gone"), 0)
    for _ in undecided:
        states[draw(st.sampled_from(sorted(states)))] += 1
    searches = len(rejected) + len(undecided) + len(beside) + draw(st.integers(0, 50))
    size = draw(st.integers(10, 10_000))
    return Counts(
        searches=searches,
        comparisons=searches * size,
        confirmed=len(beside),
        rejected=len(rejected),
        false_candidates=sum(rejected) + sum(beside),
        false_candidates_squared=sum(number**2 for number in (*rejected, *beside)),
        undecided_candidates=sum(undecided) + draw(st.integers(0, 5)) * bool(beside),
        **states,
    )


def bounds(rate: Rate) -> tuple[float | None, float | None]:
    return rate.lower, rate.upper


def test_wilsons_interval_is_the_published_one_of_the_aclus_experiment() -> None:
    low, high = wilson_interval(28, 535)
    assert (round(100 * low, 2), round(100 * high, 2)) == (3.65, 7.46)


@pytest.mark.parametrize(("errors", "trials"), [(0, 1), (0, 535), (535, 535), (1, 10), (3.5, 12.25)])
def test_wilsons_bounds_are_the_shares_that_are_just_not_rejected(errors: float, trials: float) -> None:
    """Each bound p solves (rate - p)² = z² p (1 - p) / n, the test that the interval inverts."""
    for bound in wilson_interval(errors, trials):
        expected = 1.959963984540054**2 * bound * (1 - bound) / trials
        assert (errors / trials - bound) ** 2 == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.5])
def test_the_interval_covers_the_truth_in_about_95_of_100_cases(share: float) -> None:
    trials, covered = 200, 0.0
    for errors in range(trials + 1):
        low, high = wilson_interval(errors, trials)
        if low <= share <= high:
            covered += math.comb(trials, errors) * share**errors * (1 - share) ** (trials - errors)
    assert 0.92 < covered < 0.98


def test_of_decided_answers_the_rejected_are_false_discoveries() -> None:
    found = estimates_of(DECIDED).false_discovery
    assert (found.errors, found.trials) == (10, 30)
    assert bounds(found) == pytest.approx((0.19231, 0.51220), abs=1e-5)
    assert found.rate == found.least == found.most == pytest.approx(1 / 3)


def test_a_search_that_confirmed_somebody_is_no_trial_of_false_positives() -> None:
    found = estimates_of(DECIDED).false_positive_identification
    assert (found.errors, found.trials) == (10, 980)
    assert found.rate == found.least == found.most == pytest.approx(10 / 980)
    assert found.stated == pytest.approx(0.0488)


def test_false_matches_stand_beside_what_the_calibration_states() -> None:
    found = estimates_of(DECIDED).false_match
    assert found.errors == 18
    assert found.trials == pytest.approx(5_000_000 * 38 / 44)
    assert found.rate == pytest.approx(18 * 44 / 38 / 5_000_000)
    assert (found.least, found.most) == pytest.approx((18 / 5_000_000, 24 / 5_000_000))
    assert found.stated == pytest.approx(1e-5)


def test_errors_that_come_together_say_less_than_as_many_that_come_alone() -> None:
    alone = estimates_of(replace(DECIDED, false_candidates_squared=18)).false_match
    together = estimates_of(DECIDED).false_match
    assert alone.rate == together.rate
    assert alone.lower is not None
    assert alone.upper is not None
    assert together.lower is not None
    assert together.upper is not None
    assert together.lower < alone.lower < alone.upper < together.upper
    effect = 30 / 18
    assert bounds(together) == pytest.approx(wilson_interval(18 / effect, together.trials / effect))


def test_what_nobody_decided_is_taken_to_be_like_what_was_decided() -> None:
    found = estimates_of(replace(DECIDED, open=20, void=6, gone=3, disagreed=1, undecided_candidates=36))
    discovery, positives = found.false_discovery, found.false_positive_identification
    assert (discovery.rate, discovery.least, discovery.most) == pytest.approx((1 / 3, 10 / 60, 40 / 60))
    # Half of the answers stand for half of the searches, so that twice as many are thought to be false.
    assert positives.trials == 1_000 / 2 - 20
    assert (positives.least, positives.most) == pytest.approx((10 / 950, 40 / 980))


def test_without_an_answer_the_interval_still_says_how_little_is_known() -> None:
    found = estimates_of(Counts(searches=100, comparisons=100_000))
    assert found.false_discovery.rate is None
    positives = found.false_positive_identification
    assert (positives.errors, positives.trials, positives.rate, positives.lower) == (0, 100, 0, 0)
    assert positives.upper == pytest.approx(0.0369935, abs=1e-7)
    assert found.false_match.upper == pytest.approx(3.8413e-5, rel=1e-4)


def test_as_long_as_nothing_is_decided_nothing_is_known() -> None:
    found = estimates_of(Counts(searches=3, comparisons=30, open=2, undecided_candidates=4))
    rates = (found.false_discovery, found.false_positive_identification, found.false_match)
    assert [(rate.rate, rate.lower, rate.upper) for rate in rates] == [(None, None, None)] * 3
    assert [rate.least for rate in rates] == [0, 0, 0]
    assert [rate.most for rate in rates] == pytest.approx([1, 2 / 3, 4 / 30])


def test_where_nothing_was_searched_there_is_no_rate_at_all() -> None:
    found = estimates_of(Counts())
    for rate in (found.false_discovery, found.false_positive_identification, found.false_match):
        assert rate == Rate(0, 0.0, None, None, None, None, None, None)


@given(counts=counted())
def test_a_rate_lies_in_its_interval_and_between_none_and_all_of_the_undecided(counts: Counts) -> None:
    found = estimates_of(counts)
    for rate in (found.false_discovery, found.false_positive_identification, found.false_match):
        if rate.rate is None:
            continue
        assert rate.lower is not None
        assert rate.upper is not None
        assert 0 <= rate.lower <= rate.rate + 1e-12
        assert rate.rate <= rate.upper + 1e-12 <= 1 + 1e-12
        assert rate.least is None or rate.least <= rate.rate + 1e-12
        assert rate.most is None or rate.rate <= rate.most + 1e-12


@given(one=counted(), other=counted())
def test_sums_are_of_both_whichever_comes_first(one: Counts, other: Counts) -> None:
    assert one.plus(other) == other.plus(one)
    assert one.plus(Counts()) == one
    assert one.plus(other).searches == one.searches + other.searches


def test_thresholds_of_a_sum_reach_from_the_lowest_to_the_highest() -> None:
    low, high = Counts(least_threshold=80, most_threshold=90), Counts(least_threshold=85, most_threshold=99)
    both = low.plus(high).plus(Counts())
    assert (both.least_threshold, both.most_threshold) == (80, 99)

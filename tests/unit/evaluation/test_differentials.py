"""Differentials between groups: worked by hand, their properties, and what cannot be estimated."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.evaluation.differentials import (
    Differentials,
    GroupRates,
    differentials,
    fairness_discrepancy_rate,
    garbe,
    gini,
    inequity_rate,
    max_over_geometric_mean,
    max_over_min,
)
from countenance.evaluation.estimates import Estimate

FALSE_MATCH = (1e-4, 2e-4, 4e-4, 8e-4)
NON_MATCH = (0.01, 0.01, 0.02, 0.02)
NAMES = ("ada", "bea", "cyd", "dot")

rates = st.lists(st.floats(1e-6, 1), min_size=2, max_size=9)


def _group_rates(
    errors: npt.ArrayLike, trials: npt.ArrayLike, replicates: npt.ArrayLike | None = None
) -> GroupRates:
    counts = np.asarray(errors, np.int64)
    again = np.empty((0, len(counts))) if replicates is None else np.asarray(replicates, np.float64)
    return GroupRates(counts, np.asarray(trials, np.int64), np.full(len(counts), 10), again)


def _slow_gini(values: list[Fraction]) -> Fraction:
    """The definition, term by term, in exact arithmetic."""
    n, mean = len(values), sum(values, Fraction(0)) / len(values)
    differences = sum((abs(one - other) for one in values for other in values), Fraction(0))
    return Fraction(n, n - 1) * differences / (2 * n * n * mean)


class TestTheWorkedVector:
    """Every figure of it to 1e-9 against fractions worked by hand."""

    def test_max_over_min_is_8_and_2(self) -> None:
        assert max_over_min(FALSE_MATCH) == pytest.approx(8, abs=1e-9)
        assert max_over_min(NON_MATCH) == pytest.approx(2, abs=1e-9)

    def test_max_over_geometric_mean_is_the_square_root_of_8_and_of_2(self) -> None:
        # (1·2·4·8)^(1/4) = 64^(1/4) = √8, and 8/√8 = √8; (1·1·2·2)^(1/4) = √2, and 2/√2 = √2
        assert max_over_geometric_mean(FALSE_MATCH) == pytest.approx(8**0.5, abs=1e-9)
        assert max_over_geometric_mean(NON_MATCH) == pytest.approx(2**0.5, abs=1e-9)

    def test_gini_is_23_45ths_and_2_9ths(self) -> None:
        # Σ|xᵢ − xⱼ| over ordered pairs of 1, 2, 4, 8 is 2·(1+3+7+2+6+4) = 46; 4/3 · 46 / (2·16·15/4) = 23/45.
        # Of 1, 1, 2, 2 it is 2·4 = 8; 4/3 · 8 / (2·16·3/2) = 2/9.
        assert gini(FALSE_MATCH) == pytest.approx(float(Fraction(23, 45)), abs=1e-9)
        assert gini(NON_MATCH) == pytest.approx(float(Fraction(2, 9)), abs=1e-9)
        assert round(float(gini(FALSE_MATCH)), 4) == 0.5111
        assert round(float(gini(NON_MATCH)), 4) == 0.2222

    def test_garbe_is_11_30ths(self) -> None:
        # ½·23/45 + ½·10/45 = 33/90 = 11/30
        assert garbe(FALSE_MATCH, NON_MATCH, 0.5) == pytest.approx(float(Fraction(11, 30)), abs=1e-9)
        assert round(float(garbe(FALSE_MATCH, NON_MATCH, 0.5)), 4) == 0.3667

    def test_inequity_rate_is_4(self) -> None:
        assert inequity_rate(FALSE_MATCH, NON_MATCH, 0.5, 0.5) == pytest.approx(4, abs=1e-9)  # √8 · √2
        assert inequity_rate(FALSE_MATCH, NON_MATCH, 0.5) == pytest.approx(4, abs=1e-9)
        assert inequity_rate(FALSE_MATCH, NON_MATCH, 1, 2) == pytest.approx(32, abs=1e-9)  # 8 · 2²

    def test_fairness_discrepancy_rate_is_99465(self) -> None:
        # 1 − ½·7e-4 − ½·1e-2 = 1 − .00535
        expected = float(1 - Fraction(7, 20_000) - Fraction(1, 200))
        assert fairness_discrepancy_rate(FALSE_MATCH, NON_MATCH, 0.5) == pytest.approx(expected, abs=1e-9)
        assert expected == pytest.approx(0.99465, abs=1e-12)

    def test_the_value_holds_the_same_figures(self) -> None:
        found = differentials(
            NAMES, _group_rates([1, 2, 4, 8], [10_000] * 4), _group_rates([1, 1, 2, 2], [100] * 4)
        )
        assert found.false_match.max_over_min.value == pytest.approx(8, abs=1e-9)
        assert found.false_match.max_over_min.errors == 15
        assert found.false_match.max_over_min.trials == 40_000
        assert found.false_match.max_over_min.subjects == 40
        assert found.non_match.gini.value == pytest.approx(2 / 9, abs=1e-9)
        assert found.garbe.value == pytest.approx(11 / 30, abs=1e-9)
        assert found.inequity_rate.value == pytest.approx(4, abs=1e-9)
        assert found.fairness_discrepancy_rate.value == pytest.approx(0.99465, abs=1e-9)
        assert (found.false_match.highest, found.false_match.lowest) == ("dot", "ada")


class TestProperties:
    """What holds for any rates."""

    @given(st.lists(st.integers(0, 1000), min_size=2, max_size=9).filter(any))
    def test_gini_is_its_definition(self, counts: list[int]) -> None:
        exact = _slow_gini([Fraction(count) for count in counts])
        assert gini([count / 1e6 for count in counts]) == pytest.approx(float(exact), abs=1e-12)

    @given(rates)
    def test_ratios_are_at_least_1_and_coefficients_within_0_and_1(self, values: list[float]) -> None:
        assert max_over_min(values) >= max_over_geometric_mean(values) - 1e-9
        assert max_over_geometric_mean(values) >= 1 - 1e-9
        assert -1e-12 <= gini(values) <= 1 + 1e-12

    @given(rates, st.floats(1e-3, 1))
    def test_what_is_relative_does_not_depend_on_the_level_of_errors(
        self, values: list[float], factor: float
    ) -> None:
        smaller = [value * factor for value in values]
        for figure in (max_over_min, max_over_geometric_mean, gini):
            assert figure(smaller) == pytest.approx(float(figure(values)), rel=1e-9, abs=1e-12)

    @given(st.floats(1e-6, 1), st.integers(2, 9), st.floats(0, 1))
    def test_equal_groups_are_equal(self, rate: float, groups: int, alpha: float) -> None:
        same = [rate] * groups
        assert max_over_min(same) == pytest.approx(1)
        assert max_over_geometric_mean(same) == pytest.approx(1)
        assert garbe(same, same, alpha) == pytest.approx(0, abs=1e-12)
        assert inequity_rate(same, same, alpha) == pytest.approx(1)
        assert fairness_discrepancy_rate(same, same, alpha) == pytest.approx(1)

    def test_one_group_with_all_errors_has_the_coefficient_1(self) -> None:
        assert gini([0, 0, 0, 0.3]) == pytest.approx(1)

    @pytest.mark.parametrize("order", list(permutations(range(4)))[1::5])
    def test_the_order_of_groups_does_not_matter(self, order: tuple[int, ...]) -> None:
        other = [FALSE_MATCH[place] for place in order], [NON_MATCH[place] for place in order]
        assert garbe(*other, 0.3) == pytest.approx(float(garbe(FALSE_MATCH, NON_MATCH, 0.3)))
        assert inequity_rate(*other, 0.3) == pytest.approx(float(inequity_rate(FALSE_MATCH, NON_MATCH, 0.3)))

    def test_replicates_run_through_at_once(self) -> None:
        drawn = np.random.default_rng(7).uniform(1e-4, 1e-2, (2, 5, 4))
        for figure in (max_over_min, max_over_geometric_mean, gini):
            np.testing.assert_allclose(figure(drawn[0]), [figure(row) for row in drawn[0]], rtol=1e-12)
        for joined in (garbe, inequity_rate, fairness_discrepancy_rate):
            one_by_one = [
                float(joined(one, other, 0.3)) for one, other in zip(drawn[0], drawn[1], strict=True)
            ]
            assert joined(drawn[0], drawn[1], 0.3).tolist() == pytest.approx(one_by_one)


class TestWhatCannotBeEstimated:
    """It is None, and groups that are left out are named."""

    def test_a_smallest_rate_of_zero_is_not_estimable(self) -> None:
        found = differentials(
            NAMES, _group_rates([0, 2, 4, 8], [10_000] * 4), _group_rates([1, 1, 2, 2], [100] * 4)
        )
        assert found.false_match.max_over_min.value is None
        assert found.false_match.max_over_geometric_mean.value is None
        assert found.inequity_rate.value is None

    def test_no_errors_at_all_leave_no_coefficient_and_no_worst_group(self) -> None:
        found = differentials(NAMES, _group_rates([0] * 4, [9] * 4), _group_rates([1, 1, 2, 2], [100] * 4))
        assert found.false_match.gini.value is None
        assert found.garbe.value is None
        assert (found.false_match.highest, found.false_match.lowest) == ("", "")

    def test_what_does_not_weigh_may_be_missing(self) -> None:
        none = [0.0, 0.0]
        assert garbe(none, [0.01, 0.02], 0) == pytest.approx(1 / 3)
        assert garbe([0.01, 0.02], none, 1) == pytest.approx(1 / 3)
        assert inequity_rate(none, [0.01, 0.02], 0) == pytest.approx(2)

    def test_one_group_is_compared_with_nobody(self) -> None:
        found = differentials(["ada"], _group_rates([1], [10]), _group_rates([1], [10]))
        assert found.false_match.max_over_min.value is None
        assert found.false_match.gini.value is None
        assert found.garbe.value is None
        assert found.inequity_rate.value is None
        assert found.fairness_discrepancy_rate.value is None
        assert found.groups == ("ada",)

    def test_a_group_without_trials_is_left_out_and_named(self) -> None:
        again = np.array([[np.nan, 0.02, 0.02, 0.02]] * 3)
        found = differentials(
            NAMES,
            _group_rates([0, 2, 4, 8], [0, 100, 100, 100], again),
            _group_rates([1, 1, 2, 0], [9, 9, 9, 0], again[:, ::-1]),
        )
        assert found.false_match.groups == ("bea", "cyd", "dot")
        assert found.false_match.without_trials == ("ada",)
        assert found.non_match.without_trials == ("dot",)
        assert found.groups == ("bea", "cyd")
        assert found.false_match.max_over_min.value == pytest.approx(4)
        assert found.false_match.max_over_min.high == pytest.approx(4)

    def test_pictures_of_whom_there_is_only_one_each_still_have_false_matches(self) -> None:
        found = differentials(NAMES, _group_rates([1, 2, 4, 8], [100] * 4), _group_rates([0] * 4, [0] * 4))
        assert found.non_match.groups == ()
        assert found.non_match.max_over_min.value is None
        assert found.garbe.value is None

    def test_no_group_at_all_is_no_error(self) -> None:
        found = differentials([], _group_rates([], []), _group_rates([], []))
        assert found.false_match.gini.value is None

    @pytest.mark.parametrize("alpha", [-0.1, 1.1])
    def test_a_weight_beyond_its_range_is_refused(self, alpha: float) -> None:
        with pytest.raises(ValueError, match="alpha"):
            differentials(["ada"], _group_rates([1], [10]), _group_rates([1], [10]), alpha)

    def test_both_rates_must_come_from_one_bootstrap(self) -> None:
        with pytest.raises(ValueError, match="same replicates"):
            differentials(["ada"], _group_rates([1], [9], [[0.1]]), _group_rates([1], [9]))

    def test_names_and_rates_must_be_equally_many(self) -> None:
        with pytest.raises(ValueError, match="one name"):
            differentials(["ada"], _group_rates([1, 1], [9, 9]), _group_rates([1, 1], [9, 9]))


class TestIntervals:
    """They hold the truth, and equal groups are not accused."""

    def test_without_replicates_there_is_none(self) -> None:
        found = differentials(["ada", "bea"], _group_rates([1, 2], [99, 99]), _group_rates([1, 2], [99, 99]))
        assert (found.false_match.max_over_min.low, found.false_match.max_over_min.high) == (None, None)

    def test_the_upper_end_is_the_replicates_quantile(self) -> None:
        again = np.column_stack([np.full(1001, 0.01), 0.01 * np.linspace(1, 11, 1001)])
        found = differentials(
            ["ada", "bea"], _group_rates([1, 2], [100, 100], again), _group_rates([1, 2], [100, 100], again)
        )
        assert found.false_match.max_over_min.value == pytest.approx(2)
        assert found.false_match.max_over_min.high == pytest.approx(10.75)

    def test_the_lower_end_takes_off_the_spread_of_the_errors(self) -> None:
        again = np.column_stack([np.full(1001, 0.01), 0.02 * np.linspace(1, 1.5, 1001)])
        found = differentials(
            ["ada", "bea"], _group_rates([1, 2], [100, 100], again), _group_rates([1, 2], [100, 100], again)
        )
        assert found.false_match.max_over_min.low == pytest.approx(2 / 1.4875, rel=1e-3)
        assert found.inequity_rate.low == pytest.approx(2 / 1.4875, rel=1e-3)

    def test_the_fairness_discrepancy_rate_has_its_ends_the_right_way_round(self) -> None:
        again = np.column_stack([np.full(1001, 0.01), 0.02 * np.linspace(0.8, 1.2, 1001)])
        found = differentials(
            ["ada", "bea"], _group_rates([1, 2], [100, 100], again), _group_rates([1, 2], [100, 100], again)
        )
        rate = found.fairness_discrepancy_rate
        assert rate.low is not None
        assert rate.high is not None
        assert rate.value == pytest.approx(0.99)
        assert (rate.low, rate.high) == pytest.approx((0.9862, 0.9939), abs=1e-5)

    def test_replicates_without_the_figure_could_have_any(self) -> None:
        again = np.full((1000, 2), 0.01)
        again[:, 1] = np.linspace(0.02, 0.03, 1000)
        again[:50, 0] = 0  # 5 % of the replicates have no ratio
        found = differentials(
            ["ada", "bea"], _group_rates([1, 2], [99, 99], again), _group_rates([1, 2], [99, 99], again)
        )
        assert (found.false_match.max_over_min.low, found.false_match.max_over_min.high) == (1, None)
        again[10:50, 0] = 0.01  # 1 % have none
        found = differentials(
            ["ada", "bea"], _group_rates([1, 2], [99, 99], again), _group_rates([1, 2], [99, 99], again)
        )
        assert found.false_match.max_over_min.high == pytest.approx(2.985, abs=0.02)

    @pytest.mark.parametrize("truth", [(1, 1), (1, 1, 1, 1), (1,) * 9], ids=["two", "four", "nine"])
    def test_equal_groups_are_accused_in_no_more_than_5_percent_of_runs(self, truth: tuple[int, ...]) -> None:
        for figure, missed in _misses(truth).items():
            assert sum(missed) <= 0.05, figure

    @pytest.mark.parametrize(
        "truth", [(1, 2), (1, 1, 1, 2), (1, 1, 1, 8), (1, 2, 4, 8)], ids=["pair", "double", "eight", "ladder"]
    )
    def test_intervals_hold_the_truth(self, truth: tuple[int, ...]) -> None:
        for figure, missed in _misses(truth).items():
            assert sum(missed) <= 0.06, figure


def _misses(truth: tuple[int, ...], runs: int = 400) -> dict[str, tuple[float, float]]:
    """By figure, how often the truth lies below and above the interval, of rates like ``truth``.

    Errors are independent here: with exponential weights the replicates of e errors are gamma(e).
    """
    draw = np.random.default_rng(20)
    names, trials = [str(place) for place in range(len(truth))], [10**6] * len(truth)
    expected = 60 * np.array(truth)
    exact = differentials(names, _group_rates(expected, trials), _group_rates(expected, trials))
    counts = {name: [0, 0] for name in ("ratio", "geometric", "gini", "garbe", "inequity", "fdr")}
    for _ in range(runs):
        errors = draw.poisson(expected, (2, len(truth)))
        again = draw.gamma(errors[:, None, :], size=(2, 400, len(truth))) / 10**6
        found = differentials(
            names, _group_rates(errors[0], trials, again[0]), _group_rates(errors[1], trials, again[1])
        )
        for (name, count), one, right in zip(counts.items(), _figures(found), _figures(exact), strict=True):
            assert one.low is not None, name
            assert one.high is not None, name
            assert right.value is not None, name
            count[0] += right.value < one.low - 1e-12
            count[1] += right.value > one.high + 1e-12
    return {name: (low / runs, high / runs) for name, (low, high) in counts.items()}


def _figures(found: Differentials) -> tuple[Estimate, ...]:
    one = found.false_match
    return (
        one.max_over_min,
        one.max_over_geometric_mean,
        one.gini,
        found.garbe,
        found.inequity_rate,
        found.fairness_discrepancy_rate,
    )

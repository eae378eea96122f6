"""The threshold study: the ACLU's own figures, examples worked by hand, and who is searched for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.errors import TooFewSubjects
from countenance.evaluation.samples import DataSet, Sample
from countenance.evaluation.strangers import choose_strangers, shared_out
from countenance.evaluation.threshold_study import (
    SIMILARITIES,
    Matched,
    StatedRates,
    Strangers,
    ThresholdStudy,
    threshold_study,
    wilson,
)

NAN = float("nan")


def _strangers(best: npt.ArrayLike, groups: tuple[str, ...] | None = None, gallery: int = 1000) -> Strangers:
    values = np.asarray(best, np.float64)
    return Strangers(
        values,
        np.arange(len(values), dtype=np.int32),
        np.isnan(values),
        ("",) * len(values) if groups is None else groups,
        gallery,
    )


class TestWilson:
    """Against figures that were published or worked by hand."""

    def test_28_of_535(self) -> None:
        found = wilson(28, 535)
        assert found.value == pytest.approx(0.0523, abs=5e-5)
        assert (found.low, found.high) == pytest.approx((0.0365, 0.0746), abs=5e-5)
        assert (found.errors, found.trials, found.subjects) == (28, 535, 535)

    def test_none_of_535_leaves_z_squared_over_n_plus_z_squared(self) -> None:
        found = wilson(0, 535)
        assert (found.value, found.low) == (0, 0)
        assert found.high == pytest.approx(1.959963984540054**2 / (535 + 1.959963984540054**2), rel=1e-12)

    def test_half_of_ten_by_hand(self) -> None:
        # centre ½, reach z·√(1/40 + z²/400)/(1 + z²/10) with z² = 3.841459
        found = wilson(5, 10)
        assert (found.low, found.high) == pytest.approx((0.236593, 0.763407), abs=1e-6)

    def test_a_lower_level_is_narrower(self) -> None:
        wide, narrow = wilson(5, 10), wilson(5, 10, 0.9)
        assert wide.low is not None
        assert narrow.low is not None
        assert narrow.low > wide.low

    @given(st.integers(1, 5000), st.data())
    def test_it_holds_the_share_lies_within_0_and_1_and_is_symmetric(
        self, trials: int, data: st.DataObject
    ) -> None:
        errors = data.draw(st.integers(0, trials))
        found, mirrored = wilson(errors, trials), wilson(trials - errors, trials)
        assert found.low is not None
        assert found.high is not None
        assert mirrored.high is not None
        assert 0 <= found.low <= errors / trials <= found.high <= 1
        assert found.low == pytest.approx(1 - mirrored.high, abs=1e-12)

    def test_its_ends_solve_the_score_equation(self) -> None:
        found = wilson(7, 50)
        for end in (found.low, found.high):
            assert end is not None
            assert abs(7 / 50 - end) / (end * (1 - end) / 50) ** 0.5 == pytest.approx(1.959964, abs=1e-6)

    def test_of_no_trial_there_is_no_share(self) -> None:
        assert wilson(0, 0).value is None

    @pytest.mark.parametrize(("errors", "trials"), [(3, 2), (-1, 2)])
    def test_what_is_no_share_is_refused(self, errors: int, trials: int) -> None:
        with pytest.raises(ValueError, match="no share"):
            wilson(errors, trials)


class TestTheAclusExperiment:
    """28 of 535 people matched in a gallery of 25,000 at a similarity of 80."""

    def test_what_the_observation_implies(self) -> None:
        (found,) = threshold_study(_aclu(28), similarities=[80], larger=[25_000, 1_000_000]).overall
        assert found.observed.value == pytest.approx(0.0523, abs=5e-5)
        assert found.implied_fmr.value == pytest.approx(2.15e-6, abs=5e-9)
        assert found.elsewhere[0].by_observed.value == pytest.approx(28, rel=1e-9)
        # 535 · (1 − (1 − 28/535)^40)
        assert found.elsewhere[1].by_observed.value == pytest.approx(535 * (1 - (507 / 535) ** 40), rel=1e-9)
        assert found.elsewhere[1].by_observed.low == pytest.approx(535 * (1 - (1 - 0.036464) ** 40), rel=1e-3)
        assert found.at_most is None

    def test_nobody_matched_still_allows_half_a_percent(self) -> None:
        (found,) = threshold_study(_aclu(0), similarities=[99]).overall
        assert found.observed.value == 0
        assert found.at_most == pytest.approx(0.0056, abs=5e-5)
        assert found.implied_fmr.value == 0
        assert found.implied_fmr.high == pytest.approx(-np.log(1 - 0.0071293) / 25_000, rel=1e-3)

    def test_what_a_stated_rate_lets_expect(self) -> None:
        stated = StatedRates("Amazon's documentation", (2.15e-6, None))
        low, high = threshold_study(_aclu(28), stated, [80, 99], [1_000_000]).overall
        assert low.stated_fmr == 2.15e-6
        assert low.expected == pytest.approx(535 * (1 - (1 - 2.15e-6) ** 25_000), rel=1e-9)
        assert low.expected == pytest.approx(28, abs=0.02)
        assert low.elsewhere[0].by_stated == pytest.approx(535 * (1 - (1 - 2.15e-6) ** 1_000_000), rel=1e-6)
        assert (high.stated_fmr, high.expected, high.elsewhere[0].by_stated) == (None, None, None)


def _aclu(matched: int) -> Strangers:
    return _strangers([82.0] * matched + [60.0] * (535 - matched), gallery=25_000)


class TestTheStudy:
    """Thresholds, groups, failures."""

    def test_a_study_by_hand(self) -> None:
        found = threshold_study(
            _strangers([81, 99, NAN, 95, 99.95, 50], ("b", "a", "a", "b", "b", "")), larger=[]
        )
        assert [row.similarity for row in found.overall] == list(SIMILARITIES)
        assert [row.observed.errors for row in found.overall] == [4, 3, 3, 3, 2, 1, 1]
        assert {row.people for row in found.overall} == {6}
        by_group = {(row.group, row.similarity): row for row in found.groups}
        assert [by_group["a", one].observed.errors for one in SIMILARITIES] == [1, 1, 1, 1, 1, 0, 0]
        assert [by_group["b", one].observed.errors for one in SIMILARITIES] == [3, 2, 2, 2, 1, 1, 1]
        assert (by_group["a", 80].people, by_group["a", 80].failures) == (2, 1)
        assert (found.people, found.failures, found.without_group) == (6, 1, 1)
        assert [row.group for row in found.groups] == ["a"] * 7 + ["b"] * 7

    def test_a_score_on_the_threshold_counts(self) -> None:
        (found,) = threshold_study(_strangers([80.0]), similarities=[80]).overall
        assert found.observed.errors == 1

    def test_who_gave_no_template_is_not_expected_to_be_matched(self) -> None:
        stated = StatedRates("somebody", (1e-3,))
        (found,) = threshold_study(_strangers([50, NAN, NAN, NAN]), stated, [80]).overall
        assert found.expected == pytest.approx(1 - 0.999**1000, rel=1e-9)

    def test_expectations_are_of_the_gallery_that_could_be_enrolled(self) -> None:
        one = Strangers(np.array([50.0]), np.zeros(1, np.int32), np.zeros(1, np.bool_), ("",), 1500, 500)
        (found,) = threshold_study(one, StatedRates("somebody", (1e-3,)), [80]).overall
        assert found.expected == pytest.approx(1 - 0.999**1000, rel=1e-9)

    def test_what_an_observation_implies_is_of_that_gallery_too(self) -> None:
        two = Strangers(
            np.array([90.0, 50.0]), np.arange(2, dtype=np.int32), np.zeros(2, np.bool_), ("", ""), 1500, 500
        )
        (found,) = threshold_study(two, similarities=[80]).overall
        assert found.implied_fmr.value == pytest.approx(1 - 0.5 ** (1 / 1000), rel=1e-9)

    @given(
        st.lists(st.one_of(st.floats(0, 100), st.just(NAN)), min_size=1, max_size=40),
        st.integers(1, 10**6),
        st.integers(0, 99),
    )
    def test_fewer_are_matched_at_higher_thresholds_and_more_in_larger_galleries(
        self, best: list[float], gallery: int, seed: int
    ) -> None:
        groups = tuple(np.random.default_rng(seed).choice(["a", "b", "c", ""], len(best)).tolist())
        stated = StatedRates("somebody", tuple(np.geomspace(1e-2, 1e-8, 7)))
        larger = (10 * gallery, 100 * gallery)
        found = threshold_study(_strangers(best, groups, gallery), stated, larger=larger)
        for rows in (found.overall, *(_of(found, name) for name in {"a", "b", "c"} & set(groups))):
            matched = [row.observed.errors or 0 for row in rows]
            assert matched == sorted(matched, reverse=True)
            for row in rows:
                assert row.expected is not None
                matched_elsewhere = [one.by_observed.value or 0 for one in row.elsewhere]
                assert matched_elsewhere == sorted(matched_elsewhere)
                assert matched_elsewhere[0] >= (row.observed.errors or 0) - 1e-6
                expected = [row.expected, *(one.by_stated or 0 for one in row.elsewhere)]
                assert expected == sorted(expected)
        grouped = sum(row.observed.errors or 0 for row in found.groups if row.similarity == 80)
        assert grouped <= (found.overall[0].observed.errors or 0)

    def test_other_names_of_groups_change_nothing(self) -> None:
        draw = np.random.default_rng(4)
        best, groups = draw.uniform(50, 100, 60), draw.choice(["a", "b"], 60)
        one = threshold_study(_strangers(best, tuple(groups.tolist())))
        other = threshold_study(_strangers(best, tuple(np.where(groups == "a", "y", "x").tolist())))
        assert one.overall == other.overall
        assert [row.observed for row in _of(one, "a")] == [row.observed for row in _of(other, "y")]
        assert [row.observed for row in _of(one, "b")] == [row.observed for row in _of(other, "x")]

    def test_without_anybody_there_is_no_share(self) -> None:
        found = threshold_study(_strangers([]))
        assert found.people == 0
        assert {row.observed.value for row in found.overall} == {None}
        assert {row.at_most for row in found.overall} == {None}
        assert {row.implied_fmr.value for row in found.overall} == {None}
        assert found.groups == ()

    def test_where_everybody_failed_nobody_is_matched(self) -> None:
        found = threshold_study(_strangers([NAN] * 10, ("a",) * 10))
        assert found.failures == 10
        assert {row.observed.errors for row in (*found.overall, *found.groups)} == {0}

    def test_where_everybody_is_matched_everybody_is_elsewhere(self) -> None:
        (found,) = threshold_study(_strangers([100] * 10), similarities=[99], larger=[25_000]).overall
        assert found.implied_fmr.value == 1
        assert found.elsewhere[0].by_observed.value == 10

    def test_a_gallery_in_which_nobody_could_be_enrolled_implies_nothing(self) -> None:
        one = Strangers(np.array([NAN]), np.zeros(1, np.int32), np.zeros(1, np.bool_), ("",), 5, 5)
        (found,) = threshold_study(one, StatedRates("somebody", (1e-3,)), [80], [100]).overall
        assert found.implied_fmr.value is None
        assert found.elsewhere[0].by_observed.value is None
        assert found.expected == 0

    def test_two_searches_for_one_person_are_refused(self) -> None:
        twice = Strangers(np.zeros(2), np.zeros(2, np.int32), np.zeros(2, np.bool_), ("", ""), 5)
        with pytest.raises(ValueError, match="once for each person"):
            threshold_study(twice)

    def test_rates_must_be_stated_for_each_threshold(self) -> None:
        with pytest.raises(ValueError, match="1 false match rates are stated for 2 thresholds"):
            threshold_study(_strangers([50]), StatedRates("somebody", (1e-3,)), [80, 90])


def _of(study: ThresholdStudy, group: str) -> list[Matched]:
    return [row for row in study.groups if row.group == group]


class TestWhoIsChosen:
    """Probes and gallery from a data set."""

    def test_nobody_is_on_both_sides_and_each_person_once(self) -> None:
        data = _people(f=60, m=40)
        choice = choose_strangers(data, 20, 50)
        names = [data.samples[number].subject for number in (*choice.probes, *choice.gallery)]
        assert len(names) == len(set(names)) == 70
        assert (len(choice.probes), len(choice.gallery)) == (20, 50)

    def test_groups_are_even_where_they_can_be(self) -> None:
        choice = choose_strangers(_people(f=100, m=30, x=5), 30, 60, "gender")
        assert [(one.name, one.probes, one.gallery) for one in choice.chosen] == [
            ("f", 13, 42),
            ("m", 12, 18),
            ("x", 5, 0),
        ]

    def test_a_gallery_of_all_others_takes_all_others(self) -> None:
        data = _people(f=60, m=40)
        choice = choose_strangers(data, 20, attribute="gender")
        assert len(choice.gallery) == 80
        assert [(one.name, one.probes, one.gallery) for one in choice.chosen] == [
            ("f", 10, 50),
            ("m", 10, 30),
        ]
        assert choice.groups.count("f") == 10

    def test_the_seed_decides(self) -> None:
        data = _people(f=60, m=40)
        first, again = (choose_strangers(data, 20, 30, "gender", seed=1) for _ in range(2))
        assert first == again
        assert first != choose_strangers(data, 20, 30, "gender", seed=2)

    def test_who_has_no_known_group_is_taken_last(self) -> None:
        data = _people(f=10, m=10, **{"": 10})
        few = choose_strangers(data, 10, 8, "gender")
        assert "" not in few.groups
        many = choose_strangers(data, 25, 5, "gender")
        assert many.groups.count("") == 5
        assert [(one.name, one.gallery) for one in many.chosen] == [("", 5), ("f", 0), ("m", 0)]

    def test_one_picture_under_two_names_does_not_match_itself(self) -> None:
        samples = (Sample(Path("a.jpg"), "ada"), Sample(Path("b.jpg"), "bea"), Sample(Path("c.jpg"), "cyd"))
        data = DataSet("made up", samples, None, (), ("same", "same", "other"))
        choice = choose_strangers(data, 1)
        assert {*choice.probes, *choice.gallery} == {0, 2}

    def test_too_few_people_are_named(self) -> None:
        with pytest.raises(
            TooFewSubjects, match="made up has 10 subjects; 8 probes and a gallery of 3 need 11"
        ):
            choose_strangers(_people(f=10), 8, 3)
        with pytest.raises(TooFewSubjects, match="gallery of at least one"):
            choose_strangers(_people(f=10), 10)

    @given(st.lists(st.integers(0, 30), max_size=6), st.data())
    def test_sharing_out_is_as_even_as_can_be(self, available: list[int], data: st.DataObject) -> None:
        total = data.draw(st.integers(0, sum(available)))
        shares = shared_out(total, available)
        assert sum(shares) == total
        assert all(0 <= share <= most for share, most in zip(shares, available, strict=True))
        for share, most in zip(shares, available, strict=True):
            assert share == most or share >= max(shares) - 1


def _people(**groups: int) -> DataSet:
    """So many people of each group, of each two pictures; the group "" is not told."""
    samples = tuple(
        Sample(Path(f"{group}{person}-{picture}.jpg"), f"{group}{person}", {"gender": group} if group else {})
        for group, count in groups.items()
        for person in range(count)
        for picture in range(2)
    )
    return DataSet("made up", samples, None, (), ("",) * len(samples))

"""Errors by gallery size: exact where every sub-gallery can be listed, and honest about what lies beyond."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countenance.evaluation.bootstrap import SubjectBootstrap
from countenance.evaluation.estimates import Estimate
from countenance.evaluation.gallery_size import by_gallery_size, independent, sizes_up_to
from countenance.evaluation.tally import Tally, none_drawn, spread_thresholds, tally

THRESHOLDS = np.array([-0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0])


def _tally_of(
    scores: npt.NDArray[np.floating],
    probes: npt.NDArray[np.int32],
    references: npt.NDArray[np.int32],
    thresholds: npt.NDArray[np.float64] = THRESHOLDS,
    block_bytes: int = 2**20,
) -> Tally:
    return tally(
        lambda start, stop: scores[start:stop], probes, references, thresholds, block_bytes=block_bytes
    )


def _numbers(*values: int) -> npt.NDArray[np.int32]:
    return np.array(values, np.int32)


def _every_gallery(
    scores: npt.NDArray[np.floating],
    probes: npt.NDArray[np.int32],
    references: npt.NDArray[np.int32],
    size: int,
    threshold: float,
) -> tuple[float, float, float]:
    """FPIR, FNIR and rank 1, each the mean over all galleries of a size, listed one by one."""
    positive, missed, first = [], [], []
    for row, own in enumerate(probes):
        best = {
            subject: np.nanmax(scores[row, references == subject], initial=-np.inf)
            for subject in set(references.tolist())
        }
        others = [subject for subject in best if subject != own]
        positive.append(
            np.mean(
                [
                    any(best[subject] >= threshold for subject in drawn)
                    for drawn in combinations(others, min(size, len(others)))
                ]
            )
        )
        if own in best:
            wins = [
                all(best[subject] < best[own] for subject in drawn) and best[own] > -np.inf
                for drawn in combinations(others, size - 1)
            ]
            first.append(np.mean(wins))
            missed.append(1 - np.mean(wins) * (best[own] >= threshold))
    return float(np.mean(positive)), float(np.mean(missed)), float(np.mean(first))


class TestExpectationsOverSubGalleries:
    """They equal the mean over all galleries of a size, each listed."""

    @given(st.integers(0, 10_000), st.integers(1, 6), st.sampled_from(THRESHOLDS.tolist()))
    @settings(max_examples=60)
    def test_they_equal_brute_force(self, seed: int, size: int, threshold: float) -> None:
        draw = np.random.default_rng(seed)
        references = _numbers(4, 0, 1, 2, 2, 3, 5, 4)
        probes = _numbers(0, 1, 2, 3, 4, 8, 9, 5)
        scores = np.round(draw.normal(0.5, 1, (8, 8)), 1)  # with ties
        scores[draw.random((8, 8)) < 0.1] = np.nan
        counts = _tally_of(scores, probes, references)
        place = int(np.searchsorted(THRESHOLDS, threshold))
        fpir, fnir, rank_1 = _every_gallery(scores, probes, references, size, threshold)
        assert counts.found_by(size)[:, place].mean() == pytest.approx(fpir, abs=1e-12)
        first = counts.first_of(size)
        assert first.mean() == pytest.approx(rank_1, abs=1e-12)
        above = counts.mates[counts.mated] >= threshold
        assert (1 - above * first).mean() == pytest.approx(fnir, abs=1e-12)

    @given(st.integers(1, 60), st.data())
    def test_the_chance_to_draw_none_is_a_ratio_of_binomials(self, of: int, data: st.DataObject) -> None:
        drawn = data.draw(st.integers(0, of))
        exact = [comb(of - marked, drawn) / comb(of, drawn) for marked in range(of + 1)]
        assert none_drawn(drawn, of) == pytest.approx(exact, abs=1e-12)

    def test_a_rare_chance_keeps_its_digits(self) -> None:
        assert 1 - none_drawn(100, 1_000_000)[1] == pytest.approx(1e-4, rel=1e-9)
        assert 1 - none_drawn(1, 1_000_000)[1] == pytest.approx(1e-6, rel=1e-9)

    @given(st.integers(0, 1000))
    @settings(max_examples=20)
    def test_fpir_falls_with_the_threshold_and_rises_with_the_gallery(self, seed: int) -> None:
        draw = np.random.default_rng(seed)
        counts = _tally_of(
            draw.normal(size=(20, 30)), np.arange(20, dtype=np.int32), np.arange(10, 40, dtype=np.int32)
        )
        rates = np.array([counts.found_by(size).mean(axis=0) for size in range(1, 30)])
        assert (np.diff(rates, axis=1) <= 1e-12).all()
        assert (np.diff(rates, axis=0) >= -1e-12).all()


class TestCounting:
    """What the counts are made of."""

    def test_a_tally_by_hand(self) -> None:
        counts = _tally_of(
            np.array([[0.9, 0.4, 0.6], [0.2, 0.5, 0.5], [0.7, np.nan, 0.7]]),
            _numbers(0, 1, 7),
            _numbers(0, 1, 2),
            np.array([0.5, 0.7]),
        )
        assert counts.above.tolist() == [[1, 0], [1, 0], [2, 2]]
        assert counts.mates.tolist() == [0.9, 0.5, -np.inf]
        assert counts.rivals[:2].tolist() == [0, 1]
        assert counts.mated.tolist() == [True, True, False]
        assert (counts.gallery, counts.not_enrolled, counts.failures) == (3, 0, 0)

    @given(st.integers(1, 400))
    @settings(max_examples=15)
    def test_the_size_of_blocks_does_not_matter(self, block_bytes: int) -> None:
        draw = np.random.default_rng(3)
        scores = draw.normal(size=(17, 11)).astype(np.float32)
        probes, references = (
            draw.integers(0, 9, 17).astype(np.int32),
            draw.integers(0, 9, 11).astype(np.int32),
        )
        one, other = (
            _tally_of(scores, probes, references, block_bytes=size) for size in (block_bytes, 2**20)
        )
        np.testing.assert_array_equal(one.above, other.above)
        np.testing.assert_array_equal(one.rivals, other.rivals)
        np.testing.assert_array_equal(one.mates, other.mates)

    def test_scores_are_left_as_they_are(self) -> None:
        scores = np.array([[0.9, 0.4]])
        _tally_of(scores, _numbers(0), _numbers(0, 1))
        assert scores.tolist() == [[0.9, 0.4]]

    def test_failures_are_misses_and_no_false_positives(self) -> None:
        counts = tally(
            lambda start, stop: np.full((1, 1), 0.9)[start:stop],
            _numbers(0),
            _numbers(0),
            np.array([0.5]),
            failed=_numbers(0, 9),
            not_enrolled=_numbers(1),
        )
        assert (counts.gallery, counts.not_enrolled, counts.failures) == (2, 1, 2)
        assert counts.subjects.tolist() == [0, 0, 9]
        assert counts.mated.tolist() == [True, True, False]
        found = by_gallery_size(counts, SubjectBootstrap(10, 100).weights, [0.5])
        assert found.misses[-1].identified.value == pytest.approx(1 / 2)
        assert found.misses[-1].identified.trials == 2
        assert found.false_positives[0].measured.value == 0
        assert (found.probes, found.failures, found.not_enrolled) == (3, 2, 1)

    def test_a_probe_whose_mate_was_not_enrolled_misses(self) -> None:
        counts = tally(
            lambda _start, _stop: np.array([[0.1]]),
            _numbers(1),
            _numbers(0),
            np.array([0.5]),
            not_enrolled=_numbers(1),
        )
        assert counts.mated.tolist() == [True]
        assert counts.first_of(2).tolist() == [0.0]

    def test_a_gallery_of_nobody_finds_nobody(self) -> None:
        counts = tally(
            lambda start, stop: np.empty((stop - start, 0)), _numbers(1, 2), _numbers(), np.array([0.5])
        )
        found = by_gallery_size(counts, SubjectBootstrap(3, 50).weights, [0.5], [100])
        assert found.gallery == 0
        assert found.misses == ()
        assert [row.trend.value for row in found.false_positives] == [None]

    def test_no_probe_gives_no_figure(self) -> None:
        counts = _tally_of(np.empty((0, 3)), _numbers(), _numbers(0, 1, 2))
        found = by_gallery_size(counts, SubjectBootstrap(3, 50).weights, [0.5], [100])
        assert found.probes == 0
        assert {row.measured.value for row in found.false_positives} == {None}
        assert {row.independent.value for row in found.false_positives} == {None}
        assert found.misses[0].identified.value is None
        assert found.misses[0].at_fpir[0].fnir.value is None


class TestSizesAndThresholds:
    """Which sizes are measured, and at which thresholds."""

    def test_sizes_are_100_300_and_so_on_up_to_the_whole(self) -> None:
        assert sizes_up_to(13_233) == (100, 300, 1000, 3000, 10_000, 13_233)
        assert sizes_up_to(300) == (100, 300)
        assert sizes_up_to(7) == (7,)

    def test_thresholds_lie_where_scores_are_rare(self) -> None:
        scores = np.random.default_rng(1).normal(size=100_000)
        thresholds = spread_thresholds(scores, 100)
        assert (np.diff(thresholds) > 0).all()
        assert thresholds[-2] == scores.max()
        assert thresholds[-1] > scores.max()
        shares = [(scores >= threshold).mean() for threshold in thresholds[:-1]]
        steps = np.diff(np.log(shares))
        assert -steps[:60].min() < 0.15

    def test_no_score_gives_no_threshold(self) -> None:
        assert len(spread_thresholds(np.empty(0))) == 0

    def test_a_threshold_that_was_not_counted_is_refused(self) -> None:
        counts = _tally_of(np.zeros((1, 1)), _numbers(0), _numbers(1))
        with pytest.raises(ValueError, match=r"0\.7 is not one"):
            by_gallery_size(counts, np.ones((1, 2)), [0.7])


class TestExtrapolation:
    """Beyond the gallery that there is."""

    def test_independence_by_hand(self) -> None:
        found = independent(Estimate(1e-4, 5e-5, 2e-4), 420)
        # GOVERNANCE's example: an FMR of 1e-4 means 4.1 % in a gallery of 420
        assert found.value == pytest.approx(1 - 0.9999**420, rel=1e-12)
        assert found.value == pytest.approx(0.041, abs=5e-4)
        assert found.low == pytest.approx(1 - (1 - 5e-5) ** 420, rel=1e-9)
        assert independent(Estimate(1.0, 0.5, 1.0), 3).value == 1.0
        assert independent(Estimate(None), 3).value is None

    def test_of_independent_comparisons_both_ways_agree(self) -> None:
        draw = np.random.default_rng(5)
        scores = draw.random((3000, 1000), np.float32)
        counts = _tally_of(
            scores,
            np.arange(1000, 4000, dtype=np.int32),
            np.arange(1000, dtype=np.int32),
            np.array([0.9999]),
        )
        found = by_gallery_size(counts, SubjectBootstrap(4000, 200).weights, [0.9999], [5000])
        assert found.trends[0].fmr.value == pytest.approx(1e-4, rel=0.1)
        assert found.trends[0].power.value == pytest.approx(1, abs=0.01)
        rows = {row.gallery: row for row in found.false_positives}
        assert list(rows) == [100, 300, 1000, 5000]
        measured, independently = rows[1000].measured.value, rows[1000].independent.value
        assert measured == pytest.approx(independently, rel=0.03)
        assert rows[5000].trend.value == pytest.approx(rows[5000].independent.value, rel=0.05)
        assert rows[5000].independent.value == pytest.approx(1 - 0.9999**5000, rel=0.1)
        assert rows[5000].measured.value is None
        assert rows[1000].trend.value is None

    def test_where_some_probes_resemble_many_independence_promises_too_much(self) -> None:
        """And the trend, measured on a tenth of the people, is nearer to what the whole shows."""
        draw = np.random.default_rng(6)
        people = 10_000
        resembling = draw.normal(0, 0.6, (1000, 1)).astype(np.float32)
        scores = draw.standard_normal((1000, people), np.float32) + resembling
        probes = np.arange(people, people + 1000, dtype=np.int32)
        at = np.array([4.2])
        weights = SubjectBootstrap(people + 1000, 200).weights
        small = by_gallery_size(
            _tally_of(scores[:, :1000], probes, np.arange(1000, dtype=np.int32), at), weights, [4.2], [people]
        )
        truth = (
            by_gallery_size(_tally_of(scores, probes, np.arange(people, dtype=np.int32), at), weights, [4.2])
            .false_positives[-1]
            .measured.value
        )
        beyond = small.false_positives[-1]
        assert truth is not None
        assert beyond.trend.value is not None
        assert beyond.independent.value is not None
        assert small.trends[0].power.high is not None
        assert small.trends[0].power.high < 1
        assert abs(beyond.trend.value - truth) < abs(beyond.independent.value - truth) / 2
        assert beyond.independent.value > truth

    def test_without_a_false_positive_there_is_no_trend(self) -> None:
        counts = _tally_of(
            np.zeros((50, 40)), np.arange(40, 90, dtype=np.int32), np.arange(40, dtype=np.int32)
        )
        found = by_gallery_size(counts, SubjectBootstrap(90, 50).weights, [1.0], [400])
        assert found.trends[0].power.value is None
        assert found.false_positives[-1].trend.value is None
        assert found.false_positives[-1].independent.value == 0
        high = found.false_positives[0].measured.high
        assert high == pytest.approx(3 / 50)


class TestMissesBySize:
    """How well mates are found as galleries grow."""

    def test_larger_galleries_miss_more_at_the_same_fpir(self) -> None:
        draw = np.random.default_rng(8)
        people = 1200
        scores = draw.standard_normal((people, people), np.float32)
        scores[np.arange(people), np.arange(people)] += 4
        own = np.arange(people, dtype=np.int32)
        counts = _tally_of(
            scores, own, own, spread_thresholds(np.sort(scores.ravel())[-50_000:].astype(np.float64))
        )
        found = by_gallery_size(counts, SubjectBootstrap(people, 100).weights, [], fpir=(0.1, 0.01, 1e-4))
        assert [row.gallery for row in found.misses] == [100, 300, 1000, 1200]
        identified = [row.identified.value or 0 for row in found.misses]
        assert identified == sorted(identified, reverse=True)
        assert identified[0] > identified[-1]
        for place in (0, 1):
            misses = [row.at_fpir[place].fnir.value or 0 for row in found.misses]
            assert misses == sorted(misses)
            assert misses[-1] > misses[0]
        assert found.misses[0].at_fpir[0].thirty_errors
        assert not found.misses[0].at_fpir[1].thirty_errors
        assert found.misses[0].at_fpir[2].fnir.value is None

    def test_the_threshold_for_an_fpir_keeps_it(self) -> None:
        draw = np.random.default_rng(9)
        scores = draw.normal(size=(400, 300))
        scores[np.arange(300), np.arange(300)] += 2.5
        counts = _tally_of(
            scores, np.arange(400, dtype=np.int32), np.arange(300, dtype=np.int32), np.linspace(0, 5, 501)
        )
        found = by_gallery_size(counts, SubjectBootstrap(400, 50).weights, [], fpir=(0.05, 0.5))
        for row in found.misses:
            for at in row.at_fpir:
                assert at.threshold is not None
                place = int(np.searchsorted(counts.thresholds, at.threshold))
                rates = counts.found_by(row.gallery).mean(axis=0)
                assert rates[place] <= at.fpir < rates[place - 1]
                found_first = (counts.mates[:300] >= at.threshold) * counts.first_of(row.gallery)
                assert at.fnir.value == pytest.approx(1 - found_first.mean(), abs=1e-12)

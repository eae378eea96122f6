"""Scores are adjusted to how close together strangers are, and nothing that could match is missed."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.errors import PackBroken
from countenance.vision.calibration import Calibration
from countenance.vision.regions import RegionalCalibration, Regions, decoded, encoded

DIMENSIONS = 8
LADDER = Calibration((-1.0, 0.2, 0.5, 0.7), (1.0, 0.1, 1e-3, 1e-5), 1_000_000, "made up")


def unit(vectors: Any) -> Any:
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def regions_of(seed: int = 0, exponent: float = 1.25) -> Regions:
    """Five regions in eight dimensions; strangers are closer together in the first than in the last."""
    random = np.random.default_rng(seed)
    lengths = np.array([[0.9], [0.8], [0.7], [0.5], [0.3]])
    centres = unit(random.normal(size=(5, DIMENSIONS))) * lengths
    return Regions(centres.astype(np.float32), (20, 30, 40, 50, 60), 0.4, 0.1, 0.8, exponent)


def calibration_of(seed: int = 0, exponent: float = 1.25) -> RegionalCalibration:
    return RegionalCalibration(regions_of(seed, exponent), LADDER)


def templates(seed: int, count: int) -> Any:
    return unit(np.random.default_rng(seed).normal(size=(count, DIMENSIONS)))


SEEDS = st.integers(0, 10_000)
SCORES = st.floats(-1, 1)
DISTANCES = st.floats(0.1, 0.8)


@given(SCORES, SCORES, DISTANCES, DISTANCES)
def test_the_adjusted_score_rises_with_the_score(
    one: float, other: float, first: float, second: float
) -> None:
    low, high = regions_of().adjusted(sorted((one, other)), first, second)
    assert -1.0 <= low <= high <= 1.0


@given(SCORES)
def test_at_the_typical_distance_nothing_is_adjusted(score: float) -> None:
    assert regions_of().adjusted(score, 0.4, 0.4) == pytest.approx(score)


@given(st.floats(-1, 0.99), DISTANCES, DISTANCES)
def test_the_closer_together_strangers_are_the_less_a_score_counts(
    score: float, first: float, second: float
) -> None:
    crowded, sparse = sorted((first, second))
    regions = regions_of()
    assert regions.adjusted(score, crowded, 0.4) <= regions.adjusted(score, sparse, 0.4)
    assert regions.adjusted(1.0, first, second) == 1.0


@given(SCORES, DISTANCES, DISTANCES)
def test_adjusting_can_be_undone(score: float, first: float, second: float) -> None:
    regions = regions_of()
    adjusted = float(regions.adjusted(score, first, second))
    if adjusted > -1.0:
        assert regions.unadjusted(adjusted, first, second) == pytest.approx(score)


@given(SEEDS)
def test_both_sides_count_the_same(seed: int) -> None:
    first, second, calibration = templates(seed, 6), templates(seed + 1, 6), calibration_of()
    scores = (first * second).sum(axis=1)
    there, back = (
        calibration.similarities(scores, first, second),
        calibration.similarities(scores, second, first),
    )
    assert np.array_equal(there, back)


@given(SEEDS, st.floats(0, 100))
def test_whoever_is_so_similar_has_the_least_score(seed: int, similarity: float) -> None:
    calibration = calibration_of(seed)
    probe, candidates = templates(seed, 1), templates(seed + 1, 200)
    scores = candidates.astype(np.float64) @ probe[0].astype(np.float64)
    percents, _ = calibration.similarities(scores, probe, candidates)
    assert scores[percents >= similarity].min(initial=1.0) >= calibration.least_score(similarity, probe[0])


@given(SEEDS)
def test_the_least_score_is_no_lower_than_it_must_be(seed: int) -> None:
    calibration = calibration_of(seed)
    probe = templates(seed, 1)[0]
    least = calibration.least_score(80.0, probe)
    regions = calibration.regions
    farthest = regions.adjusted(least + 2e-9, regions.distances(probe[None]), regions.greatest_distance)
    assert calibration.ladder.similarity(float(farthest[0])).percent >= 80.0 - 1e-6


def test_a_template_belongs_to_the_people_it_is_most_like_on_average() -> None:
    random = np.random.default_rng(1)
    crowds = [unit(random.normal(size=DIMENSIONS) * 3 + random.normal(size=(25, DIMENSIONS))) for _ in "ab"]
    centres = np.stack([crowd.mean(axis=0) for crowd in crowds])
    regions = Regions(centres, (25, 25), 0.2, 0.01, 0.9, 1.0)
    for number, crowd in enumerate(crowds):
        assert (regions.numbers(crowd) == number).mean() > 0.9
    near = regions.distances(crowds[0][:1])[0]
    assert near == pytest.approx(1 - max(float(crowds[0][0] @ crowd.T.mean(axis=1)) for crowd in crowds))


def test_a_template_far_from_everybody_counts_as_the_farthest_that_was_measured() -> None:
    regions = regions_of()
    away = unit(-regions.centres.sum(axis=0))[None]
    close = unit(regions.centres[:1])
    assert regions.distances(away) == [0.8]
    assert regions.distances(close) == pytest.approx([0.1])


def test_centres_survive_the_packs_description() -> None:
    centres = regions_of().centres
    again = decoded([encoded(centre) for centre in centres])
    assert np.allclose(again, centres, atol=1e-3)
    assert np.array_equal(decoded([encoded(centre) for centre in again]), again)


@pytest.mark.parametrize("centres", [["*"], ["AA=="], [encoded(np.zeros(3, np.float32)), "AAA="], []])
def test_centres_that_cannot_be_read_are_refused(centres: list[str]) -> None:
    with pytest.raises(PackBroken, match="centres"):
        decoded(centres)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"people": (20, 30, 40, 50, 19)}, "at least 20"),
        ({"people": (20, 30, 40, 50)}, "number of its people"),
        ({"centres": np.full((5, DIMENSIONS), np.nan, np.float32)}, "finite"),
        ({"centres": np.zeros(5, np.float32)}, "rows"),
        ({"least_distance": 0.0}, "distances"),
        ({"least_distance": 0.5}, "distances"),
        ({"greatest_distance": 0.3}, "distances"),
        ({"greatest_distance": 2.1}, "distances"),
        ({"exponent": -1.0}, "exponent"),
        ({"exponent": float("nan")}, "exponent"),
    ],
)
def test_regions_that_make_no_sense_are_refused(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(PackBroken, match=complaint):
        dataclasses.replace(regions_of(), **change)

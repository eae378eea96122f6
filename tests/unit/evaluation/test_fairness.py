"""Fair calibration equalises crowds that lie closer together, leaves equal ones alone, and shows nobody."""

from __future__ import annotations

import importlib.resources

import numpy as np
import pytest
from simulated_faces import Faces, faces

from countenance.errors import TooFewComparisons, TooFewSubjects
from countenance.evaluation.calibrating import fit_ladder
from countenance.evaluation.fairness import FairCalibrationResult, adjusting, calibrate_fairly
from countenance.evaluation.fairness_gain import fairness_gain
from countenance.evaluation.score_counts import all_scores
from countenance.vision.packs.description import parse_description
from countenance.vision.regions import LEAST_PEOPLE, decoded

UNCALIBRATED = importlib.resources.files("countenance.vision.packs") / "catalogue" / "opencv-zoo.toml"
UNEQUAL = {"loose": 1.0, "middling": 1.3, "close": 1.7}
EQUAL = {"one": 1.2, "two": 1.2, "three": 1.2}


def fitted(closeness: dict[str, float], regions: int = 6) -> FairCalibrationResult:
    people = faces(closeness, people=250, pictures=2, seed=1)
    return calibrate_fairly(people.vectors, people.subjects, data="crowds", regions=regions, exponent=1.5)


@pytest.fixture(scope="module")
def unequal() -> FairCalibrationResult:
    return fitted(UNEQUAL)


@pytest.fixture(scope="module")
def others() -> Faces:
    return faces(UNEQUAL, people=150, pictures=2, seed=2)


def test_crowds_that_lie_close_together_are_equalised(unequal: FairCalibrationResult, others: Faces) -> None:
    gain = fairness_gain(unequal.calibration, others.vectors, others.subjects, others.crowds, replicates=200)
    assert gain.groups == ("close", "loose", "middling")
    assert gain.subjects == (150, 150, 150)
    for at in gain.at_rates[:2]:
        worst = dict(zip(gain.groups, at.under_global.within_groups, strict=True))
        assert max(worst, key=lambda name: worst[name].value or 0) == "close"
        assert at.under_global.gini.value is not None
        assert at.under_global.gini.value > 0.6
        assert at.gini_change.high is not None
        assert at.gini_change.high < -0.2
        assert at.max_over_min_ratio.value is None or at.max_over_min_ratio.value < 0.5


def test_equal_crowds_are_left_alone() -> None:
    fair = fitted(EQUAL)
    others = faces(EQUAL, people=150, pictures=2, seed=2)
    gain = fairness_gain(fair.calibration, others.vectors, others.subjects, others.crowds, replicates=200)
    at = gain.at_rates[0]
    assert at.under_fair.gini.value is not None
    assert at.under_fair.gini.value < 0.2
    assert at.tar_change.value == pytest.approx(0.0, abs=0.02)
    assert at.gini_change.low is not None
    assert at.gini_change.high is not None
    assert at.gini_change.low < 0.1
    assert at.gini_change.high > -0.1


def test_the_stated_rates_are_true_of_other_people(unequal: FairCalibrationResult, others: Faces) -> None:
    regions, ladder = unequal.calibration.regions, unequal.calibration.ladder
    adjust = adjusting(regions, regions.distances(others.vectors))
    counts = all_scores(others.vectors, others.subjects, adjust).non_mated
    for percent in (40, 60, 80):
        seen = counts.counts[counts.centres >= ladder.score_at(percent)].sum() / counts.total
        stated = ladder.similarity(ladder.score_at(percent)).false_match_rate
        assert 0.7 < seen / stated < 1.4


def test_a_region_is_made_of_twenty_people_at_least() -> None:
    people = faces(UNEQUAL | {"few": 3.0}, people=100, pictures=2, seed=3)
    few = np.array([name == "few" for name in people.crowds])
    kept = ~few | (people.subjects < people.subjects[few].min() + 8)
    made = calibrate_fairly(people.vectors[kept], people.subjects[kept], data="crowds", regions=12)
    regions = made.calibration.regions
    assert min(regions.people) >= LEAST_PEOPLE
    assert sum(regions.people) == made.people == 308
    assert made.templates == kept.sum()


def test_the_centres_are_means_of_people_and_not_of_pictures() -> None:
    people = faces({"all": 1.0}, people=40, pictures=1, seed=4)
    often = np.concatenate([np.zeros(500, np.intp), np.arange(40)])
    once = calibrate_fairly(people.vectors, people.subjects, data="x", regions=1)
    more = calibrate_fairly(people.vectors[often], people.subjects[often], data="x", regions=1)
    assert np.allclose(more.calibration.regions.centres, once.calibration.regions.centres, atol=1e-3)
    assert np.allclose(once.calibration.regions.centres[0], people.vectors.mean(axis=0), atol=1e-3)


def test_how_far_people_lie_from_the_others_is_measured_without_themselves() -> None:
    people = faces({"all": 1.0}, people=40, pictures=1, seed=4)
    regions = calibrate_fairly(people.vectors, people.subjects, data="x", regions=1).calibration.regions
    scores = people.vectors @ people.vectors.T
    with_others = (scores.sum() - len(scores)) / (len(scores) * (len(scores) - 1))
    assert regions.typical_distance == pytest.approx(1 - with_others, abs=1e-3)


def test_the_same_seed_makes_the_same_regions(unequal: FairCalibrationResult) -> None:
    assert fitted(UNEQUAL).as_toml() == unequal.as_toml()


def test_the_ladder_can_be_of_some_templates_only() -> None:
    people = faces(UNEQUAL, people=100, pictures=2, seed=5)
    loose = np.array([name == "loose" for name in people.crowds])
    made = calibrate_fairly(people.vectors, people.subjects, data="x", regions=4, of_ladder=loose)
    scores = all_scores(people.vectors[loose], people.subjects[loose]).non_mated
    assert made.calibration.ladder.non_mated_comparisons == fit_ladder(scores, "x").non_mated_comparisons


def test_what_is_printed_is_a_packs_calibration(unequal: FairCalibrationResult) -> None:
    global_part = """
[calibration]
scores = [-1.0, 0.5]
false_match_rates = [1.0, 0.001]
non_mated_comparisons = 1000
data = "made up"

"""
    text = UNCALIBRATED.read_text()
    described = parse_description((text + global_part + unequal.as_toml()).encode(), "pack.toml").calibration
    assert described is not None
    assert described.regions is not None
    regions, ladder = unequal.calibration.regions, unequal.calibration.ladder
    assert np.array_equal(decoded(described.regions.centres), regions.centres)
    assert described.regions.people == regions.people
    assert described.regions.typical_distance == regions.typical_distance
    assert described.regions.least_distance == regions.least_distance
    assert described.regions.greatest_distance == regions.greatest_distance
    assert described.regions.exponent == regions.exponent
    assert described.regions.scores == ladder.scores
    assert described.regions.false_match_rates == ladder.false_match_rates


def test_too_few_people_make_no_regions() -> None:
    people = faces({"all": 1.0}, people=39, pictures=1, seed=6)
    with pytest.raises(TooFewSubjects, match="at most 1 regions"):
        calibrate_fairly(people.vectors, people.subjects, data="x", regions=2)


def test_a_gain_needs_thirty_false_matches(unequal: FairCalibrationResult) -> None:
    people = faces({"all": 1.0}, people=50, pictures=1, seed=6)
    with pytest.raises(TooFewComparisons, match="3000 are the least"):
        fairness_gain(unequal.calibration, people.vectors, people.subjects, people.crowds)


def test_the_gain_is_what_counting_says(unequal: FairCalibrationResult) -> None:
    people = faces(UNEQUAL, people=40, pictures=2, seed=7)
    groups = [
        None if subject % 10 == 0 else name
        for subject, name in zip(people.subjects, people.crowds, strict=True)
    ]
    gain = fairness_gain(
        unequal.calibration, people.vectors, people.subjects, groups, overall_rates=(1e-2,), replicates=20
    )
    distances = unequal.calibration.regions.distances(people.vectors)
    raw = people.vectors.astype(np.float64) @ people.vectors.T.astype(np.float64)
    first, second = np.triu_indices(len(raw), 1)
    mated = people.subjects[first] == people.subjects[second]
    adjusted = unequal.calibration.regions.adjusted(raw, distances[:, None], distances[None])
    names = np.array([str(name) for name in groups])
    (at,) = gain.at_rates
    assert gain.non_mated_comparisons == (~mated).sum()
    assert gain.mated_comparisons == mated.sum()
    for values, outcome in ((raw, at.under_global), (adjusted, at.under_fair)):
        scores = values[first, second]
        ranked = np.sort(scores[~mated])[::-1]
        threshold = ranked[at.false_matches - 1]
        assert outcome.tar.value == pytest.approx((scores[mated] >= threshold).mean())
        for number, name in enumerate(gain.groups):
            within = (names[first] == name) & (names[second] == name) & ~mated
            assert gain.comparisons[number] == within.sum()
            found = outcome.within_groups[number]
            assert found.value == pytest.approx((scores[within] >= threshold).mean())
            assert found.errors == (scores[within] >= threshold).sum()

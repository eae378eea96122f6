"""Error by group: a gap that is there is named, one that is not there is not."""

from __future__ import annotations

import pytest

from countenance.errors import DataSetInvalid
from countenance.evaluation.bias import WANTED_FMR, Bias, measure_bias
from evaluated import KnownTarget, OnlyPairs, data_set

PICTURES = 3
GROUPS = ("ash", "beech", "cedar")


def people_of(each: int) -> tuple[list[int], list[str]]:
    """Return, by sample, its person, and by person the group."""
    persons = each * len(GROUPS)
    return [number // PICTURES for number in range(persons * PICTURES)], [
        GROUPS[person // each] for person in range(persons)
    ]


@pytest.fixture(scope="module")
def confusable() -> Bias:
    """People of the group cedar resemble each other."""
    people, groups = people_of(60)
    alike = [0.3 if group == "cedar" else 0.0 for group in groups]
    return measure_bias(KnownTarget(people, noise=0.9, alike=alike), data_set(people, groups))


def test_the_group_that_is_confused_more_is_named_first(confusable: Bias) -> None:
    (by_kind,) = confusable.attributes
    assert by_kind.attribute == "kind"
    assert by_kind.false_match_gaps[0].group == "cedar"
    assert by_kind.false_match_gaps[0].worse
    assert by_kind.false_match_gaps[0].low > 1
    assert by_kind.failure_gaps == ()


def test_all_groups_are_judged_at_one_threshold(confusable: Bias) -> None:
    (by_kind,) = confusable.attributes
    judged = by_kind.thresholds[-1]
    assert judged.overall_fmr.value == pytest.approx(WANTED_FMR, rel=0.01)
    trials = sum(estimate.trials or 0 for estimate in judged.fmr.values())
    errors = sum(estimate.errors or 0 for estimate in judged.fmr.values())
    assert (errors, trials) == (judged.overall_fmr.errors, judged.overall_fmr.trials)
    assert judged.differentials.false_match.highest == "cedar"
    worst = max(judged.fmr, key=lambda cell: judged.fmr[cell].value or 0)
    assert worst == (2, 2)


def test_every_cell_has_its_numbers(confusable: Bias) -> None:
    (by_kind,) = confusable.attributes
    assert [(group.name, group.samples, group.subjects) for group in by_kind.groups] == [
        (name, 180, 60) for name in GROUPS
    ]
    for (one, other), estimate in by_kind.thresholds[0].fmr.items():
        assert estimate.subjects == (60 if one == other else 120)
        assert estimate.trials == (60 * 59 // 2 * 9 if one == other else 180 * 180)
    assert [estimate.trials for estimate in by_kind.thresholds[0].fnmr] == [180] * 3


def test_a_group_s_own_threshold_gives_it_the_same_fmr(confusable: Bias) -> None:
    (by_kind,) = confusable.attributes
    own = {at.group: at.similarity or 0.0 for at in by_kind.at_equal_fmr}
    assert own["cedar"] > own["ash"]
    assert own["cedar"] > own["beech"]


def test_equal_groups_are_not_accused() -> None:
    people, groups = people_of(50)
    accused = 0
    for seed in range(10):
        measured = measure_bias(
            KnownTarget(people, noise=0.9, seed=seed), data_set(people, groups), seed=seed
        )
        accused += any(gap for gap in measured.attributes[0].false_match_gaps)
    assert accused <= 1


def test_a_group_whose_faces_are_not_found_is_named_apart_from_recognition() -> None:
    people, groups = people_of(60)
    unseen = [number for number, person in enumerate(people) if groups[person] == "ash" and number % 3 == 0]
    measured = measure_bias(KnownTarget(people, noise=0.9, unseen=unseen), data_set(people, groups))
    (by_kind,) = measured.attributes
    assert [gap.group for gap in by_kind.failure_gaps if gap.worse] == ["ash"]
    assert by_kind.groups[0].failures.value == pytest.approx(1 / 3)
    assert by_kind.false_match_gaps == ()


def test_pictures_of_nobody_s_group_are_left_out_and_counted() -> None:
    people, groups = people_of(40)
    data = data_set(people, groups)
    stripped = data.__class__(
        data.name,
        tuple(
            sample.__class__(sample.file, sample.subject, {} if number < 6 else sample.groups, sample.row)
            for number, sample in enumerate(data.samples)
        ),
        data.pairs,
        data.problems,
        data.sha256,
    )
    (by_kind,) = measure_bias(KnownTarget(people, noise=0.9), stripped).attributes
    assert by_kind.not_stated == 6
    assert by_kind.groups[0].samples == 114


def test_an_endpoint_is_measured_by_pairs() -> None:
    people, groups = people_of(40)
    endpoint = OnlyPairs(KnownTarget(people, noise=0.9))
    (by_kind,) = measure_bias(endpoint, data_set(people, groups)).attributes
    assert endpoint.asked > 1000
    assert sum(cell.total for cell in by_kind.cells.non_mated.values()) == pytest.approx(2000, abs=5)


def test_a_data_set_without_groups_is_refused() -> None:
    people, _ = people_of(5)
    with pytest.raises(DataSetInvalid, match="tells of no two groups"):
        measure_bias(KnownTarget(people), data_set(people))

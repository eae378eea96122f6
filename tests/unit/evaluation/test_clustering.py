"""B-cubed precision and recall: a hand-computed example, a slow twin, and what must always hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.evaluation.clustering import b_cubed

LABELS = st.integers(-2, 6)
TWO_LABELLINGS = st.lists(st.tuples(st.integers(0, 6), LABELS), min_size=1, max_size=40)


def slowly(true: list[int], found: list[int], least_images: int = 1) -> tuple[float, float]:
    """The definition, face by face: Bagga and Baldwin 1998."""
    precisions, recalls = [], []
    for face in range(len(true)):
        person = {other for other in range(len(true)) if true[other] == true[face]}
        group = {other for other in range(len(true)) if found[other] == found[face] >= 0} | {face}
        if len(person) >= least_images:
            precisions.append(len(person & group) / len(group))
            recalls.append(len(person & group) / len(person))
    return sum(precisions) / len(precisions), sum(recalls) / len(recalls)


def test_the_hand_computed_example() -> None:
    # Ann has four pictures, Bob two, Cleo one. Found: three of Ann; one of Ann with Cleo; Bob's two.
    ann, bob, cleo = 0, 1, 2
    answer = b_cubed([ann, ann, ann, ann, bob, bob, cleo], [5, 5, 5, 9, 7, 7, 9])
    assert answer.precision == pytest.approx((3 * 1 + 1 / 2 + 2 * 1 + 1 / 2) / 7)
    assert answer.recall == pytest.approx((3 * 3 / 4 + 1 / 4 + 2 * 1 + 1) / 7)
    assert answer.faces == 7
    assert answer.f_measure == pytest.approx(2 / (1 / answer.precision + 1 / answer.recall))


def test_of_people_with_two_images_cleo_counts_only_where_she_is_in_the_way() -> None:
    answer = b_cubed([0, 0, 0, 0, 1, 1, 2], [5, 5, 5, 9, 7, 7, 9], least_images=2)
    assert answer.precision == pytest.approx((3 * 1 + 1 / 2 + 2 * 1) / 6)
    assert answer.recall == pytest.approx((3 * 3 / 4 + 1 / 4 + 2 * 1) / 6)
    assert answer.faces == 6


def test_faces_that_are_alone_are_not_a_group_together() -> None:
    assert b_cubed([0, 1, 2], [-1, -1, -1]).precision == 1
    assert b_cubed([0, 0, 0], [-1, -1, -1]).recall == pytest.approx(1 / 3)


@given(TWO_LABELLINGS)
def test_the_fast_way_gives_what_the_definition_says(labellings: list[tuple[int, int]]) -> None:
    true, found = [person for person, _ in labellings], [group for _, group in labellings]
    answer = b_cubed(true, found)
    assert (answer.precision, answer.recall) == pytest.approx(slowly(true, found))
    if max(true.count(person) for person in true) >= 2:
        of_some = b_cubed(true, found, least_images=2)
        assert (of_some.precision, of_some.recall) == pytest.approx(slowly(true, found, 2))


@given(st.lists(st.integers(0, 6), min_size=1, max_size=40))
def test_people_found_as_they_are_score_one(people: list[int]) -> None:
    answer = b_cubed(people, [7 * person + 3 for person in people])
    assert (answer.precision, answer.recall, answer.f_measure) == (1, 1, 1)


def test_labels_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(ValueError, match="same length"):
        b_cubed([0, 1], [0, 1, 2])
    with pytest.raises(ValueError, match="nobody has 2 faces"):
        b_cubed(np.arange(3), np.arange(3), least_images=2)
    with pytest.raises(ValueError, match="nobody"):
        b_cubed([], [])

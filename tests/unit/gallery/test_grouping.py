"""Grouping: people are found, what was confirmed and said holds, and order changes nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from grouped_faces import SETTINGS, Album, Labels, album, albums, partition
from hypothesis import given, settings
from hypothesis import strategies as st

from countenance.evaluation.clustering import b_cubed
from countenance.gallery.grouping import ALONE, GroupingSettings, group_faces


def test_faces_of_the_same_people_come_together() -> None:
    faces = album([0, 1, 2, 0, 1, 0, 3])
    assert faces.grouped().tolist() == [0, 1, -1, 0, 1, 0, -1]


def test_the_largest_group_comes_first_and_of_equal_ones_that_of_the_first_face() -> None:
    faces = album([4, 0, 1, 2, 0, 2, 1, 2])
    assert faces.grouped().tolist() == [-1, 1, 2, 0, 1, 0, 2, 0]


@given(albums())
def test_confirmed_groups_neither_lose_nor_share_nor_join(faces: Album) -> None:
    labels = faces.grouped()
    known = faces.confirmed != ALONE
    assert (labels[known] == faces.confirmed[known]).all()


@given(albums())
def test_what_was_said_holds(faces: Album) -> None:
    labels = faces.grouped()
    together = labels[:, None] == labels[None]
    together[labels == ALONE] = False
    assert not together[faces.apart[:, 0], faces.apart[:, 1]].any()
    assert (labels[faces.not_in[:, 0]] != faces.not_in[:, 1]).all()
    for picture in set(faces.pictures.tolist()) - {-1}:
        rows = np.flatnonzero(faces.pictures == picture)
        of_one_person = together[np.ix_(rows, rows)] & ~np.eye(len(rows), dtype=bool)
        confirmed_so = (faces.confirmed[rows][:, None] == faces.confirmed[rows]) & (
            faces.confirmed[rows] != ALONE
        )
        assert not (of_one_person & ~confirmed_so).any()


@given(albums(), st.integers(0, 1_000))
def test_the_order_of_the_faces_changes_nothing(faces: Album, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(faces.people))
    there, back = partition(faces.grouped()), partition(faces.in_order(order).grouped())
    assert there == {frozenset(order[list(group)].tolist()) for group in back}


@given(albums())
def test_labels_are_those_of_confirmed_groups_and_the_next_numbers(faces: Album) -> None:
    labels = faces.grouped()
    first_new = faces.confirmed.max() + 1
    new, sizes = np.unique(labels[labels >= first_new], return_counts=True)
    assert new.tolist() == list(range(first_new, first_new + len(new)))
    assert (sizes >= 2).all()
    assert all(larger >= smaller for larger, smaller in pairwise(sizes))


@given(st.lists(st.integers(0, 5), min_size=1, max_size=20), st.integers(2, 70))
@settings(max_examples=25)
def test_copies_of_a_face_come_together(people: list[int], copies: int) -> None:
    once = album(people)
    vectors, qualities = np.repeat(once.vectors, copies, axis=0), np.repeat(once.qualities, copies)
    labels = group_faces(vectors, qualities, settings=SETTINGS).labels.reshape(-1, copies)
    assert (labels == labels[:, :1]).all()
    assert (labels != ALONE).all()


def test_new_faces_join_the_confirmed_group_they_are_most_like() -> None:
    faces = album([0, 0, 1, 1, 0, 1, 2])
    known = replace(faces, confirmed=np.array([7, 7, 3, 3, -1, -1, -1]))
    assert known.grouped().tolist() == [7, 7, 3, 3, 7, 3, -1]


def test_a_person_confirmed_as_two_groups_stays_two() -> None:
    faces = replace(album([0, 0, 0, 0, 0]), confirmed=np.array([0, 0, 1, 1, -1]))
    labels = faces.grouped()
    assert labels[:4].tolist() == [0, 0, 1, 1]
    assert labels[4] in (0, 1)


def test_two_faces_of_one_picture_are_two_people_however_alike() -> None:
    twins = replace(album([0, 0, 0, 0], noise=0.01), pictures=np.array([5, 5, 8, 8]))
    labels = twins.grouped()
    assert labels[0] != labels[1]
    assert labels[2] != labels[3]
    assert sorted(map(len, partition(labels))) == [2, 2]


def test_a_face_that_is_not_of_a_person_may_be_of_another() -> None:
    faces = replace(
        album([0, 0, 0, 0]), confirmed=np.array([0, 0, -1, -1]), not_in=np.array([[2, 0], [3, 0]])
    )
    assert faces.grouped().tolist() == [0, 0, 1, 1]


def test_what_is_said_of_a_face_is_said_of_whom_it_is_joined_with() -> None:
    # 2 is not 0's person, and is certainly 3's: so 3 cannot be 0's either, once it is with 2.
    vectors = np.array([[1, 0.0], [0.93, 0.3676], [0.93, -0.3676], [0.96, -0.28]], np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    alike = group_faces(vectors, np.full(4, 50, np.float32), settings=SETTINGS).labels
    assert alike.tolist() == [0, 0, 0, 0]
    apart = group_faces(
        vectors, np.full(4, 50, np.float32), settings=SETTINGS, apart=np.array([[0, 2]])
    ).labels
    assert apart.tolist() == [0, 0, 1, 1]


def chain(count: int, step_degrees: float) -> npt.NDArray[np.float32]:
    angles = np.radians(step_degrees) * np.arange(count)
    return np.stack((np.cos(angles), np.sin(angles)), axis=1).astype(np.float32)


def test_a_chain_of_faces_each_like_the_next_is_not_one_person() -> None:
    assert len(partition(equally(chain(12, 20)))) >= 4


def equally(vectors: npt.NDArray[np.floating]) -> Labels:
    """The labels of faces of the same quality, each vector made one of length 1."""
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return group_faces(
        vectors.astype(np.float32), np.full(len(vectors), 50, np.float32), settings=SETTINGS
    ).labels


def test_which_of_equally_good_pairs_is_joined_does_not_depend_on_the_order() -> None:
    faces = chain(4, 25)
    there = partition(equally(faces))
    assert there == {frozenset({0, 1}), frozenset({2, 3})} or frozenset({1, 2}) in there
    for seed in range(12):
        order = np.random.default_rng(seed).permutation(4)
        back = partition(equally(faces[order]))
        assert {frozenset(order[list(group)].tolist()) for group in back} == there


def test_where_strangers_are_alike_more_is_needed() -> None:
    axes = np.eye(16)
    # Twelve who score 0.75 with each other, but for the first two, who score 0.82.
    crowd = np.sqrt(0.75) * axes[0] + np.sqrt(0.25) * axes[1:13]
    crowd[1] = np.sqrt(0.75) * axes[0] + np.sqrt(0.25) * (0.28 * axes[1] + 0.96 * axes[2])
    pair = np.stack((axes[14], 0.82 * axes[14] + np.sqrt(1 - 0.82**2) * axes[15]))
    assert equally(np.concatenate((pair, crowd))).tolist() == [0, 0, *[ALONE] * 12]
    assert equally(np.concatenate((pair, crowd[:2]))).tolist() == [0, 0, 1, 1]


def bursts(seed: int = 0) -> Album:
    """Two series of 60 pictures of one person, each more like its own than any of the other; and others."""
    faces = album([0, 1] * 60 + list(range(2, 22)), 0.0005, seed)
    one, other = faces.vectors[0], faces.vectors[1] - faces.vectors[1] @ faces.vectors[0] * faces.vectors[0]
    vectors = faces.vectors.copy()
    vectors[1:120:2] += one - faces.vectors[1] + 0.5 * other / np.linalg.norm(other)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return replace(faces, vectors=vectors)


def test_series_of_more_pictures_than_are_looked_at_come_together() -> None:
    assert bursts().grouped().tolist() == [0] * 120 + [ALONE] * 20


@pytest.mark.parametrize("seed", range(5))
def test_series_with_two_different_people_stay_apart(seed: int) -> None:
    labels = replace(bursts(seed), apart=np.array([[6, 21]])).grouped()
    assert labels.tolist() == [0, 1] * 60 + [ALONE] * 20


def test_more_pictures_of_a_person_than_are_looked_at_are_still_one() -> None:
    people = [0] * 300 + [1] * 120 + [2] * 3
    labels = album(people, noise=0.08).grouped()
    assert b_cubed(people, labels).f_measure == 1


def test_a_face_of_low_quality_counts_for_less() -> None:
    # The third is like the first of two faces and less like the second.
    vectors = np.array([[1, 0, 0], [0.9, 0.4359, 0], [0.81, 0.0, 0.5864]], np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    blurred_second = group_faces(vectors, np.array([90, 2, 90], np.float32), settings=SETTINGS).labels
    blurred_first = group_faces(vectors, np.array([2, 90, 90], np.float32), settings=SETTINGS).labels
    assert blurred_second.tolist() == [0, 0, 0]
    assert blurred_first.tolist() == [0, 0, -1]


class NearTheFirstAxis:
    """Strangers are twice as close together near the first axis."""

    def distances(self, vectors: npt.ArrayLike) -> npt.NDArray[np.float64]:
        return np.where(np.asarray(vectors)[:, 0] > 0.5, 0.5, 1.0)

    def adjusted(
        self, scores: npt.ArrayLike, first: npt.ArrayLike, second: npt.ArrayLike
    ) -> npt.NDArray[np.float64]:
        unit = (np.asarray(first) + np.asarray(second)) / 2
        return np.asarray(1 - (1 - np.asarray(scores)) / unit, np.float64)


def test_scores_are_adjusted_to_where_the_faces_lie() -> None:
    alike = np.array([[1, 0], [0.85, 0.5268]], np.float32)
    vectors = np.concatenate((alike, -alike))
    qualities = np.full(4, 50, np.float32)
    assert group_faces(vectors, qualities, settings=SETTINGS).labels.tolist() == [0, 0, 1, 1]
    adjusted = replace(SETTINGS, surroundings=NearTheFirstAxis())
    assert group_faces(vectors, qualities, settings=adjusted).labels.tolist() == [-1, -1, 0, 0]


def test_of_no_faces_and_of_one_there_are_no_groups() -> None:
    nobody = group_faces(np.empty((0, 128), np.float32), np.empty(0, np.float32), settings=SETTINGS)
    assert nobody.labels.shape == (0,)
    assert album([0]).grouped().tolist() == [-1]


@pytest.mark.slow
def test_a_large_collection_is_grouped_without_comparing_everybody_with_everybody() -> None:
    people = np.repeat(np.arange(7_500), 3)
    draw = np.random.default_rng(1)
    directions = draw.normal(size=(7_500, 64))
    vectors = directions[people] + 0.3 * draw.normal(size=(len(people), 64))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = group_faces(
        vectors.astype(np.float32), np.full(len(people), 50, np.float32), settings=SETTINGS
    ).labels
    found = b_cubed(people, labels)
    assert found.precision >= 0.999
    assert found.recall >= 0.98


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ({"confirmed": np.array([0, 0])}, "one confirmed label"),
        ({"pictures": np.array([0, 0])}, "one picture for each face"),
        ({"confirmed": np.array([-2, 0, 0])}, "0 or more"),
        ({"apart": np.array([[0, 3]])}, "from 0 to 2"),
        ({"apart": np.array([[-1, 1]])}, "from 0 to 2"),
        ({"apart": np.array([[1, 1]])}, "one person"),
        ({"confirmed": np.array([4, 4, -1]), "apart": np.array([[1, 0]])}, "one person"),
        ({"confirmed": np.array([4, 4, -1]), "not_in": np.array([[1, 4]])}, "said not to be in"),
        ({"confirmed": np.array([4, 4, -1]), "not_in": np.array([[2, 3]])}, "has confirmed faces"),
        ({"not_in": np.array([[2, -1]])}, "has confirmed faces"),
    ],
)
def test_what_contradicts_itself_is_refused(what: dict[str, npt.NDArray[np.int64]], message: str) -> None:
    faces = album([0, 1, 2])
    with pytest.raises(ValueError, match=message):
        group_faces(faces.vectors, faces.qualities, settings=SETTINGS, **what)


def test_templates_must_be_finite_and_have_their_qualities() -> None:
    faces = album([0, 1, 2])
    with pytest.raises(ValueError, match="finite templates"):
        group_faces(faces.vectors, faces.qualities[:2], settings=SETTINGS)
    with pytest.raises(ValueError, match="finite templates"):
        group_faces(np.full((3, 4), np.nan, np.float32), faces.qualities, settings=SETTINGS)


def test_scores_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ValueError, match="must rise"):
        GroupingSettings(same_person=0.5, strangers=0.9)

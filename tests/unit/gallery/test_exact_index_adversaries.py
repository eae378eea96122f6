"""Vectors that 8-bit codes cannot tell apart, or tell apart wrongly, do not mislead a search."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from brute_force import Vectors, best, listed, normalised

from countenance.gallery.index import ExactIndex

# More than a tail holds: most are coded, the last few hundred are scanned as they are.
COUNT = 4_700
SEALED = 4_400

Random = np.random.Generator
Adversary = Callable[[Random], Vectors]


def a_ladder_of_least_steps(random: Random) -> Vectors:
    """Scores with the first axis differ by one unit in the last place, in an order unlike the keys'."""
    score = np.float32(0.9) + random.permutation(COUNT) * np.float32(2**-24)
    rest = random.normal(size=(COUNT, 7))
    rest *= (np.sqrt(1 - score.astype(np.float64) ** 2) / np.linalg.norm(rest, axis=1))[:, None]
    return np.column_stack((score, rest)).astype(np.float32)


def a_cluster_and_one_far_away(random: Random) -> Vectors:
    """The far one stretches every dimension's range until the cluster has one code."""
    point = random.normal(size=8)
    vectors = point + random.normal(size=(COUNT, 8)) * 1e-6
    vectors[random.integers(SEALED)] = -point
    return normalised(vectors)


def opposites(random: Random) -> Vectors:
    """Their mean is nothing, which no reflection turns onto an axis."""
    half = random.normal(size=(SEALED // 2, 8))
    return normalised(np.concatenate((half, -half, half[: COUNT - SEALED])))


def a_mean_on_the_first_axis(random: Random) -> Vectors:
    half = random.normal(size=(SEALED // 2, 8)) * [0, *[1e-3] * 7]
    return normalised(np.concatenate((half, -half, half[: COUNT - SEALED])) + np.eye(8)[0])


def a_mean_on_the_other_end_of_the_first_axis(random: Random) -> Vectors:
    return normalised(a_mean_on_the_first_axis(random) * [-1, *[1] * 7])


def five_people_again_and_again(random: Random) -> Vectors:
    return normalised(random.normal(size=(5, 8)))[random.integers(0, 5, COUNT)]


def one_person_only(random: Random) -> Vectors:
    return np.repeat(normalised(random.normal(size=(1, 8))), COUNT, axis=0)


def the_same_numbers_in_other_orders(random: Random) -> Vectors:
    """All sums of their numbers are equal, but for the order in which they are rounded."""
    return random.permuted(np.repeat(normalised(random.normal(size=(1, 8))), COUNT, axis=0), axis=1)


def numbers_next_to_nothing(random: Random) -> Vectors:
    vectors = random.normal(size=(COUNT, 8)) * 1e-39
    vectors[:, 0] = 1.0
    return vectors.astype(np.float32)


def many_dimensions(random: Random) -> Vectors:
    return normalised(random.normal(size=(COUNT, 512)) * 1e-3 + random.normal(size=512))


ADVERSARIES = [
    a_ladder_of_least_steps,
    a_cluster_and_one_far_away,
    opposites,
    a_mean_on_the_first_axis,
    a_mean_on_the_other_end_of_the_first_axis,
    five_people_again_and_again,
    one_person_only,
    the_same_numbers_in_other_orders,
    numbers_next_to_nothing,
    many_dimensions,
]


# Neither in the order of the rows nor without gaps.
KEYS = 3 * np.arange(COUNT)[::-1]


def index_of(vectors: Vectors) -> ExactIndex:
    index = ExactIndex()
    index.add(KEYS[:SEALED], vectors[:SEALED])
    index.add(KEYS[SEALED:], vectors[SEALED:])
    return index


def probes_of(vectors: Vectors) -> Vectors:
    """Return an axis, a diagonal, one of the vectors and the opposite of another."""
    dimensions = vectors.shape[1]
    return normalised(np.stack((np.eye(dimensions)[0], np.ones(dimensions), vectors[17], -vectors[-1])))


@pytest.fixture(params=ADVERSARIES, ids=lambda adversary: adversary.__name__.replace("_", " "))
def vectors(request: pytest.FixtureRequest) -> Vectors:
    adversary: Adversary = request.param
    return adversary(np.random.default_rng(11))


@pytest.mark.parametrize("most", [1, 10, 700, COUNT + 1])
def test_hard_vectors_are_ranked_as_brute_force_ranks_them(vectors: Vectors, most: int) -> None:
    index, probes = index_of(vectors), probes_of(vectors)
    expected = [best(KEYS, vectors, probe, most) for probe in probes]
    assert [listed(hits) for hits in index.search(probes, most)] == expected
    assert [listed(index.search(probe[None], most)[0]) for probe in probes] == expected


def test_the_score_asked_for_is_itself_enough(vectors: Vectors) -> None:
    index, probe = index_of(vectors), probes_of(vectors)[1]
    ranked = best(KEYS, vectors, probe, COUNT)
    for rank in (0, 40, 900):
        for score in (ranked[rank][1], float(np.nextafter(ranked[rank][1], 2))):
            found = listed(index.search(probe[None], COUNT, score)[0])
            assert found == [hit for hit in ranked if hit[1] >= score]


def test_the_best_that_were_removed_hide_nobody_behind_them(vectors: Vectors) -> None:
    index, probe = index_of(vectors), probes_of(vectors)[2]
    # Few enough for the segment to keep their places, which the scan still comes upon.
    gone = [key for key, _ in best(KEYS, vectors, probe, SEALED // 5)]
    index.remove(np.array(gone))
    left = ~np.isin(KEYS, gone)
    expected = best(KEYS[left], vectors[left], probe, 60)
    assert listed(index.search(probe[None], 60)[0]) == expected
    known = [key for key, _ in expected[:50]]
    assert listed(index.search(probe[None], 10, -1.0, known)[0]) == expected[50:]

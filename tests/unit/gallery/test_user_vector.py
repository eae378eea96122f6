"""A user's vector lies among its faces', nearer to the better ones."""

from __future__ import annotations

import math

import numpy as np
import pytest
from brute_force import Vectors, normalised
from hypothesis import given
from hypothesis import strategies as st

from countenance.gallery.users import user_vector

QUALITIES = st.lists(st.floats(0, 100, width=32), min_size=1, max_size=100)
SEEDS = st.integers(0, 2**16)


def faces(count: int, seed: int = 0, dimensions: int = 16) -> Vectors:
    return normalised(np.random.default_rng(seed).normal(size=(count, dimensions)))


def slow_user_vector(vectors: Vectors, qualities: list[float]) -> list[float]:
    """Return the weighted mean, number by number."""
    total = [
        math.fsum(
            (0.1 + 0.9 * quality / 100) * float(face[i])
            for face, quality in zip(vectors, qualities, strict=True)
        )
        for i in range(vectors.shape[1])
    ]
    length = math.hypot(*total)
    return [number / length for number in total]


@given(qualities=QUALITIES, seed=SEEDS)
def test_it_is_the_mean_of_the_faces_weighted_by_quality(qualities: list[float], seed: int) -> None:
    vectors = faces(len(qualities), seed)
    vector = user_vector(vectors, np.array(qualities, np.float32))
    assert vector.tolist() == pytest.approx(slow_user_vector(vectors, qualities), abs=1e-5)


@given(qualities=QUALITIES, seed=SEEDS)
def test_it_is_a_template_like_any_other(qualities: list[float], seed: int) -> None:
    vector = user_vector(faces(len(qualities), seed), np.array(qualities, np.float32))
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector.astype(np.float64)) == pytest.approx(1.0, abs=1e-6)


@given(qualities=QUALITIES, seed=SEEDS)
def test_the_order_of_the_faces_does_not_matter(qualities: list[float], seed: int) -> None:
    vectors, weights = faces(len(qualities), seed), np.array(qualities, np.float32)
    order = np.random.default_rng(seed).permutation(len(qualities))
    np.testing.assert_allclose(
        user_vector(vectors, weights), user_vector(vectors[order], weights[order]), atol=1e-5
    )


@pytest.mark.parametrize("quality", [0.0, 37.5, 100.0])
def test_a_single_face_stands_for_its_user(quality: float) -> None:
    vectors = faces(1)
    np.testing.assert_allclose(user_vector(vectors, np.array([quality], np.float32)), vectors[0], atol=1e-7)


def test_the_worst_face_counts_a_tenth_of_the_best() -> None:
    vector = user_vector(np.eye(2, dtype=np.float32), np.array([100, 0], np.float32))
    assert vector[1] / vector[0] == pytest.approx(0.1)


def test_a_quality_beyond_the_scale_counts_as_its_end() -> None:
    vectors = faces(2)
    beyond, ends = np.array([250, -40], np.float32), np.array([100, 0], np.float32)
    np.testing.assert_array_equal(user_vector(vectors, beyond), user_vector(vectors, ends))


def test_a_hundred_equal_faces_are_as_good_as_one() -> None:
    vectors = np.repeat(faces(1), 100, axis=0)
    vector = user_vector(vectors, np.linspace(0, 100, 100).astype(np.float32))
    np.testing.assert_allclose(vector, vectors[0], atol=1e-6)


@pytest.mark.parametrize("count", [2, 4, 100])
def test_faces_that_cancel_each_other_out_leave_the_best(count: int) -> None:
    half = faces(count // 2)
    vectors = np.concatenate((half, -half))
    vector = user_vector(vectors, np.full(count, 80, np.float32))
    assert vector.tolist() in vectors.tolist()


def test_of_two_opposite_faces_the_better_decides() -> None:
    face = faces(1)
    vector = user_vector(np.concatenate((face, -face)), np.array([20, 60], np.float32))
    np.testing.assert_allclose(vector, -face[0], atol=1e-6)

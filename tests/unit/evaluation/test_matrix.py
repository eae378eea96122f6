"""All comparisons as products of matrices: the same as one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countenance.evaluation import matrix
from countenance.evaluation.comparisons import Comparisons
from countenance.evaluation.matrix import all_comparisons


def templates(pictures: int, people: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    subjects = draw.integers(0, people, pictures).astype(np.int32)
    vectors = draw.normal(size=(people, 16))[subjects] + 0.7 * draw.normal(size=(pictures, 16))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), subjects


def one_by_one(
    vectors: np.ndarray, subjects: np.ndarray, groups: np.ndarray, cell: tuple[int, int], *, mated: bool
) -> list[float]:
    return sorted(
        (
            float(vectors[one] @ vectors[other])
            for one in range(len(vectors))
            for other in range(one + 1, len(vectors))
            if (subjects[one] == subjects[other]) == mated
            and tuple(sorted((groups[one], groups[other]))) == cell
        ),
        reverse=True,
    )


@settings(max_examples=25)
@given(st.integers(2, 60), st.integers(1, 20), st.integers(1, 3), st.integers(0, 1000))
def test_blocks_give_every_comparison_once(pictures: int, people: int, groups: int, seed: int) -> None:
    vectors, subjects = templates(pictures, people, seed)
    group_of = (subjects % groups).astype(np.int32)
    names = tuple("abc"[:groups])
    cells = all_comparisons(vectors, subjects, group_of, names, block_bytes=4 * 64**2).filled()
    for cell, found in cells.non_mated.items():
        expected = one_by_one(vectors, subjects, group_of, cell, mated=False)
        assert found.total == len(expected)
        assert found.complete
        assert found.scores == pytest.approx(expected, abs=1e-6)
    for group, found in cells.mated.items():
        expected = one_by_one(vectors, subjects, group_of, (group, group), mated=True)
        assert found.scores == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("block_bytes", [4 * 64**2, 4 * 200**2, 2**24])
def test_of_many_comparisons_the_highest_are_listed_and_all_are_counted(block_bytes: int) -> None:
    vectors, subjects = templates(900, 300, 1)
    groups = (subjects % 2).astype(np.int32)
    cells = all_comparisons(vectors, subjects, groups, ("even", "odd"), block_bytes=block_bytes)
    scores = vectors @ vectors.T
    upper = np.triu(np.ones_like(scores, dtype=bool), 1) & (subjects[:, None] != subjects[None])
    for one, other in ((0, 0), (0, 1), (1, 1)):
        chosen = (
            upper
            & (np.minimum(groups[:, None], groups) == one)
            & (np.maximum(groups[:, None], groups) == other)
        )
        found = cells.non_mated[one, other]
        expected = np.sort(scores[chosen])[::-1]
        assert found.total == chosen.sum()
        if (one, other) == (0, 1):
            assert not found.complete
            assert 0.01 < len(found.scores) / found.total < 0.1
            assert found.histogram is not None
            assert found.histogram.counts.sum() == found.total
            assert found.histogram.counts == pytest.approx(
                np.histogram(np.clip(expected, -1, 1 - 1e-7), found.histogram.edges)[0], abs=3
            )
        assert found.scores == pytest.approx(expected[: len(found.scores)], abs=1e-6)
        assert found.population is not None
        assert found.population.total(np.ones((1, int(subjects.max()) + 1)))[0] == found.total


def test_scores_are_listed_from_where_they_are_wanted() -> None:
    vectors, subjects = templates(900, 300, 2)
    found = all_comparisons(vectors, subjects, listed_from=0.0).non_mated[0, 0]
    scores = vectors @ vectors.T
    different = np.triu(np.ones_like(scores, dtype=bool), 1) & (subjects[:, None] != subjects[None])
    assert len(found.scores) == pytest.approx((scores[different] >= 0.0).sum(), abs=2)
    assert found.floor >= 0.0


def test_weights_of_a_population_add_up_as_those_of_each_comparison_do() -> None:
    vectors, subjects = templates(120, 40, 3)
    groups = (np.arange(120) % 2).astype(np.int32)  # pictures of one subject lie in both groups
    weights = np.random.default_rng(0).exponential(size=(3, 40))
    cells = all_comparisons(vectors, subjects, groups, ("a", "b"), people=40)
    for cell in cells.non_mated.values():
        assert cell.population is not None
        assert isinstance(cell, Comparisons)
        listed = (weights[:, cell.first] * weights[:, cell.second]).sum(axis=1)
        assert cell.population.total(weights) == pytest.approx(listed)


def test_no_template_gives_no_comparison() -> None:
    cells = all_comparisons(np.zeros((0, 128), np.float32), np.zeros(0, np.int32)).filled()
    assert cells.non_mated[0, 0].total == 0
    assert cells.mated[0].total == 0


def test_blocks_keep_to_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    largest = 0
    blocks = matrix._blocks  # noqa: SLF001

    def watched(bounds: dict[int, tuple[int, int]], side: int) -> object:
        nonlocal largest
        for cell, rows, columns in blocks(bounds, side):
            largest = max(largest, (rows.stop - rows.start) * (columns.stop - columns.start) * 4)
            yield cell, rows, columns

    monkeypatch.setattr(matrix, "_blocks", watched)
    vectors, subjects = templates(900, 300, 4)
    all_comparisons(vectors, subjects, block_bytes=100_000)
    assert 50_000 < largest <= 100_000

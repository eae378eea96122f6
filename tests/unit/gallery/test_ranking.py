"""Hits in the order of adjusted scores are those that adjusting everything would give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from brute_force import normalised
from hypothesis import given, settings
from hypothesis import strategies as st

from countenance.gallery.index import ExactIndex
from countenance.gallery.ranking import Wanted, best_hits

DIMENSIONS = 4
KEYS = np.arange(1, 401) * 7


@dataclass(frozen=True)
class Leaning:
    """Adds up to ``most`` to a score, by a vector's first number."""

    probe: Any
    most: float

    def scores(self, vectors: Any) -> Any:
        rows = np.asarray(vectors, np.float64)
        return np.einsum("ij,j->i", rows, self.probe.astype(np.float64)) + self.most * (rows[:, 0] + 1) / 2

    def least(self, adjusted: float) -> float:
        return adjusted - self.most - 1e-9


def index_of(seed: int) -> tuple[ExactIndex, Any]:
    vectors = normalised(np.random.default_rng(seed).normal(size=(len(KEYS), DIMENSIONS)))
    index = ExactIndex()
    index.add(KEYS, vectors)
    return index, vectors


@settings(max_examples=60)
@given(
    st.integers(0, 1000),
    st.sampled_from([1, 2, 5, 60]),
    st.sampled_from([-1.0, 0.5, 0.9, 1.5]),
    st.sampled_from([0.0, 0.3, 0.8]),
    st.booleans(),
)
def test_the_best_by_adjusted_score_are_found(
    seed: int, most: int, at_least: float, lean: float, excludes: bool
) -> None:
    index, vectors = index_of(seed)
    probe = normalised(np.random.default_rng(seed + 1).normal(size=(1, DIMENSIONS)))[0]
    adjusting = Leaning(probe, lean)
    excluding = tuple(KEYS[:3].tolist()) if excludes else ()
    found = best_hits(index, probe, most, Wanted(most, at_least, excluding, adjusting))
    scores = adjusting.scores(vectors)
    ranked = [place for place in np.lexsort((KEYS, -scores)) if scores[place] >= at_least]
    ranked = [place for place in ranked if KEYS[place] not in excluding]
    assert [key for key, _ in found.hits] == [KEYS[place] for place in ranked[:most]]
    assert [score for _, score in found.hits] == pytest.approx([scores[place] for place in ranked[:most]])
    assert not found.all or len(ranked) < most


def test_without_adjusting_the_order_is_the_indexs_own() -> None:
    index, vectors = index_of(1)
    found = best_hits(index, vectors[5], 10, Wanted(10, -1.0, (), None))
    hits = index.search(vectors[5][None], 10)[0]
    assert found.hits == list(zip(hits.keys.tolist(), hits.scores.tolist(), strict=True))


def test_nothing_is_found_in_an_empty_index() -> None:
    probe = normalised(np.ones((1, DIMENSIONS)))[0]
    found = best_hits(ExactIndex(), probe, 5, Wanted(5, -1.0, (), Leaning(probe, 0.5)))
    assert found.hits == []
    assert found.all

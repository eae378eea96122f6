"""Whatever was added, replaced and removed before, a search answers for what is there now."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence

import numpy as np
import pytest
from brute_force import Found, Vectors, best, listed, normalised
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from countenance.gallery.index import ExactIndex

DIMENSIONS = 4
KEYS = 50_000
# A few keys, or enough to fill a tail (4,096 rows) in one or in a few blocks.
SIZES = st.one_of(st.integers(1, 50), st.integers(500, 5_000))
FIRST = st.integers(0, 30_000)
SEEDS = st.integers(0, 2**16)
MOST = st.one_of(st.integers(1, 20), st.sampled_from([700, KEYS]))


def people(count: int, seed: int) -> Vectors:
    """Return vectors in small tight clusters, some of them twice."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(8, DIMENSIONS))
    vectors = centres[random.integers(0, 8, count)] + random.normal(size=(count, DIMENSIONS)) * 1e-3
    vectors[count // 2 :: 7] = vectors[0]
    return normalised(vectors)


class History(RuleBasedStateMachine):
    """An index, and beside it a row for each key and whether it is taken."""

    def __init__(self) -> None:
        super().__init__()
        self.index = ExactIndex()
        self.rows = np.zeros((KEYS, DIMENSIONS), np.float32)
        self.taken = np.zeros(KEYS, np.bool_)

    @initialize(blocks=st.integers(0, 9), seed=SEEDS)
    def begin_with_segments_to_join(self, blocks: int, seed: int) -> None:
        for block in range(blocks):
            self.add_or_replace(4_200, 4_000 * block, 1, seed + block)

    @rule(count=SIZES, first=FIRST, step=st.sampled_from([1, 2]), seed=SEEDS)
    def add_or_replace(self, count: int, first: int, step: int, seed: int) -> None:
        keys, vectors = first + step * np.arange(count), people(count, seed)
        order = np.random.default_rng(seed).permutation(count)
        self.index.add(keys[order], vectors[order])
        self.rows[keys], self.taken[keys] = vectors, True

    @rule(count=SIZES, first=FIRST, step=st.sampled_from([1, 3]))
    def remove_some_that_may_be_there(self, count: int, first: int, step: int) -> None:
        keys = first + step * np.arange(count)
        self.index.remove(keys)
        self.taken[keys] = False

    @rule(share=st.sampled_from([2, 3, 10]), offset=st.integers(0, 9))
    def remove_a_share_of_all(self, share: int, offset: int) -> None:
        keys = np.flatnonzero(self.taken)[offset::share]
        self.index.remove(keys)
        self.taken[keys] = False

    @rule(seed=SEEDS, most=MOST, at_least=st.sampled_from([-1.0, 0.5, 0.999999]))
    def search_alone(self, seed: int, most: int, at_least: float) -> None:
        probe = people(1, seed)
        (hits,) = self.index.search(probe, most, at_least)
        assert listed(hits) == self.brute_force(probe[0], most, at_least)

    @rule(seed=SEEDS, most=MOST, excluded=st.integers(0, 100))
    def search_together_but_for_the_best(self, seed: int, most: int, excluded: int) -> None:
        probes = people(3, seed)
        known = [key for key, _ in self.brute_force(probes[0], excluded)]
        for probe, hits in zip(probes, self.index.search(probes, most, -1.0, known), strict=True):
            assert listed(hits) == self.brute_force(probe, most, excluding=known)

    @invariant()
    def it_counts_what_is_there(self) -> None:
        assert len(self.index) == self.taken.sum()

    def brute_force(
        self, probe: Vectors, most: int, at_least: float = -1.0, excluding: Sequence[int] = ()
    ) -> Found:
        return best(np.flatnonzero(self.taken), self.rows[self.taken], probe, most, at_least, excluding)


TestHistory = History.TestCase
TestHistory.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)


def test_a_block_is_found_whole_or_not_at_all_while_it_is_added() -> None:
    """Three of each block are alike, and found again and again while blocks are added, sealed and joined."""
    others, alike = people(97, 1), normalised(np.ones((3, DIMENSIONS)))
    others[others @ alike[0] > 0.98] *= -1
    block, index, over = np.concatenate((others, alike)), ExactIndex(), threading.Event()

    def add() -> None:
        for first in itertools.count(0, len(block)):
            if over.is_set():
                return
            index.add(np.arange(first, first + len(block)), block)

    thread, counts = threading.Thread(target=add), set[int]()
    thread.start()
    try:
        while len(counts) < 30:
            (hits,) = index.search(alike[:1], 20_000, 0.99)
            counts.add(len(hits.keys))
    finally:
        over.set()
        thread.join()
    assert [count for count in counts if count % 3] == []


def test_a_vector_that_takes_anothers_place_is_found_all_the_while() -> None:
    index, vectors = ExactIndex(), people(6_000, 2)
    keys = np.arange(len(vectors))
    index.add(keys, vectors)
    over, missed = threading.Event(), list[int]()

    def search() -> None:
        while not over.is_set():
            (hits,) = index.search(vectors[:1], 1)
            missed.append(len(hits.keys) == 0 or hits.scores[0] < 0.999999)

    thread = threading.Thread(target=search)
    thread.start()
    for _ in range(30):
        index.add(keys, vectors)
    over.set()
    thread.join()
    assert not any(missed)


def test_a_vector_that_cannot_be_added_replaces_nothing() -> None:
    index, vectors = ExactIndex(), people(3, 3)
    index.add(np.arange(3), vectors)
    with pytest.raises(ValueError, match="same dimensions"):
        index.add(np.array([0]), normalised(np.ones((1, DIMENSIONS + 1))))
    assert listed(index.search(vectors[:1], 1)[0])[0][0] == 0
    assert len(index) == 3

"""An index answers what brute force answers, whatever the vectors and whatever was added and removed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countenance.gallery.index import ExactIndex
from countenance.gallery.index.segment import Segment, Tail

if TYPE_CHECKING:
    from countenance.gallery.index import Hits

# Enough for several segments, and for joining them; one more than a tail holds.
TAIL = 4_096
KINDS = ("spread", "nearly equal", "repeated", "alike but for one number", "constant in all but one number")


def unit_vectors(kind: str, count: int, dimensions: int, seed: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return vectors that are easy or hard to tell apart by their codes."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(count, dimensions))
    if kind == "nearly equal":
        vectors = vectors * 1e-4 + random.normal(size=dimensions)
    elif kind == "repeated":
        vectors = vectors[random.integers(0, max(count // 20, 1), count)]
    elif kind == "alike but for one number":
        vectors[:, 1:] *= 1e-3
    elif kind == "constant in all but one number":
        vectors[:, 1:] = 0.5
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32)


def brute_force(
    entries: dict[int, Any], query: Any, most: int, at_least: float, excluding: set[int]
) -> tuple[list[int], list[float]]:
    """Return keys and scores in float64, the best first, equal scores by ascending key."""
    keys = [key for key in sorted(entries) if key not in excluding]
    if not keys:
        return [], []
    vectors = np.stack([entries[key] for key in keys]).astype(np.float64)
    scores = np.einsum("ij,j->i", vectors, query.astype(np.float64))
    best = [place for place in np.argsort(-scores, kind="stable")[:most] if scores[place] >= at_least]
    return [keys[place] for place in best], [float(scores[place]) for place in best]


def assert_equals_brute_force(
    hits: Hits, entries: dict[int, Any], query: Any, most: int, at_least: float = -1.0, excluding: Any = ()
) -> None:
    keys, scores = brute_force(entries, query, most, at_least, set(excluding))
    assert hits.keys.tolist() == keys
    assert hits.scores.tolist() == pytest.approx(scores, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    count=st.integers(1, 3 * TAIL),
    dimensions=st.sampled_from([1, 2, 8, 32]),
    blocks=st.integers(1, 6),
    gone=st.sampled_from([0.0, 0.1, 0.9]),
    most=st.integers(1, 300),
    at_least=st.sampled_from([-1.0, 0.0, 0.9]),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_search_answers_as_brute_force_does(
    kind: str, count: int, dimensions: int, blocks: int, gone: float, most: int, at_least: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    vectors, keys = unit_vectors(kind, count, dimensions, seed), random.permutation(10 * count)[:count]
    index = ExactIndex()
    for rows in np.array_split(np.arange(count), blocks):
        index.add(keys[rows], vectors[rows])
    leaving = random.random(count) < gone
    index.remove(keys[leaving])
    entries = dict(zip(keys[~leaving].tolist(), vectors[~leaving], strict=True))
    queries = unit_vectors("spread", 2, dimensions, seed + 1)
    queries[0] = vectors[0]
    excluding = list(entries)[:2]
    assert len(index) == len(entries)
    for query, hits in zip(queries, index.search(queries, most, at_least, excluding), strict=True):
        assert_equals_brute_force(hits, entries, query, most, at_least, excluding)


@settings(max_examples=30, deadline=None)
@given(changes=st.lists(st.tuples(st.booleans(), st.integers(0, 40), st.integers(0, 2**16)), max_size=60))
def test_a_vector_added_under_a_known_key_takes_the_others_place(
    changes: list[tuple[bool, int, int]],
) -> None:
    index, entries = ExactIndex(), dict[int, Any]()
    for adds, key, seed in changes:
        if adds:
            entries[key] = unit_vectors("spread", 1, 4, seed)[0]
            index.add(np.array([key]), entries[key][None])
        else:
            entries.pop(key, None)
            index.remove(np.array([key]))
    query = unit_vectors("spread", 1, 4, 0)
    assert_equals_brute_force(index.search(query, 50)[0], entries, query[0], 50)


@pytest.mark.parametrize("kind", KINDS)
def test_joined_segments_and_a_tail_answer_as_one(kind: str) -> None:
    count = 20 * TAIL + 100
    vectors = unit_vectors(kind, count, 4, 7)
    index = ExactIndex()
    for start in range(0, count, 1_000):
        index.add(np.arange(start, min(start + 1_000, count)), vectors[start : start + 1_000])
    index.remove(np.arange(0, count, 3))
    entries = {key: vectors[key] for key in range(count) if key % 3}
    queries = unit_vectors("spread", 3, 4, 8)
    for query in queries:  # a lone query goes another way than a batch
        assert_equals_brute_force(index.search(query[None], 90)[0], entries, query, 90)
    for query, hits in zip(queries, index.search(queries, 90), strict=True):
        assert_equals_brute_force(hits, entries, query, 90)


def test_an_empty_index_finds_nothing() -> None:
    index = ExactIndex()
    (hits,) = index.search(unit_vectors("spread", 1, 4, 0), 10)
    assert (len(hits.keys), len(hits.scores), len(index)) == (0, 0, 0)
    index.remove(np.array([1]))
    assert index.memory_bytes() == 0


@pytest.mark.parametrize(
    ("keys", "vectors"),
    [
        ([1, 2], [[1.0, 0.0]]),
        ([1, 1], [[1.0, 0.0], [0.0, 1.0]]),
        ([1], [[np.nan, 0.0]]),
        ([1], [[np.inf, 0.0]]),
    ],
)
def test_what_cannot_be_searched_is_not_added(keys: list[int], vectors: list[list[float]]) -> None:
    index = ExactIndex()
    with pytest.raises(ValueError, match="different keys"):
        index.add(np.array(keys), np.array(vectors, np.float32))
    assert len(index) == 0


def test_what_was_removed_is_nowhere_in_memory() -> None:
    keys, vectors = np.arange(100), unit_vectors("spread", 100, 32, 3)
    segment, tail = Segment(keys, vectors), Tail(32, 100)
    tail.append(keys, vectors)
    for part in (segment, tail):
        part.remove(part.rows(np.array([5, 7, 200])))
        assert np.flatnonzero(~part.vectors.any(axis=1)).tolist() == [5, 7]
    assert not segment.code_bytes()[[5, 7]].any()
    assert segment.code_bytes()[6].any()


def test_searching_beside_adding_and_removing_finds_what_is_always_there() -> None:
    vectors = unit_vectors("spread", 3 * TAIL, 8, 5)
    index = ExactIndex()
    index.add(np.array([0]), vectors[:1])
    over, problems = threading.Event(), list[str]()

    def search() -> None:
        while not over.is_set():
            (hits,) = index.search(vectors[:1], 5)
            if hits.keys[0] != 0 or abs(hits.scores[0] - 1.0) > 1e-6 or (np.diff(hits.scores) > 0).any():
                problems.append(str(hits))

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for start in range(1, len(vectors), 97):
        keys = np.arange(start, min(start + 97, len(vectors)))
        index.add(keys, vectors[keys])
        index.remove(keys[::2])
    over.set()
    for thread in threads:
        thread.join()
    assert problems == []


@settings(max_examples=30, deadline=None)
@given(count=st.sampled_from([1, 50, TAIL, TAIL + 1, 3 * TAIL]), seed=st.integers(0, 2**16))
def test_the_vectors_of_keys_are_those_that_were_added(count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    vectors, keys = unit_vectors("spread", count, 8, seed), random.permutation(10 * count)[:count]
    index = ExactIndex()
    for rows in np.array_split(np.arange(count), 3):
        index.add(keys[rows], vectors[rows])
    index.remove(keys[:1])
    expected = vectors.copy()
    expected[0] = 0.0
    asked = random.permutation(count)[:100]
    assert np.array_equal(index.vectors(keys[asked]), expected[asked])
    assert np.array_equal(index.vectors(np.array([10 * count])), np.zeros((1, 8)))


def test_the_vectors_of_replaced_keys_are_the_new_ones_or_the_old_ones_but_never_none() -> None:
    old, new = unit_vectors("spread", 2, 8, 1)
    index = ExactIndex()
    index.add(np.arange(100), unit_vectors("spread", 100, 8, 2))
    index.add(np.array([7]), old[None])
    over = threading.Event()

    def replace() -> None:
        while not over.is_set():
            for vector in (new, old):
                index.add(np.array([7]), vector[None])

    changing = threading.Thread(target=replace)
    changing.start()
    try:
        for _ in range(300):
            seen = index.vectors(np.array([7]))[0]
            assert np.array_equal(seen, old) or np.array_equal(seen, new)
    finally:
        over.set()
        changing.join()

"""Callers who are busy at the same time share one run."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pytest

from countenance.faces import Pixels
from countenance.vision.batching import MicroBatcher

Floats = npt.NDArray[np.float32]


def chips(*values: int) -> Pixels:
    return np.array(values, np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 3), np.uint8)


def firsts(batch: Pixels) -> Floats:
    return batch[:, 0, 0, :1].astype(np.float32)


def test_a_lone_caller_gets_its_answer() -> None:
    batcher = MicroBatcher(firsts, longest_wait_seconds=60)
    with batcher.caller():
        assert batcher(chips(3, 4)).tolist() == [[3], [4]]


def test_callers_of_the_same_moment_share_a_run_and_get_their_own_rows() -> None:
    sizes: list[int] = []

    def run(batch: Pixels) -> Floats:
        sizes.append(len(batch))
        return firsts(batch)

    batcher = MicroBatcher(run, longest_wait_seconds=60)
    everyone_announced = threading.Barrier(8)

    def call(number: int) -> Floats:
        with batcher.caller():
            everyone_announced.wait()
            return batcher(chips(number, number + 100))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(call, range(8)))
    assert [answer.tolist() for answer in answers] == [[[n], [n + 100]] for n in range(8)]
    assert sum(sizes) == 16
    assert len(sizes) < 8


def test_a_large_order_is_split() -> None:
    sizes: list[int] = []

    def run(batch: Pixels) -> Floats:
        sizes.append(len(batch))
        return firsts(batch)

    assert len(MicroBatcher(run, largest_batch=4)(chips(*range(10)))) == 10
    assert sizes == [4, 4, 2]


def test_an_error_reaches_its_callers_and_the_next_caller_is_served() -> None:
    def run(batch: Pixels) -> Floats:
        if batch.max() > 200:
            raise ValueError("too bright")
        return firsts(batch)

    batcher = MicroBatcher(run)
    with pytest.raises(ValueError, match="too bright"):
        batcher(chips(255))
    assert batcher(chips(7)).tolist() == [[7]]


def test_many_threads_and_many_orders_all_get_what_they_asked_for() -> None:
    batcher = MicroBatcher(firsts, largest_batch=5, longest_wait_seconds=0.001)

    def call(number: int) -> bool:
        value, count = number % 251, number % 7 + 1
        with batcher.caller():
            answer: list[list[float]] = batcher(chips(*[value] * count)).tolist()
        return answer == [[value]] * count

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(call, range(500)))

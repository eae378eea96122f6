"""Many small tasks by a few threads."""

from __future__ import annotations

import threading
import time
from functools import partial

import pytest

from countenance.evaluation.targets.in_parallel import run_in_parallel


def test_every_task_is_done_once() -> None:
    done: list[int] = []
    run_in_parallel((partial(done.append, number) for number in range(100)), 4, lambda: None)
    assert sorted(done) == list(range(100))


def test_tasks_are_done_side_by_side() -> None:
    together = threading.Barrier(3, timeout=10)
    run_in_parallel([lambda: (together.wait(), None)[1]] * 3, 3, lambda: None)


def test_after_a_failure_no_task_is_begun_and_its_error_is_raised() -> None:
    begun: list[int] = []
    halted: list[bool] = []

    def task(number: int) -> None:
        begun.append(number)
        if number == 2:
            raise ValueError("the third")
        time.sleep(0.01)

    with pytest.raises(ValueError, match="the third"):
        run_in_parallel((partial(task, number) for number in range(1000)), 2, lambda: halted.append(True))
    assert len(begun) < 20
    assert halted == [True]

"""Several pictures are worked on at a time, and their answers come in order."""

from __future__ import annotations

import itertools
import time

import pytest

from countenance.doors.cli.parallel import in_order


def test_answers_come_in_the_order_of_the_items() -> None:
    def slow_first(item: int) -> int:
        time.sleep(0.02 if item % 5 == 0 else 0)
        return item * item

    assert list(in_order(slow_first, range(40))) == [item * item for item in range(40)]


def test_few_items_are_taken_ahead_of_the_answers() -> None:
    taken = itertools.count()
    answers = in_order(lambda item: item, (next(taken) for _ in range(1_000_000)))
    assert [next(answers) for _ in range(10)] == list(range(10))
    assert next(taken) < 50
    answers.close()


def test_an_unexpected_error_comes_out_at_its_place() -> None:
    answers = in_order(lambda item: 6 // item, [3, 0, 1])
    assert next(answers) == 2
    with pytest.raises(ZeroDivisionError):
        next(answers)

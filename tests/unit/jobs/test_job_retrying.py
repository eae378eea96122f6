"""Waiting before what failed is tried again: longer each time, within bounds, never all at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.errors import (
    CountenanceError,
    ImageBroken,
    JobItemsGone,
    MoratoriumInForce,
    StoreUnavailable,
)
from countenance.jobs.retrying import back_off, verdict_of
from countenance.jobs.run import JobStopped
from countenance.jobs.values import JobState

FAILURES, CHANCES = st.integers(1, 10_000), st.floats(0, 1)
TEN_MINUTES = timedelta(minutes=10)


@given(failures=FAILURES, chance=CHANCES)
def test_a_wait_is_between_a_second_and_ten_minutes(failures: int, chance: float) -> None:
    assert timedelta(seconds=1) <= back_off(failures, chance) <= TEN_MINUTES


@given(failures=FAILURES, chance=CHANCES, another=CHANCES)
def test_the_next_wait_is_never_shorter_than_this_one_may_be(
    failures: int, chance: float, another: float
) -> None:
    assert back_off(failures + 1, 0) >= back_off(failures, 0)
    assert back_off(failures + 1, chance) >= min(back_off(failures, another), TEN_MINUTES / 2)


@given(failures=FAILURES)
def test_half_of_a_wait_is_left_to_chance(failures: int) -> None:
    assert back_off(failures, 1) == 2 * back_off(failures, 0)


@pytest.mark.parametrize(("failures", "seconds"), [(1, 2), (2, 4), (3, 8), (9, 512), (10, 600), (99, 600)])
def test_waits_double_up_to_ten_minutes(failures: int, seconds: float) -> None:
    assert back_off(failures, 1) == timedelta(seconds=seconds)


@given(failures=st.integers(0, 20), chance=CHANCES)
def test_a_verdict_always_ends_the_job_or_lets_it_wait(failures: int, chance: float) -> None:
    for error in (
        None,
        StoreUnavailable("x"),
        ImageBroken("x"),
        MoratoriumInForce("x"),
        JobItemsGone("x"),
        JobStopped(),
        ValueError("x"),
        KeyboardInterrupt(),
        CountenanceError("x"),
    ):
        verdict = verdict_of(error, failures, chance)
        assert verdict.state in (None, JobState.SUCCEEDED, JobState.FAILED)
        assert (verdict.state is JobState.SUCCEEDED) == (error is None)
        assert timedelta(0) <= verdict.after <= TEN_MINUTES
        assert not (verdict.failed and verdict.state)


def test_what_is_put_back_because_it_failed_waits_and_what_was_stopped_does_not() -> None:
    assert verdict_of(StoreUnavailable("x"), 0, 0.5).after > timedelta(0)
    for stopped in (JobStopped(), JobItemsGone("x"), KeyboardInterrupt(), SystemExit()):
        verdict = verdict_of(stopped, 3, 0.5)
        assert (verdict.state, verdict.after, verdict.failed) == (None, timedelta(0), False)

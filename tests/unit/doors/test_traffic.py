"""What is counted of traffic is told by minutes and quarters of an hour, and takes little memory."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from countenance.doors.metrics import Metrics
from countenance.doors.traffic import Traffic

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC).timestamp()


class Clock:
    """A clock that a test sets, in seconds since 1970."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_answers_are_counted_in_the_minute_and_the_quarter_in_which_they_were_given(clock: Clock) -> None:
    traffic = Traffic(clock)
    for minutes, failed in ((0, False), (0, True), (1, False), (16, True)):
        clock.now = START + minutes * 60 + 5
        traffic.add(0.01, failed=failed)
    told = [(each.began_at.minute, each.requests, each.failed) for each in traffic.last_hour()]
    assert [each for each in told if each[1]] == [(0, 2, 1), (1, 1, 0), (16, 1, 1)]
    told = [(each.began_at.minute, each.requests, each.failed) for each in traffic.last_day()]
    assert [each for each in told if each[1]] == [(0, 3, 1), (15, 1, 1)]


def test_every_minute_of_the_last_hour_is_told_also_one_without_requests(clock: Clock) -> None:
    traffic = Traffic(clock)
    traffic.add(0.01, failed=False)
    periods = traffic.last_hour()
    assert (len(periods), len(traffic.last_day())) == (60, 96)
    assert [each.began_at.timestamp() for each in periods] == [
        START - 60 * back for back in range(59, -1, -1)
    ]
    assert (periods[0].requests, periods[0].median_seconds, periods[0].slow_seconds) == (0, None, None)


def test_what_is_older_than_an_hour_is_not_told_in_minutes_any_more(clock: Clock) -> None:
    traffic = Traffic(clock)
    traffic.add(0.01, failed=False)
    clock.now += 3600
    assert sum(each.requests for each in traffic.last_hour()) == 0
    assert sum(each.requests for each in traffic.last_day()) == 1
    clock.now += 23 * 3600
    assert sum(each.requests for each in traffic.last_day()) == 0


def test_times_are_told_within_a_quarter_of_what_they_are(clock: Clock) -> None:
    traffic, drawn = Traffic(clock), random.Random(1)
    seconds = sorted(drawn.lognormvariate(-4, 1) for _ in range(2001))
    for each in seconds:
        traffic.add(each, failed=False)
    last = traffic.last_hour()[-1]
    assert last.median_seconds == pytest.approx(seconds[1000], rel=0.25)
    assert last.slow_seconds == pytest.approx(seconds[1900], rel=0.25)


@pytest.mark.parametrize("seconds", [0.0, 0.0005, 1e9])
def test_times_beyond_what_is_told_apart_are_told_as_its_ends(clock: Clock, seconds: float) -> None:
    traffic = Traffic(clock)
    traffic.add(seconds, failed=False)
    slow = traffic.last_hour()[-1].slow_seconds
    assert slow is not None
    assert 0 <= slow <= 60


def test_a_clock_that_is_put_back_loses_nothing(clock: Clock) -> None:
    traffic = Traffic(clock)
    traffic.add(0.01, failed=False)
    clock.now -= 120
    traffic.add(0.01, failed=False)
    clock.now += 120
    assert traffic.last_hour()[-1].requests == 2


def test_a_day_of_requests_is_held_in_as_many_periods_as_are_shown(clock: Clock) -> None:
    traffic = Traffic(clock)
    for _ in range(3 * 24 * 60):
        clock.now += 60
        traffic.add(0.01, failed=False)
    assert sum(each.requests for each in traffic.last_hour()) == 60
    assert 95 * 15 <= sum(each.requests for each in traffic.last_day()) <= 96 * 15


def test_the_counters_of_a_server_count_it_too() -> None:
    metrics = Metrics()
    metrics.observe_request("ListFaces", "OK", 0.01)
    metrics.observe_request("ListFaces", "AccessDeniedException", 0.01)
    last = metrics.traffic.last_day()[-1]
    assert (last.requests, last.failed) == (2, 1)
    assert metrics.traffic.started_at <= datetime.now(UTC)

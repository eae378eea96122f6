"""Bars and lines of traffic lie within their frame, at the height of what they show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from countenance.doors.console.charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    latency_chart,
    requests_chart,
)
from countenance.doors.traffic import Period

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
BASE = HEIGHT - BOTTOM


def period(number: int, requests: int, failed: int = 0, seconds: float | None = None) -> Period:
    slow = seconds * 2 if seconds is not None else None
    return Period(START + timedelta(minutes=number), requests, failed, seconds, slow)


def test_a_bar_is_as_high_as_its_share_of_the_top_failures_above_the_rest() -> None:
    chart = requests_chart([period(0, 10, 4), period(1, 0), period(2, 5)])
    assert (chart.top, chart.middle, len(chart.bars)) == (10, 5, 2)
    first, last = chart.bars
    assert first.failed_y == TOP
    assert first.good_y + first.good_height == BASE
    assert round(first.failed_y + first.failed_height, 2) == first.good_y
    assert last.good_y == (TOP + BASE) / 2
    assert last.failed_height == 0


def test_a_line_is_broken_where_nothing_was_measured_and_a_lone_point_is_a_dot() -> None:
    chart = latency_chart([period(0, 1, 0, 0.1), period(1, 1, 0, 0.05), period(2, 0), period(3, 1, 0, 0.1)])
    assert chart.median is not None
    assert chart.slow is not None
    assert (chart.top, len(chart.median.pieces), len(chart.median.dots)) == (200, 1, 1)
    assert chart.slow.pieces[0].split(" ")[0].endswith(f",{TOP}.0")


@given(
    st.lists(
        st.builds(
            lambda requests, failed, seconds: (
                requests,
                min(failed, requests),
                seconds if requests else None,
            ),
            st.integers(0, 10**9),
            st.integers(0, 10**9),
            st.floats(0, 1000),
        ),
        min_size=1,
        max_size=96,
    )
)
def test_nothing_is_drawn_outside_the_frame(counts: list[tuple[int, int, float | None]]) -> None:
    periods = [period(place, *each) for place, each in enumerate(counts)]
    for bar in requests_chart(periods).bars:
        assert TOP - 0.02 <= bar.failed_y <= BASE
        assert LEFT <= bar.x <= bar.x + bar.width <= WIDTH - RIGHT + 0.02
    latency = latency_chart(periods)
    for line in (latency.median, latency.slow):
        assert line is not None
        points = [point.split(",") for piece in line.pieces for point in piece.split(" ")]
        for x, y in (*line.dots, *((float(x), float(y)) for x, y in points)):
            assert LEFT <= x <= WIDTH - RIGHT
            assert TOP - 0.02 <= y <= BASE

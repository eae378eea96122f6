"""Days as browsers send them are read, and nothing else is."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.doors.console.days import day_of, read_day


@given(st.dates(date(1900, 1, 1), date(2999, 12, 31)))
def test_a_day_that_is_written_is_read_again(day: date) -> None:
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert read_day(day_of(begin)) == begin


@given(st.text(max_size=12))
def test_whatever_is_sent_is_a_day_or_none(text: str) -> None:
    found = read_day(text)
    assert found is None or day_of(found) == text


@pytest.mark.parametrize(
    "text",
    ["", "2026-02-30", "2026-2-3", "1899-12-31", "3000-01-01", "0000-00-00", "2026-01-01\n", "٢٠٢٦-٠١-٠١"],
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert read_day(text) is None

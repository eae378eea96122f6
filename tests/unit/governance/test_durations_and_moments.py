"""Durations and moments are those of ISO 8601, or are refused; whatever is added to them is a time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from countenance.errors import PolicyInvalid
from countenance.governance.policy import duration, moment

LONGEST = timedelta(days=200 * 365)
DATE_DAYS = {"Y": 365, "M": 30, "W": 7, "D": 1}
TIME_SECONDS = {"H": 3600, "M": 60, "S": 1}
COUNTS = st.none() | st.integers(0, 99)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def written(units: Iterable[str], counts: dict[str, int | None]) -> str:
    return "".join(f"{counts[unit]}{unit}" for unit in units if counts[unit] is not None)


@given(
    days=st.fixed_dictionaries(dict.fromkeys(DATE_DAYS, COUNTS)),
    seconds=st.fixed_dictionaries(dict.fromkeys(TIME_SECONDS, COUNTS)),
)
def test_a_duration_is_the_sum_of_its_parts(
    days: dict[str, int | None], seconds: dict[str, int | None]
) -> None:
    total = timedelta(
        days=sum((count or 0) * DATE_DAYS[unit] for unit, count in days.items()),
        seconds=sum((count or 0) * TIME_SECONDS[unit] for unit, count in seconds.items()),
    )
    assume(timedelta(0) < total < LONGEST)
    date, time = written(DATE_DAYS, days), written(TIME_SECONDS, seconds)
    assert duration(f"P{date}T{time}" if time else f"P{date}") == total


@given(days=st.integers(1, LONGEST.days - 1), seconds=st.integers(0, 86_399))
def test_any_length_below_two_hundred_years_can_be_said(days: int, seconds: int) -> None:
    assert duration(f"P{days}DT{seconds}S") == timedelta(days=days, seconds=seconds)


@pytest.mark.parametrize("nothing", ["", "P", "PT", "P1DT", "T1H", "1D", "30", "none", "3 days, 0:00:00"])
@pytest.mark.parametrize("around", ["{}", " {}", "{} ", "{}\n"])
def test_what_is_no_duration_is_refused(nothing: str, around: str) -> None:
    with pytest.raises(PolicyInvalid, match="is no ISO 8601 duration such as P30D"):
        duration(around.format(nothing))


@pytest.mark.parametrize(
    "text",
    [
        *("P0D", "PT0S", "P0Y0M0DT0H0M0S"),
        *("-P1D", "P-1D", "P1D-", "PT-1H", "P1DT-25H"),
        *("P200Y", "P73000D", "P999999999999Y", "P9999999999999Y", "PT999999999999H", f"P{'9' * 5000}D"),
        *("P1.5D", "P1,5D", "PT0.5S", "P1e3D", "P0x1D"),
        *("P٣D", "P１D", "P²D", "P1Ｄ"),
        *(
            "p1d",
            "P1d",
            "P1D1D",
            "P1D2Y",
            "P1S",
            "PT1Y",
            "P 1D",
            "P1 D",
            "P+1D",
            "P1_0D",
            "P1D ",
            "P1D\n",
            "P10",
        ),
    ],
)
def test_no_time_at_all_a_negative_a_huge_or_a_misspelt_one_is_refused(text: str) -> None:
    with pytest.raises(PolicyInvalid, match="is no ISO 8601 duration such as P30D"):
        duration(text)


@given(text=st.text(max_size=12) | st.text("PTYMWDHS0123456789.,-+ ", max_size=12))
def test_no_text_becomes_a_duration_that_is_none(text: str) -> None:
    try:
        assert timedelta(0) < duration(text) < LONGEST
        assert text.isascii()
    except PolicyInvalid:
        pass


@given(
    time=st.datetimes(datetime(1900, 1, 2), datetime(2999, 12, 30)),
    zone=ZONES,
    how=st.sampled_from(["T", " "]),
)
def test_a_moment_is_read_in_any_zone_and_told_in_utc(time: datetime, zone: timezone, how: str) -> None:
    there = time.replace(tzinfo=zone)
    assert moment(there.isoformat(how)) == there
    assert moment(there.isoformat(how)).tzinfo is UTC


@given(time=st.datetimes(datetime(1900, 1, 1), datetime(2999, 12, 31)))
def test_a_moment_without_a_zone_is_utc(time: datetime) -> None:
    assert moment(time.isoformat()) == time.replace(tzinfo=UTC)
    assert moment(time.date().isoformat()) == datetime(time.year, time.month, time.day, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "2027", "2027-02-30", "2027-01-31T25:00", "31.01.2027", "２０２７-01-31", "1800000000"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1899-12-31", "3000-01-01"),
    ],
)
def test_what_is_no_moment_of_these_centuries_is_refused(text: str) -> None:
    with pytest.raises(PolicyInvalid, match=r"is no ISO 8601 time such as|is not of the years"):
        moment(text)


@given(text=st.text(max_size=30) | st.datetimes().map(datetime.isoformat))
def test_whatever_is_read_as_a_moment_and_a_duration_can_be_added_and_taken_away(text: str) -> None:
    try:
        found = moment(text)
    except PolicyInvalid:
        return
    assert found - LONGEST < found < found + LONGEST

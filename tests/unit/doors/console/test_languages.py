"""Languages of the console: which one a reader gets, and how it writes numbers and times."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from countenance.doors.console.languages import LANGUAGES, language, language_of


@pytest.mark.parametrize(
    ("chosen", "accepted", "code"),
    [
        (None, None, "en"),
        (None, "", "en"),
        (None, "fr-CA,en;q=0.8", "fr"),
        (None, "zh-Hans-CN", "zh"),
        (None, "nl", "en"),
        ("hi", "fr", "hi"),
        ("xx", "es", "es"),
        (None, ",,;q=1,%", "en"),
        (None, "en," * 100_000, "en"),
    ],
)
def test_a_reader_gets_what_they_chose_or_what_the_browser_asks_for(
    chosen: str | None, accepted: str | None, code: str
) -> None:
    assert language_of(chosen, accepted).code == code


def test_numbers_are_written_as_readers_expect_them() -> None:
    assert language("en").number(1234567.891, 2) == "1,234,567.89"
    assert language("de").number(1234567.891, 2) == "1.234.567,89"
    assert language("hi").number(1234567) == "12,34,567"
    assert language("en").number(-0.0) == "0"
    assert " ".join(language("fr").percent(0.1234).split()) == "12,3 %"  # which space differs by release
    assert language("en").percent(1, 0) == "100%"
    assert language("es").bytes(1_500_000) == "1,5 MB"
    assert language("en").bytes(999) == "999 B"


def test_times_are_in_utc_whatever_zone_they_come_in() -> None:
    at = datetime(2026, 3, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert language("en").moment(at) == "28 Feb 2026, 22:30 UTC"
    assert language("en").day(at) == "28 Feb 2026"
    assert language("de").day(date(2026, 12, 24)) == "24.12.2026"
    assert language("zh").moment(at) == "2026年2月28日, 22:30 UTC"


def test_what_was_and_what_will_be_is_told_in_one_unit() -> None:
    now = datetime.now(UTC)
    assert language("en").ago(now - timedelta(hours=3, minutes=2)) == "3 hours ago"
    assert language("de").ago(now + timedelta(days=2, minutes=1)) == "in 2 Tagen"


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_message_that_is_in_no_catalogue_is_told_in_english(code: str) -> None:
    assert language(code).say("no such message: %(name)s", name="x") == "no such message: x"

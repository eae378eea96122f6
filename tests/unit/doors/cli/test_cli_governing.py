"""Small parts of the commands that govern."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest
import typer

from countenance.doors.cli import consent, review
from countenance.doors.cli.erasure_progress import Lines
from countenance.doors.cli.options import moment, utf8
from countenance.doors.cli.words import expected_in_words, time_in_words
from countenance.governance import ConsentMethod, ReviewState, Verdict


@pytest.mark.parametrize(
    ("choices", "values"),
    [(consent.Method, ConsentMethod), (review.State, ReviewState), (review.Verdict, Verdict)],
)
def test_the_choices_of_an_option_are_those_of_the_rules(choices: object, values: type) -> None:
    assert list(get_args(choices)) == [str(value) for value in values]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
        ("2027-01-31T12:30", datetime(2027, 1, 31, 12, 30, tzinfo=UTC)),
        ("2027-01-31T12:30:00-05:00", datetime(2027, 1, 31, 17, 30, tzinfo=UTC)),
        ("2027-01-31T12:30:00Z", datetime(2027, 1, 31, 12, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_as_utc_unless_it_has_a_zone(text: str, read: datetime) -> None:
    assert moment(text) == read
    assert moment(str(time_in_words(read))) == read


@pytest.mark.parametrize(
    "text",
    ["", "soon", "31.1.2027", "2027-13-01", "0001-01-01T00:00+23:00", "9999-12-31T23:59-23:00", "1899-12-31"],
)
def test_what_is_no_time_is_wrong_usage(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="a time is "):
        moment(text)


def test_text_that_no_database_takes_is_wrong_usage() -> None:
    assert utf8("Tür ☃") == "Tür ☃"
    with pytest.raises(typer.BadParameter):
        utf8("\udcff")


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (0.0, "none, as nobody was searched"),
        (1e-6, "in about 1 of 1,000,000 searches"),
        (0.0012, "in about 1 of 830 searches"),
        (0.5, "in about 1 of 2 searches"),
        (1.0, "about 1.0 in each search"),
        (1234.56, "about 1,234.6 in each search"),
    ],
)
def test_the_expected_number_of_false_matches_is_said_in_words(expected: float, words: str) -> None:
    assert expected_in_words(expected) == words


def test_an_erasure_is_told_in_a_line_every_few_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    lines = Lines(lambda: now[0])
    lines.begun(100_000)
    for _ in range(10):
        now[0] += 2
        lines.erased(10_000)
    assert capsys.readouterr().err.splitlines() == [
        "countenance: nobody can be found any more; erasing 100,000 faces",
        "countenance: 30,000 of 100,000 faces erased, 5,000 faces/s, 14 s left",
        "countenance: 60,000 of 100,000 faces erased, 5,000 faces/s, 8 s left",
        "countenance: 90,000 of 100,000 faces erased, 5,000 faces/s, 2 s left",
    ]

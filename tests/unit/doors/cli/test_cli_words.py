"""Names and numbers are safe to print and say no more than is known."""

from __future__ import annotations

import pytest

from countenance.doors.cli.words import count, percent, printable, rate_in_words


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Zoë 1.jpg", "Zoë 1.jpg"),
        ("[red]x[/red].jpg", "[red]x[/red].jpg"),
        ("a\nb\t\x1b[2J.jpg", r"a\nb\t\x1b[2J.jpg"),
        ("cat\u202egpj.exe", r"cat\u202egpj.exe"),
        ("caf\udce9.jpg", r"caf\xe9.jpg"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_is_not_a_visible_character_is_shown_as_its_escape(name: str, shown: str) -> None:
    assert printable(name) == shown


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (1.0, "nearly always"),
        (0.31, "about 3 times in 10"),
        (0.1, "about 1 time in 10"),
        (1 / 3412, "about 1 time in 3,400"),
        (1 / 99_600, "about 1 time in 100,000"),
        (1e-6, "at most 1 time in 1,000,000"),
    ],
)
def test_a_rate_is_said_in_words_with_two_digits(rate: float, words: str) -> None:
    assert rate_in_words(rate, smallest_known=1e-6) == words


@pytest.mark.parametrize(
    ("value", "shown"), [(100, "100.0 %"), (99.99, "99.9 %"), (99.9, "99.9 %"), (0.04, "0.0 %")]
)
def test_a_percentage_is_rounded_down_so_that_only_100_reads_100(value: float, shown: str) -> None:
    assert percent(value) == shown


def test_a_count_agrees_with_its_noun() -> None:
    assert [count(number, "face") for number in (0, 1, 2000)] == ["0 faces", "1 face", "2,000 faces"]

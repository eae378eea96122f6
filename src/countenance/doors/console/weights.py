"""Error rates as people say them: one in so many comparisons, one in so many searches."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from babel.numbers import format_decimal

if TYPE_CHECKING:
    from countenance.operations.weigh_answers import Weight

_SIGNIFICANT = 2
_FEW = 10
_MOST_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Rate:
    """How often two strangers are at least as alike.

    Attributes:
        one_in: in one of so many comparisons of different people.
        or_rarer: whether the data behind it cannot show anything rarer.
    """

    one_in: int
    or_rarer: bool


@dataclass(frozen=True, slots=True)
class Expected:
    """What a rate means among many.

    Attributes:
        rate: the rate.
        wrong: how many wrong answers a search is to be expected to give; None where fewer than one.
        one_search_in: of how many searches one gives a wrong answer; None where more than every second does.
    """

    rate: Rate
    wrong: float | None
    one_search_in: int | None


def rate_told(rate: float, least: float) -> Rate:
    """Return a false match rate as people say it; ``least`` is the smallest that its data can show."""
    return Rate(round_number(1 / rate), rate <= least * (1 + 1e-9))


def expected_told(weight: Weight, least: float) -> Expected:
    """Return what a similarity is worth in a collection, as people say it."""
    rate, expected = rate_told(weight.false_match_rate, least), weight.expected_false_matches
    if expected >= 1:
        return Expected(rate, float(round_number(expected)) if expected >= _FEW else round(expected, 1), None)
    if expected <= 0:
        return Expected(rate, None, None)
    # Of so many searches one has at least one wrong answer, where wrong answers come independently.
    return Expected(rate, None, round_number(1 / -math.expm1(-expected)))


def small_number(value: float, code: str) -> str:
    """Return a number that may be far below one, in a language, with two digits that count.

    >>> small_number(0.0000123, "en")
    '0.000012'
    """
    digits = _SIGNIFICANT - 1 - math.floor(math.log10(value)) if value > 0 else 0
    return format_decimal(round(value, max(digits, 0)), format=f"#,##0.{'#' * _MOST_DIGITS}", locale=code)


def round_number(value: float) -> int:
    """Return a whole number of two significant digits, at least 1.

    >>> round_number(12_345.6)
    12000
    """
    if value < _FEW:
        return max(1, round(value))
    digits = math.floor(math.log10(value)) - _SIGNIFICANT + 1
    return int(round(value / 10**digits) * 10**digits)

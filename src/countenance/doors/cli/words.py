"""Words and numbers as people read them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_MOST_TENTHS = 0.95
_FEWEST_TENTHS = 0.15


def printable(text: object) -> str:
    r"""Return text that is safe on a terminal: what is not a visible character becomes its escape.

    A file may be called anything. Control characters could move the cursor or colour the screen, those of
    direction could make a name read as another; both come out as ``\x1b`` or ``\u202e``.
    """
    return "".join(character if character.isprintable() else _escape(character) for character in str(text))


def _escape(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file name that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def count(number: int, noun: str) -> str:
    """Return the number and its noun: "1 face", "3 faces"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def time_in_words(time: datetime | None) -> str | None:
    """Return a time in UTC, to the second, as it may be typed again; None where there is none."""
    return time.isoformat(timespec="seconds").replace("+00:00", "Z") if time is not None else None


def percent(value: float) -> str:
    """Return a percentage with one decimal, rounded down, so that only 100 is shown as 100."""
    return f"{math.floor(value * 10 + 1e-6) / 10:.1f} %"


def rate_in_words(rate: float, *, smallest_known: float = 0.0) -> str:
    """Return how often strangers look that alike: "about 1 time in 3,400".

    Args:
        rate: the false match rate, above 0.
        smallest_known: the smallest rate that the calibration's data can show; the true one may be lower.
    """
    if rate > _MOST_TENTHS:
        return "nearly always"
    if rate > _FEWEST_TENTHS:
        return f"about {round(rate * 10)} times in 10"
    times = f"1 time in {_two_digits(1 / rate):,}"
    return f"{'at most' if rate <= smallest_known * 1.001 else 'about'} {times}"


def expected_in_words(expected: float) -> str:
    """Return how many false matches to expect: "in about 1 of 830 searches" or "1.2 in each search"."""
    if expected <= 0:
        return "none, as nobody was searched"
    if expected > _MOST_TENTHS:
        return f"about {expected:,.1f} in each search"
    return f"in about 1 of {_two_digits(1 / expected):,} searches"


def _two_digits(value: float) -> int:
    return int(float(f"{value:.1e}"))

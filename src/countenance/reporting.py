"""What a report is: sections of facts and tables, as values that doors show as JSON or as a page.

Every section, fact and column has a key that stays the same from version to version, for programs, and words
for people. What the system cannot know is `ToBeFilledIn`, never invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_DIGITS, _SMALL_DIGITS = 3, 2
_SMALL = 1e-3
"""Below this, powers of ten are easier to read than zeros."""
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class ToBeFilledIn:
    """A fact that the system does not know; ``by`` says who does, such as "the controller"."""

    by: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in a report; ``shows`` describes it to who cannot see it."""

    content: bytes
    media_type: str
    shows: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """A long list of numbers, such as a template."""

    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, its 95 % interval and what stands behind it.

    Attributes:
        value: the figure; None where the data cannot tell it.
        low: the lower end of the interval; None where there is no interval.
        high: its upper end.
        errors: how many errors were counted, where the figure is a rate of errors.
        trials: out of how many.
        subjects: how many people stand behind it.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    errors: int | None = None
    trials: int | None = None
    subjects: int | None = None

    def __str__(self) -> str:
        """Return "0.0123 (0.0101–0.0150)", or "1.2 × 10⁻⁵ (0.9–1.6 × 10⁻⁵)" where the figure is small."""
        if self.value is None:
            return "not estimable"
        if self.low is None or self.high is None:
            return rounded(self.value)
        power, decimals = _format(self.value or self.high)
        low, high = (f"{end / 10.0**power:,.{decimals}f}" for end in (self.low, self.high))
        ends = f"{low if self.low else 0}–{high}{_times(power)}"
        return f"{rounded(self.value)} ({ends})"


Plain = str | int | float | bool | datetime | timedelta | None
Value = Plain | tuple[str, ...] | Estimate | Picture | Numbers | ToBeFilledIn
"""None where there is nothing, which is a fact as well."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: its key, what it is called and what it is."""

    key: str
    label: str
    value: Value


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its key and its heading."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table; each row has a value for each column, and ``empty`` is said where there is no row."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    empty: str = "There are none."


@dataclass(frozen=True, slots=True)
class Figure:
    """A plot.

    Attributes:
        caption: what it shows, in a line.
        svg: the plot, which stands by itself and is drawn for a white ground.
        shows: what is to be seen in it, for who cannot see it.
        data: its numbers, for them and for who copies them.
    """

    caption: str
    svg: bytes
    shows: str
    data: Table


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report; ``law`` names the text that asks for it, where one does."""

    key: str
    heading: str
    law: str | None
    text: str
    facts: tuple[Fact, ...] = ()
    table: Table | None = None
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A report.

    Attributes:
        kind: which report it is, such as processing, retention, accountability or subject.
        title: what it is called.
        introduction: what it is and what it rests on.
        generated_at: when it was made.
        request_id: the request that made it, which is in the ledger; None where no service made it.
        ledger_checkpoint: where the ledger stood then, signed; empty where it had no entry yet, None where
            the report is not of a service's records.
        sections: its parts.
    """

    kind: str
    title: str
    introduction: str
    generated_at: datetime
    request_id: str | None
    ledger_checkpoint: str | None
    sections: tuple[Section, ...]


def columns(**labels: str) -> tuple[Column, ...]:
    """Return columns by key: ``columns(faces="Faces")``."""
    return tuple(Column(key, label) for key, label in labels.items())


def rounded(value: float) -> str:
    """Return "0.0123" or "12.3"; a small number as "1.2 × 10⁻⁵"."""
    if not value:
        return "0"
    power, decimals = _format(value)
    return f"{value / 10.0**power:,.{decimals}f}{_times(power)}"


def power_of_ten(exponent: int) -> str:
    """Return "10⁻⁵"."""
    return f"10{str(exponent).translate(_SUPERSCRIPTS)}"


def _format(value: float) -> tuple[int, int]:
    """Return the power of ten that a number is told in, and how many decimals it has then."""
    if not value:
        return 0, 0
    if abs(value) < _SMALL:
        return _magnitude(value, _SMALL_DIGITS), _SMALL_DIGITS - 1
    return 0, max(0, _DIGITS - 1 - _magnitude(value, _DIGITS))


def _magnitude(value: float, digits: int) -> int:
    """Return the power of ten of a number's first digit, once it is rounded."""
    return int(f"{value:.{digits - 1}e}".partition("e")[2])


def _times(power: int) -> str:
    return f" × {power_of_ten(power)}" if power else ""

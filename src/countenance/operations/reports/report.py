"""What a report is: sections of facts and tables, as values that doors show as JSON or as a page.

Every section, fact and column has a key that stays the same from version to version, for programs, and words
for people. What the system cannot know is `ToBeFilledIn`, never invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countenance.ledger import LedgerReader
    from countenance.operations.acts import Act


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


Plain = str | int | float | bool | datetime | timedelta | None
Value = Plain | tuple[str, ...] | Picture | Numbers | ToBeFilledIn
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
class Section:
    """A part of a report; ``law`` names the text that asks for it, where one does."""

    key: str
    heading: str
    law: str | None
    text: str
    facts: tuple[Fact, ...] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A report.

    Attributes:
        kind: processing, retention, accountability or subject.
        title: what it is called.
        introduction: what it is and what it rests on.
        generated_at: when it was made.
        request_id: the request that made it, which is in the ledger.
        ledger_checkpoint: where the ledger stood then, signed; empty where it had no entry yet.
        sections: its parts.
    """

    kind: str
    title: str
    introduction: str
    generated_at: datetime
    request_id: str
    ledger_checkpoint: str
    sections: tuple[Section, ...]


def columns(**labels: str) -> tuple[Column, ...]:
    """Return columns by key: ``columns(faces="Faces")``."""
    return tuple(Column(key, label) for key, label in labels.items())


def made(
    act: Act, ledger: LedgerReader, title: str, introduction: str, sections: tuple[Section, ...]
) -> Report:
    """Return the report that an act has made of these sections, and where the ledger stands."""
    kind = act.operation.removeprefix("report_")
    checkpoint = ledger.head().checkpoint
    return Report(kind, title, introduction, datetime.now(UTC), act.request_id, checkpoint, sections)

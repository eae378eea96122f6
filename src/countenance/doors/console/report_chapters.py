"""Long reports in parts, so that no page of the console is larger than a browser and the server like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countenance.reporting import Report, Section, Table

MOST_BYTES = 1_500_000
_BYTES_OF_A_CELL = 60
_BASE64 = 4 / 3


@dataclass(frozen=True, slots=True)
class Chapter:
    """Sections that are shown on one page, with their numbers in the report, from 1."""

    number: int
    sections: tuple[tuple[int, Section], ...]


def chapters_of(report: Report) -> list[Chapter]:
    """Return a report's sections by page: one after another, as many as a page may have; at least one."""
    chapters: list[list[tuple[int, Section]]] = [[]]
    size = 0.0
    for number, section in enumerate(report.sections, 1):
        weight = _weight(section)
        if chapters[-1] and size + weight > MOST_BYTES:
            chapters.append([])
            size = 0.0
        chapters[-1].append((number, section))
        size += weight
    return [Chapter(number, tuple(sections)) for number, sections in enumerate(chapters, 1)]


def _weight(section: Section) -> float:
    """Return about how many bytes a section takes on a page."""
    plots = sum(len(figure.svg) * _BASE64 + _cells(figure.data) for figure in section.figures)
    return plots + (_cells(section.table) if section.table is not None else 0)


def _cells(table: Table) -> int:
    return len(table.rows) * len(table.columns) * _BYTES_OF_A_CELL

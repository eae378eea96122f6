"""A report as one page that stands by itself: no script, nothing loaded from elsewhere, fit for printing."""

from __future__ import annotations

import base64
import functools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from countenance.doors.pages import page_template, visible
from countenance.operations.reports.words import duration_in_iso, duration_in_words
from countenance.reporting import Estimate, Figure, Numbers, Picture, ToBeFilledIn, rounded

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Template

    from countenance.reporting import Report, Section, Table, Value

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""What a browser is told that the page may load: its own style, and the pictures that are in it."""

_SMALL = 0.001
_EXACT = ("_id", "sha256", "pseudonym", "licence_url")


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as the page shows it.

    Attributes:
        kind: none, text, code, number, time, list, picture, numbers or blank.
        text: what is read.
        exact: the same for machines: a time, a duration, a picture's data; how many numbers it is.
        items: the parts of a list.
    """

    kind: str
    text: str
    exact: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownTable:
    """The rows of a table as the page shows them, and by column whether it holds numbers."""

    kinds: tuple[str, ...]
    rows: tuple[tuple[Shown, ...], ...]


def report_page(report: Report) -> str:
    """Return a report as HTML."""
    blanks = [(number, section) for number, section in enumerate(report.sections, 1) if _blanks(section)]
    return _template().render(report=report, blanks=blanks, policy=POLICY)


def shown(value: Value, key: str = "") -> Shown:
    """Return how a value is shown; the key of its fact or column says which texts are exact."""
    match value:
        case None:
            return Shown("none", "none")
        case bool():
            return Shown("text", "yes" if value else "no")
        case int():
            return Shown("number", f"{value:,}")
        case float():
            return Shown("number", rounded(value) if value < _SMALL else f"{Decimal(f'{value:.4g}'):,f}")
        case Estimate():
            return Shown("number", str(value))
        case str():
            return Shown("code" if key.endswith(_EXACT) else "text", value)
        case datetime():
            return Shown("time", f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC", value.isoformat())
        case timedelta():
            return Shown("time", duration_in_words(value), duration_in_iso(value))
    return _composed(value)


def shown_table(table: Table) -> ShownTable:
    """Return how a table is shown."""
    keys = [column.key for column in table.columns]
    rows = tuple(tuple(map(shown, row, keys)) for row in table.rows)
    kinds = [
        "number" if any(cell.kind == "number" for cell in cells) else "text"
        for cells in zip(*rows, strict=True)
    ]
    return ShownTable(tuple(kinds or ["text"] * len(keys)), rows)


def _composed(value: tuple[str, ...] | Picture | Numbers | ToBeFilledIn) -> Shown:
    match value:
        case Picture():
            return Shown("picture", value.shows, _data_address(value))
        case Numbers():
            numbers = " ".join(f"{number:.9g}" for number in value.values)
            return Shown("numbers", numbers, f"{len(value.values)} numbers")
        case ToBeFilledIn():
            return Shown("blank", f"to be filled in by {value.by}")
    items = tuple("all" if item == "*" else item for item in value)
    if len(items) > 1:
        return Shown("list", "", items=items)
    return Shown("text", items[0]) if items else Shown("none", "none")


def _blanks(section: Section) -> bool:
    cells = [cell for row in section.table.rows for cell in row] if section.table is not None else []
    return any(isinstance(value, ToBeFilledIn) for value in [*(f.value for f in section.facts), *cells])


def _data_address(picture: Picture) -> str:
    encoded = base64.b64encode(picture.content).decode()
    return f"data:{picture.media_type};base64,{encoded}"


def _plot(figure: Figure) -> str:
    return _data_address(Picture(figure.svg, "image/svg+xml", figure.shows))


FILTERS: dict[str, Callable[..., Any]] = {"shown": shown, "shown_table": shown_table, "plot": _plot}
"""What the templates of reports call."""


@functools.cache
def _template() -> Template:
    return page_template("report.html", visible, FILTERS)

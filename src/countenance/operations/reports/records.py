"""A report as JSON holds it: numbers as numbers, times and durations in ISO 8601, pictures in base64."""

from __future__ import annotations

import base64
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from countenance.operations.reports.words import duration_in_iso
from countenance.reporting import Estimate, Numbers, Picture, ToBeFilledIn

if TYPE_CHECKING:
    from countenance.reporting import Figure, Report, Section, Table, Value

FORMAT = "countenance-report/1"


def report_record(report: Report) -> dict[str, Any]:
    """Return a report as JSON; what a person must add is null, and named in ``to_be_filled_in``."""
    return {
        "type": FORMAT,
        "kind": report.kind,
        "title": report.title,
        "introduction": report.introduction,
        "generated_at": report.generated_at.isoformat(),
        "request_id": report.request_id,
        "ledger_checkpoint": report.ledger_checkpoint,
        "sections": [_section(section) for section in report.sections],
    }


def _section(section: Section) -> dict[str, Any]:
    blank = {fact.key for fact in section.facts if isinstance(fact.value, ToBeFilledIn)}
    if section.table is not None:
        cells = (zip(section.table.columns, row, strict=True) for row in section.table.rows)
        blank |= {column.key for row in cells for column, value in row if isinstance(value, ToBeFilledIn)}
    return {
        "key": section.key,
        "heading": section.heading,
        "law": section.law,
        "text": section.text,
        "facts": {fact.key: _value(fact.value) for fact in section.facts},
        "table": _table(section.table) if section.table is not None else None,
        "to_be_filled_in": sorted(blank),
        **({"figures": [_figure(figure) for figure in section.figures]} if section.figures else {}),
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {"caption": figure.caption, "shows": figure.shows, "data": _table(figure.data)}


def _table(table: Table) -> dict[str, Any]:
    keys = [column.key for column in table.columns]
    return {
        "caption": table.caption,
        "columns": {column.key: column.label for column in table.columns},
        "rows": [dict(zip(keys, map(_value, row), strict=True)) for row in table.rows],
    }


def _value(value: Value) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return duration_in_iso(value)
        case Picture():
            encoded = base64.b64encode(value.content).decode()
            return {"media_type": value.media_type, "base64": encoded}
        case Estimate():
            return asdict(value)
        case Numbers():
            return list(value.values)
        case tuple():
            return list(value)
        case ToBeFilledIn():
            return None
    return value

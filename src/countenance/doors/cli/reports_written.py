"""Reports, handed out as JSON and as a page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from countenance.doors.cli.files import write_content
from countenance.doors.cli.outcomes import tell
from countenance.doors.cli.records import json_line
from countenance.doors.report_pages import report_page
from countenance.operations.reports.records import report_record

if TYPE_CHECKING:
    from pathlib import Path

    from countenance.reporting import Report


def write_report(report: Report, html: Path | None, into: Path | None) -> None:
    """Write a report to files that only their owner may read; where none is named, print its JSON.

    Raises:
        FileNotWritten: a file could not be written.
    """
    record = report_record(report)
    if html is None and into is None:
        print(json_line(record))
    if into is not None:
        write_json(record, into)
    if html is not None:
        write_content(html, report_page(report).encode(), private=True)
        tell(f"wrote {html}")


def write_json(record: dict[str, Any], into: Path) -> None:
    """Write JSON to a file that only its owner may read.

    Raises:
        FileNotWritten: it could not be written.
    """
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, indent=2)
    write_content(into, f"{text}\n".encode(), private=True)
    tell(f"wrote {into}")

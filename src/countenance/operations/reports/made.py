"""The last step of each report that the system makes of its own records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countenance.reporting import Report

if TYPE_CHECKING:
    from countenance.ledger import LedgerReader
    from countenance.operations.acts import Act
    from countenance.reporting import Section


def made(
    act: Act, ledger: LedgerReader, title: str, introduction: str, sections: tuple[Section, ...]
) -> Report:
    """Return the report that an act has made of these sections, and where the ledger stands."""
    kind = act.operation.removeprefix("report_")
    checkpoint = ledger.head().checkpoint
    return Report(kind, title, introduction, datetime.now(UTC), act.request_id, checkpoint, sections)
